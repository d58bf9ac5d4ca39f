"""Pages of cases and dilemmas: write, show, take back, choose, and whose turn it is."""

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.cases import forms, policy, queries, services, words
from supervision.cases.models import Case
from supervision.cases.rules import text as texts
from supervision.cases.rules.states import PURGE_DAYS, CaseState, group_reads_on, is_authors_alone, purge_on
from supervision.cases.rules.text import CaseText
from supervision.groups.models import Group
from supervision.groups.policy import may_see_group
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import local_day
from supervision.meetings import queries as meetings
from supervision.meetings.models import Meeting
from supervision.store.database import session
from supervision.web.dates import day_of, sentence_case
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor
from supervision.web.messages import sentence
from supervision.web.page import attempt, go_on, page, relative_only, see_other
from supervision.web.texts import text_seal
from supervision.web.typed import gives_back

bp = Blueprint("cases", __name__)
bp.add_app_template_filter(words.turn_sentence, "turn_sentence")


@dataclass(frozen=True, slots=True)
class Entry:
    """A case in a list: the row, its title, and whether the reader wrote it."""

    case: Case
    title: str
    is_own: bool


def get_case(session: Session, actor: Actor, case_id: uuid.UUID) -> Case | None:
    """Return a case this actor may read at the instant of this request."""
    return queries.get_case(session, actor, case_id, now())


@bp.route("/cases")
@guard_actor(policy.may_have_cases)
def my_cases(actor: Actor) -> Response:
    """Show the reader's own cases in all groups, and where they may write one."""
    return page(
        "cases/my_cases.html",
        entries=_entries(actor, queries.own_cases(session(), actor)),
        groups=queries.groups_to_write_in(session(), actor),
        words=words,
    )


@bp.route("/groups/<uuid:group_id>/cases")
@guard(queries.get_group, may_see_group)
def group_cases(actor: Actor, group: Group) -> Response:
    """Show a group's cases that the reader may read, and whose turn it is."""
    return page(
        "cases/group_cases.html",
        group=group,
        entries=_entries(actor, queries.cases_of_group(session(), actor, group, now())),
        turn=queries.whose_turn(session(), actor, group, now()),
        may_write=policy.may_write(actor, group),
        words=words,
    )


@bp.route("/groups/<uuid:group_id>/cases/new", methods=["GET", "POST"])
@guard(queries.get_group, policy.may_write)
@gives_back(forms.CaseForm)
def write(actor: Actor, group: Group) -> Response:
    """Prepare a new case."""
    form = forms.CaseForm()
    text = _typed(form, CaseText())
    if form.validate_on_submit():
        case = attempt(form, partial(_save_new, actor, group, text, form.facts()))
        if case is not None:
            return _after_saving(case)
    return _case_page(form, group, text, None)


@bp.route("/cases/<uuid:case_id>/edit", methods=["GET", "POST"])
@guard(get_case, policy.may_edit)
@gives_back(forms.CaseForm)
def edit(actor: Actor, case: Case) -> Response:
    """Change a case that has not been presented."""
    saved = services.open_text(text_seal(to_change=True), case)
    form = forms.CaseForm(data=forms.CaseForm.filled(case, saved))
    text = _typed(form, saved)
    if form.validate_on_submit() and attempt(form, partial(_save, actor, case, text, form.facts())):
        return _after_saving(case)
    return _case_page(form, case.group, text, case)


@bp.route("/cases/<uuid:case_id>")
@guard(get_case, policy.may_read)
def show(actor: Actor, case: Case) -> Response:
    """Show a case to one of its readers."""
    meeting = case.meeting or meetings.next_meeting(session(), case.group_id, now())
    may_choose = policy.may_choose(actor, case)
    return page(
        "cases/show.html",
        form=_choose_form(case) if may_choose and case.status == CaseState.OFFERED else None,
        case=case,
        text=services.open_text(text_seal(), case),
        is_own=policy.is_author(actor, case),
        may_edit=policy.may_edit(actor, case),
        may_choose=may_choose,
        words=words,
        **_days(case.group, meeting),
    )


@bp.route("/cases/<uuid:case_id>/withdraw", methods=["POST"])
@guard(get_case, policy.is_author)
def withdraw(actor: Actor, case: Case) -> Response:
    """Take a case back."""
    services.withdraw(session(), actor, case, now=now())
    return see_other(".show", case_id=case.id, said=_("You have taken it back. Only you see it."))


@bp.route("/cases/<uuid:case_id>/choose", methods=["POST"])
@guard(get_case, policy.may_choose)
def choose(actor: Actor, case: Case) -> Response:
    """Choose an offered case for a meeting."""
    coming = {str(one.id): one for one in queries.coming_meetings(session(), case.group_id, now())}
    meeting = coming.get(request.form.get("meeting_id", ""))
    if meeting is None:
        return see_other(".show", case_id=case.id, said=_("Choose one of the group's coming meetings."))
    services.choose(session(), actor, case, meeting, now=now())
    return see_other(
        ".show", case_id=case.id, said=_("Chosen for %(day)s.", day=day_of(meeting.starts_at, case.group.zone))
    )


@bp.route("/cases/<uuid:case_id>/postpone", methods=["POST"])
@guard(get_case, policy.may_choose)
def postpone(actor: Actor, case: Case) -> Response:
    """Put a chosen case back among the offered."""
    services.postpone(session(), actor, case, now=now())
    return see_other(".show", case_id=case.id, said=_("It is back among the cases that are shown."))


@bp.route("/cases/<uuid:case_id>/told", methods=["POST"])
@guard(get_case, policy.may_choose)
def told(actor: Actor, case: Case) -> Response:
    """Note that a chosen case has been told."""
    services.told(session(), actor, case, now=now())
    return see_other(".show", case_id=case.id, said=_("It is noted that the case was told."))


@bp.route("/groups/<uuid:group_id>/cases/step-back", methods=["POST"])
@guard(queries.get_group, policy.may_write)
def step_back(actor: Actor, group: Group) -> Response:
    """Let the one who is next wait."""
    services.step_back(session(), actor, group, now=now())
    return see_other(
        ".group_cases", group_id=group.id, said=_("You wait this time. It costs nothing, your balance stays.")
    )


@bp.route("/groups/<uuid:group_id>/cases/can-take-turn", methods=["POST"])
@guard(queries.get_group, policy.may_write)
def can_take_turn(actor: Actor, group: Group) -> Response:
    """Say "I can take a turn" at the next meeting without a written case, or take it back."""
    is_taken_back = request.form.get("do") == "take_back"
    do = services.take_back_willing if is_taken_back else services.say_willing
    try:
        do(session(), actor, group, now=now())
    except RuleBroken as broken:
        return see_other(".group_cases", group_id=group.id, said=sentence(broken.refusal))
    flash(_("Taken back. It costs nothing.") if is_taken_back else _("The supervisor sees that you can take a turn."))
    return go_on(relative_only(request.form.get("next"), url_for(".group_cases", group_id=group.id)))


def _entries(actor: Actor, cases: Any) -> list[Entry]:  # noqa: ANN401 - a sequence of cases from a query
    key = text_seal()
    return [Entry(case, services.open_text(key, case).title, case.author_id == actor.person_id) for case in cases]


def _typed(form: forms.CaseForm, saved: CaseText) -> CaseText:
    """Return the answers as typed, after what a button of the list of marks asks for."""
    return texts.after_button(form.text(saved.let_stand), request.form, str(words.REPLACEMENT))


def _save_new(actor: Actor, group: Group, text: CaseText, facts: services.CaseFacts) -> Case:
    case = services.write(session(), text_seal(), actor, group, text=text, facts=facts, now=now())
    _offer_if_asked(actor, case)
    return case


def _save(actor: Actor, case: Case, text: CaseText, facts: services.CaseFacts) -> bool:
    services.edit(session(), text_seal(), case, text=text, facts=facts, now=now())
    _offer_if_asked(actor, case)
    return True


def _offer_if_asked(actor: Actor, case: Case) -> None:
    if request.form.get("do") == "offer" and is_authors_alone(CaseState(case.status)):
        services.offer(session(), text_seal(), actor, case, now=now())


def _after_saving(case: Case) -> Response:
    if request.form.get("do") == "offer":
        return see_other(".show", case_id=case.id, said=_("The supervisor sees it now."))
    is_alone = is_authors_alone(CaseState(case.status))
    said = _("It is saved. Only you see it.") if is_alone else _("It is saved.")
    return see_other(".edit", case_id=case.id, said=said)


def _case_page(form: forms.CaseForm, group: Group, text: CaseText, case: Case | None) -> Response:
    pieces, found = texts.marked(text)
    meeting = (case.meeting if case else None) or meetings.next_meeting(session(), group.id, now())
    return page(
        "cases/edit.html",
        form=form,
        group=group,
        case=case,
        pieces=pieces,
        found=found,
        has_text=any(pieces.values()),
        words=words,
        **_days(group, meeting),
    )


def _days(group: Group, meeting: Meeting | None) -> dict[str, Any]:
    """Return the days of a case's life: when the group reads it, when it is told, when its text is deleted."""
    if meeting is None:
        return {"group_reads": None, "reads_now": False, "meets_on": None, "purged_on": None, "purge_days": PURGE_DAYS}
    meets_on = local_day(meeting.starts_at, group.zone)
    return {
        "group_reads": group_reads_on(meets_on),
        "reads_now": group_reads_on(meets_on) <= local_day(now(), group.zone),
        "meets_on": meets_on,
        "purged_on": purge_on(meets_on),
        "purge_days": PURGE_DAYS,
    }


def _choose_form(case: Case) -> forms.ChooseForm:
    form = forms.ChooseForm()
    form.offer(
        (str(meeting.id), sentence_case(day_of(meeting.starts_at, case.group.zone)))
        for meeting in queries.coming_meetings(session(), case.group_id, now())
    )
    return form
