"""Pages of a group's own page, its dates, answers and attendance."""

from collections.abc import Iterable
from datetime import date
from functools import partial

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from supervision.groups import policy as groups_policy
from supervision.groups import queries as groups
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import to_wall
from supervision.meetings import forms, mails, policy, queries, rules, series, services
from supervision.meetings.models import Meeting
from supervision.orgs.models import Assignment
from supervision.orgs.policy import may_run_assignment
from supervision.orgs.queries import get_assignment
from supervision.store.database import session
from supervision.web.edge import edge, now
from supervision.web.guard import guard
from supervision.web.messages import sentence
from supervision.web.page import attempt, go_on, page, refuse, relative_only, see_other

bp = Blueprint("meetings", __name__)


@bp.route("/assignments/<uuid:assignment_id>/groups/new", methods=["GET", "POST"])
@guard(get_assignment, may_run_assignment)
def open_group(actor: Actor, assignment: Assignment) -> Response:
    """Show the dates a group would get, and open it."""
    form = forms.GroupForm(seats=assignment.seats_max, place=assignment.place, online_link=assignment.online_link)
    lines: tuple[services.PlanLine, ...] = ()
    if form.validate_on_submit():
        if request.form.get("step") == "open":
            made = attempt(form, partial(services.open_group, session(), actor, assignment, **form.facts(), now=now()))
            if made is not None:
                return see_other(".show_group", group_id=made.id, said=_("%(name)s is open.", name=made.name))
        lines = _planned(form, assignment)
    kept = len(rules.kept(line.planned for line in lines))
    return page(
        "meetings/open_group.html",
        form=form,
        assignment=assignment,
        lines=lines,
        sentences=_sentences(lines),
        kept=kept,
        zone=assignment.organisation.zone,
    )


def _planned(form: forms.GroupForm, assignment: Assignment) -> tuple[services.PlanLine, ...]:
    facts = form.facts()
    when = {name: facts[name] for name in ("first_on", "at_local", "place")}
    try:
        return services.plan_series(session(), assignment, **when, now=now())
    except RuleBroken as broken:
        if not form.errors:
            refuse(form, broken.refusal)
        return ()


@bp.route("/groups/<uuid:group_id>")
@guard(groups.get_own_group, groups_policy.may_see_group)
def show_group(actor: Actor, group: Group) -> Response:
    """Show a group's own page: its next meeting, its dates, who sits at the table."""
    found = queries.meetings_of(session(), [group.id])
    ahead = [one for one in found if one.ends_at > now() and one.status != "held"]
    following = next((one for one in ahead if one.status in queries.AHEAD), None)
    may_run = groups_policy.may_run_group(actor, group)
    members = groups.members_of(session(), group.id)
    return page(
        "meetings/show_group.html",
        group=group,
        ahead=ahead,
        earlier=[one for one in reversed(found) if one not in ahead],
        following=following,
        members=members,
        may_run=may_run,
        is_member=groups_policy.is_member(actor, group),
        answers={} if may_run else queries.answers_of(session(), actor.id, [one.id for one in ahead]),
        coming=queries.coming_counts(session(), [following.id]) if may_run and following else {},
        can_answer=following is not None and _can_answer(following),
        can_extend=may_run and series.can_extend(group, found),
    )


@bp.route("/groups/<uuid:group_id>/answers", methods=["GET", "POST"])
@guard(groups.get_own_group, groups_policy.is_member)
def answers(actor: Actor, group: Group) -> Response:
    """Say to which of the dates ahead one can't come."""
    meetings = queries.planned_ahead(session(), group.id, now())
    known = queries.answers_of(session(), actor.id, [one.id for one in meetings])
    form = forms.AnswersForm(away_from=[str(meeting_id) for meeting_id, is_coming in known.items() if not is_coming])
    form.offer(meetings)
    if form.validate_on_submit():
        services.answer_ahead(session(), actor, group, away_from=form.away(), now=now())
        return see_other(".show_group", group_id=group.id, said=_("Your answers are noted."))
    return page("meetings/answers.html", form=form, group=group, meetings=meetings)


@bp.route("/groups/<uuid:group_id>/dates/new", methods=["GET", "POST"])
@guard(groups.get_own_group, groups_policy.may_run_group)
def add(actor: Actor, group: Group) -> Response:
    """Add a date outside the series; a holiday or a break week is asked about first."""
    form = forms.DateForm(at_local=group.at_local, place=group.place)
    off = None
    if form.validate_on_submit():
        off = _off_day(group, form)
        if off is None:
            made = attempt(form, partial(services.add_date, session(), actor, group, **form.facts(), now=now()))
            if made is not None:
                mails.tell_added(session(), made, now=now())
                return see_other(".show_group", group_id=group.id, said=_("The date is added. Everyone gets a mail."))
    return page("meetings/add.html", form=form, group=group, off=off)


def _off_day(group: Group, form: forms.DateForm) -> tuple[rules.SkipReason, str | None] | None:
    """Return why a date is unusual, unless the supervisor has been told and confirms it."""
    on = form.facts()["on"]
    reason, name = series.off_day(group, on)
    return None if reason is None or form.is_confirmed else (reason, name)


@bp.route("/groups/<uuid:group_id>/dates/extend", methods=["GET", "POST"])
@guard(groups.get_own_group, groups_policy.may_run_group)
def extend(actor: Actor, group: Group) -> Response:
    """Show the series' next dates until a day within the assignment, and add them."""
    form = forms.ExtendForm(until_on=group.assignment.ends_on)
    lines: tuple[services.PlanLine, ...] = ()
    if form.validate_on_submit():
        until_on = form.until_on.data or group.assignment.ends_on
        if request.form.get("step") == "add":
            extend_it = partial(series.extend_series, session(), actor, group, until_on=until_on, now=now())
            added = attempt(form, extend_it)
            if added is not None:
                mails.tell_extended(session(), group, added, now=now())
                return see_other(".show_group", group_id=group.id, said=_("The dates are added. Everyone gets a mail."))
        else:
            plan = partial(series.plan_extension, session(), group, until_on=until_on, now=now())
            lines = attempt(form, plan) or ()
    return page("meetings/extend.html", form=form, group=group, lines=lines, sentences=_sentences(lines))


@bp.route("/meetings/<uuid:meeting_id>")
@guard(queries.get_meeting, policy.may_see_meeting)
def show(actor: Actor, meeting: Meeting) -> Response:
    """Show one meeting: when, where and who comes."""
    return _meeting_page(actor, meeting)


def _meeting_page(actor: Actor, meeting: Meeting, form: forms.AnswerForm | None = None) -> Response:
    may_run = policy.may_run_meeting(actor, meeting)
    said = queries.answers_for(session(), meeting.id)
    was_there = queries.attendance_for(session(), meeting.id)
    people = queries.seated_at(session(), meeting) if may_run else []
    cannot = [person for person in people if said.get(person.id) is False]
    coming = len(people) - len(cannot)
    until = rules.in_time_until(meeting.starts_at, meeting.group.assignment.late_cancel_days)
    return page(
        "meetings/show.html",
        form=form,
        meeting=meeting,
        group=meeting.group,
        may_run=may_run,
        people=people,
        cannot=cannot,
        coming=coming,
        is_few=meeting.status == "planned" and meeting.runs_anyway_at is None and rules.asks_whether_to_run(coming),
        in_time_until=until if now() <= until else None,
        is_member=policy.may_answer(actor, meeting),
        own_answer=said.get(actor.id),
        own_kind=was_there.get(actor.id),
        was_there=was_there if may_run else {},
        kinds=forms.KINDS,
        can_answer=_can_answer(meeting),
        can_record=_can_record(meeting),
    )


@bp.route("/meetings/<uuid:meeting_id>/answer", methods=["POST"])
@guard(queries.get_meeting, policy.may_answer)
def answer(actor: Actor, meeting: Meeting) -> Response:
    """Note whether the member comes; one tap."""
    form = forms.AnswerForm()
    if not form.validate_on_submit():
        return _meeting_page(actor, meeting, form)
    is_coming = form.is_coming.data == "yes"
    try:
        services.answer(session(), actor, meeting, is_coming=is_coming, now=now())
    except RuleBroken as broken:
        refuse(form, broken.refusal)
        return _meeting_page(actor, meeting, form)
    return go_on(relative_only(form.next.data, url_for(".show", meeting_id=meeting.id)))


@bp.route("/meetings/<uuid:meeting_id>/move", methods=["GET", "POST"])
@guard(queries.get_meeting, policy.may_run_meeting)
def move(actor: Actor, meeting: Meeting) -> Response:
    """Move a meeting, alone or with all that follow; answers start anew and everyone gets a mail."""
    wall = to_wall(meeting.starts_at, meeting.group.zone)
    form = forms.MoveForm(on=wall.date(), at_local=wall.time(), place=meeting.place)
    off = None
    lines: tuple[series.MoveLine, ...] = ()
    if form.validate_on_submit():
        off = _off_day(meeting.group, form)
        if form.moves_all and not form.is_confirmed:
            plan = partial(series.plan_following, session(), meeting, **form.facts(), now=now())
            lines = attempt(form, plan) or ()
        elif off is None and (_move_all if form.moves_all else _move_one)(actor, meeting, form):
            return see_other(".show", meeting_id=meeting.id, said=_("The meeting is moved. Everyone gets a mail."))
    return page("meetings/move.html", form=form, meeting=meeting, off=off, lines=lines, sentences=_sentences(lines))


def _move_one(actor: Actor, meeting: Meeting, form: forms.MoveForm) -> bool:
    was_at = attempt(form, partial(services.move, session(), actor, meeting, **form.facts(), now=now()))
    if was_at is not None:
        mails.tell_moved(session(), meeting, was_at, now=now())
    return was_at is not None


def _move_all(actor: Actor, meeting: Meeting, form: forms.MoveForm) -> bool:
    moved = attempt(form, partial(series.move_following, session(), actor, meeting, **form.facts(), now=now()))
    if moved is not None:
        mails.tell_series_moved(session(), meeting.group, [line.meeting for line in moved], now=now())
    return moved is not None


def _sentences(lines: Iterable[services.PlanLine | series.MoveLine]) -> dict[date, str]:
    """Return day -> why it cannot be had."""
    return {line.planned.local_on: sentence(line.refusal) for line in lines if line.refusal}


@bp.route("/meetings/<uuid:meeting_id>/cancel", methods=["GET", "POST"])
@guard(queries.get_meeting, policy.may_run_meeting)
def cancel(actor: Actor, meeting: Meeting) -> Response:
    """Cancel a meeting; everyone gets a mail."""
    form = forms.CancelForm()
    if form.validate_on_submit():
        by_supervisor = form.who.data == "supervisor"
        attempt(form, partial(services.cancel, session(), actor, meeting, by_supervisor=by_supervisor, now=now()))
        if not form.errors:
            mails.tell_cancelled(session(), meeting, now=now())
            return see_other(".show", meeting_id=meeting.id, said=_("The meeting is cancelled. Everyone gets a mail."))
    until = rules.in_time_until(meeting.starts_at, meeting.group.assignment.late_cancel_days)
    return page("meetings/cancel.html", form=form, meeting=meeting, in_time_until=until, is_late=now() > until)


@bp.route("/meetings/<uuid:meeting_id>/attendance", methods=["GET", "POST"])
@guard(queries.get_meeting, policy.may_run_meeting)
def attendance(actor: Actor, meeting: Meeting) -> Response:
    """Record who was there, everyone in one go."""
    people = queries.seated_at(session(), meeting)
    known = queries.attendance_for(session(), meeting.id)
    away = [person_id for person_id, comes in queries.answers_for(session(), meeting.id).items() if not comes]
    seen = {} if known else edge().presence(session(), meeting.id)
    form = forms.attendance_form(people, known, seen, away)
    if form.validate_on_submit():
        kinds = forms.kinds_of(form)
        attempt(form, partial(services.record_attendance, session(), actor, meeting, kinds=kinds, now=now()))
        if not form.errors:
            return see_other(".show", meeting_id=meeting.id, said=_("Attendance is recorded."))
    rows = [form[f"kind_{person.id.hex}"] for person in people]
    return page("meetings/attendance.html", form=form, meeting=meeting, rows=rows, can_record=_can_record(meeting))


def _can_answer(meeting: Meeting) -> bool:
    return rules.can_answer(rules.Status(meeting.status), meeting.starts_at, now())


def _can_record(meeting: Meeting) -> bool:
    return meeting.status == "held" or (meeting.status == "planned" and meeting.starts_at <= now())
