"""Pages of sign-up, seats, the waiting line and the agreement."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request
from flask import session as cookie
from flask_babel import gettext as _

from supervision.groups import (
    agreement_page,
    forms,
    life,
    line_queries,
    mails,
    policy,
    queries,
    rules,
    seats,
    services,
    sign_up_queries,
)
from supervision.groups.models import Group, Membership, QueuePlace
from supervision.groups.words import needs_lines, rhythm, weekdays
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import local_day
from supervision.orgs import policy as orgs_policy
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment
from supervision.orgs.rules import is_short
from supervision.outbox.services import post
from supervision.people import identity
from supervision.people import services as people
from supervision.people.forms import CodeForm, Nothing
from supervision.people.models import Person
from supervision.people.routes import send_code
from supervision.store.database import session
from supervision.web.dates import language
from supervision.web.edge import now
from supervision.web.guard import guard, open_page
from supervision.web.links import outside
from supervision.web.page import attempt, page, see_other
from supervision.web.texts import text_seal
from supervision.web.typed import gives_back

bp = Blueprint("groups", __name__)
JOINING = "joining"


@bp.route("/assignments/<uuid:assignment_id>")
@guard(orgs.get_assignment, orgs_policy.may_see_assignment)
def show_assignment(actor: Actor, assignment: Assignment) -> Response:
    """Show an assignment and its groups; who is not its supervisor sees names and sizes of groups only."""
    may_run = orgs_policy.may_run_assignment(actor, assignment)
    return page(
        "groups/show_assignment.html",
        assignment=assignment,
        groups=queries.groups_of_assignment(session(), assignment.id),
        may_run=may_run,
        may_see_sign_ups=policy.may_see_sign_ups(actor, assignment),
        asks_to_go_on=may_run
        and rules.asks_to_go_on(rules.GroupStatus.RUNNING, assignment.ends_on, _today(assignment)),
        is_short=is_short(assignment.starts_on, assignment.ends_on),
        join_link=outside("groups.join", token=assignment.join_token) if may_run else None,
        rhythm=rhythm,
    )


def _today(assignment: Assignment) -> date:
    return local_day(now(), assignment.organisation.zone)


@bp.route("/join/<token>", methods=["GET", "POST"])
@open_page("the public page of a join link or poster: tells what supervision is and takes sign-ups")
def join(_actor: Actor, token: str) -> Response:
    """Tell what the supervision is and take a sign-up; the answer is the same for known and unknown addresses."""
    assignment = _assignment_of(token)
    if "forget" in request.form:
        _forget()
        return see_other(".join", token=token, said=_("What was written is deleted."))
    kept = _told(assignment) if request.method == "GET" else None
    form = forms.JoinForm(data={"language": language(), **(kept or {})})
    if request.method == "POST" and "copy" in request.form:
        form.slots.data = list(rules.copy_week(form.slots.data or []))
    elif form.validate_on_submit() and send_code(form):
        _forget()
        cookie[JOINING] = str(services.keep_pending(session(), text_seal(), assignment, form.kept(), now()))
        return see_other(".join_code", token=token)
    return page(
        "groups/join.html",
        form=form,
        assignment=assignment,
        is_kept=kept is not None,
        groups=queries.groups_of_assignment(session(), assignment.id, is_open=True),
        rhythm=rhythm,
        weeks=rules.weeks_begin(local_day(now(), assignment.organisation.zone)),
        slot_starts=rules.SLOT_STARTS,
        days=weekdays(),
        needs_lines=needs_lines(),
    )


@bp.route("/join/<token>/code", methods=["GET", "POST"])
@open_page("the second step of signing up, before anyone is signed in; the code is the key")
def join_code(_actor: Actor, token: str) -> Response:
    """Take the code; then the person exists, has signed up and is signed in."""
    assignment = _assignment_of(token)
    told = _told(assignment)
    if told is None:
        return see_other(".join", token=token)
    form = CodeForm()
    if form.validate_on_submit():
        person = attempt(form, _signed_up, assignment, told, form.code.data or "")
        if person is not None:
            _forget()
            identity.sign_in(person, is_own_device=bool(form.is_own_device.data))
            return see_other(".choose_group", token=token)
        session().commit()
    return page("groups/join_code.html", form=form, assignment=assignment)


def _signed_up(assignment: Assignment, told: dict[str, Any], code: str) -> Person:
    """Redeem the code and keep the sign-up. Someone with a password is asked to sign in with it."""
    email = people.redeem_code(session(), code=code, browser=identity.this_browser(), now=now())
    person = people.find_or_add_person(session(), name=told["name"], email=email, language=told["language"], now=now())
    if person.password_hash is not None:
        raise RuleBroken("use_password", "code")
    facts = {name: told.get(name) or empty for name, empty in services.NOT_TOLD.items()}
    services.save_sign_up(session(), person, assignment, facts, now())
    return person


def _told(assignment: Assignment) -> dict[str, Any] | None:
    """Return what this browser told in a sign-up for this assignment whose code has not been typed."""
    pending_id = _pending_id()
    return services.open_pending(session(), text_seal(), assignment, pending_id, now()) if pending_id else None


def _forget() -> None:
    pending_id = _pending_id()
    if pending_id:
        services.drop_pending(session(), pending_id)
    cookie.pop(JOINING, None)


def _pending_id() -> UUID | None:
    try:
        return UUID(cookie.get(JOINING, ""))
    except (ValueError, AttributeError, TypeError):  # a cookie of an earlier version held the whole form
        return None


def _assignment_of(token: str) -> Assignment:
    assignment = orgs.assignment_by_join_token(session(), token)
    if assignment is None:
        abort(404)
    return assignment


@bp.route("/join/<token>/groups", methods=["GET", "POST"])
@guard(queries.get_joined_assignment, policy.may_choose_group)
def choose_group(actor: Actor, assignment: Assignment) -> Response:
    """Show the groups with their free seats, and take the choice: a seat, or a place in line."""
    groups = queries.groups_of_assignment(session(), assignment.id, is_open=True)
    form = forms.ChooseGroupForm()
    if form.validate_on_submit():
        group = next((one for one in groups if str(one.id) == form.group_id.data), None)
        if group is None:
            abort(404)
        got = attempt(form, seats.take_or_queue, session(), actor, group, now())
        if isinstance(got, Membership):
            return see_other(".agreement", group_id=group.id, said=_("You have a seat in %(group)s.", group=group.name))
        if got is not None:
            said = _("You are on the waiting list of %(group)s. We write to you when a seat is free.", group=group.name)
            return see_other(".choose_group", token=assignment.join_token, said=said)
    lines = {one.group.id: one for one in line_queries.standing_of(session(), actor)}
    mine = [one for one in groups if one.id in actor.member_of]
    return page(
        "groups/choose_group.html",
        form=form,
        assignment=assignment,
        groups=groups,
        lines=lines,
        mine=mine,
        rhythm=rhythm,
    )


@bp.route("/groups/<uuid:group_id>/offer", methods=["GET", "POST"])
@guard(line_queries.get_offer, policy.may_answer_offer)
def offer(actor: Actor, place: QueuePlace) -> Response:
    """Show one's own offer or place in line, and take the answer."""
    group = place.group
    form = Nothing()
    if form.validate_on_submit():
        if request.form.get("answer") == "accept":
            mails.post_offers(session(), seats.accept_offer(session(), actor, group, now())[1], now())
            return see_other(".agreement", group_id=group.id, said=_("You have a seat in %(group)s.", group=group.name))
        mails.post_offers(session(), seats.decline_offer(session(), actor, group, now()), now())
        return see_other("home.start", said=_("You have said no. The next person is asked."))
    is_open = place.offer_until_at is not None and not rules.is_expired(place.offer_until_at, now())
    return page("groups/offer.html", form=form, place=place, group=group, is_open=is_open, rhythm=rhythm)


@bp.route("/groups/<uuid:group_id>/leave", methods=["GET", "POST"])
@guard(queries.get_joined_group, policy.may_step_out)
def leave(actor: Actor, group: Group) -> Response:
    """Ask once more, then step out; no reason is asked and the manager is told nothing."""
    form = Nothing()
    if form.validate_on_submit():
        mails.post_offers(session(), seats.leave(session(), actor, group, now()), now())
        return see_other("home.start", said=_("You have left %(group)s.", group=group.name))
    return page("groups/leave.html", form=form, group=group, has_seat=policy.is_member(actor, group))


@bp.route("/groups/<uuid:group_id>/roster")
@guard(queries.get_own_group, policy.may_run_group)
def roster(_actor: Actor, group: Group) -> Response:
    """Show the supervisor who sits in the group and who waits."""
    return _roster_page(group, forms.SeatsForm(obj=group))


@bp.route("/groups/<uuid:group_id>/seats", methods=["POST"])
@guard(queries.get_own_group, policy.may_run_group)
def change_seats(actor: Actor, group: Group) -> Response:
    """Change the number of seats; new ones are offered to the first in line."""
    form = forms.SeatsForm()
    if form.validate_on_submit():
        offers = attempt(form, seats.change_seats, session(), actor, group, form.seats.data or 0, now())
        if offers is not None:
            mails.post_offers(session(), offers, now())
            return see_other(".roster", group_id=group.id, said=_("Saved."))
    return _roster_page(group, form)


def _roster_page(group: Group, form: forms.SeatsForm) -> Response:
    members = queries.members_of(session(), group.id)
    line = line_queries.waiting_line(session(), group.id)
    everyone = [member.person_id for member in members] + [place.person_id for place in line]
    return page(
        "groups/roster.html",
        form=form,
        group=group,
        members=members,
        line=line,
        needs=sign_up_queries.needs_of(session(), group.assignment_id, everyone),
        needs_words=forms.NEEDS,
        accepted=queries.acceptances(session(), queries.newest_agreement(session(), group.id)),
        is_below_five=rules.is_below_five(len(members)) and group.status in queries.OPEN_STATUS,
        steps=rules.actions_of(rules.GroupStatus(group.status)),
        moves=line_queries.moves_of(session(), group),
        can_merge=group.merging_into_id is None and bool(line_queries.merge_targets(session(), group)),
        is_review_due=_is_review_due(group),
        asks_to_go_on=_asks_to_go_on(group),
        may_refill=group.taken < group.seats and any(one.status == "waiting" for one in line),
        rhythm=rhythm,
    )


def _is_review_due(group: Group) -> bool:
    held = queries.held_counts(session(), [group.id]).get(group.id, 0)
    return rules.is_review_due(rules.GroupStatus(group.status), held, is_done=group.reviewed_at is not None)


def _asks_to_go_on(group: Group) -> bool:
    today = _today(group.assignment)
    return rules.asks_to_go_on(rules.GroupStatus(group.status), group.assignment.ends_on, today)


@bp.route("/groups/<uuid:group_id>/offers", methods=["POST"])
@guard(queries.get_own_group, policy.may_run_group)
def refill(actor: Actor, group: Group) -> Response:
    """Offer the free seats to the first in line."""
    offers = seats.refill(session(), actor, group, now())
    mails.post_offers(session(), offers, now())
    said = _("The free seats are offered.") if offers else _("The next meeting is too near. Try again after it.")
    return see_other(".roster", group_id=group.id, said=said)


@bp.route("/groups/<uuid:group_id>/start", methods=["POST"])
@guard(queries.get_own_group, policy.may_run_group)
def start_group(actor: Actor, group: Group) -> Response:
    """Let the group run: it is closed to new sign-ups from now on."""
    life.start_group(session(), actor, group, now())
    return see_other(".roster", group_id=group.id, said=_("%(group)s is running.", group=group.name))


@bp.route("/groups/<uuid:group_id>/members/<uuid:person_id>/remove", methods=["GET", "POST"])
@guard(queries.get_member, policy.may_remove)
def remove_member(actor: Actor, membership: Membership) -> Response:
    """Ask once more, then end another person's membership and write to them."""
    form = Nothing()
    if form.validate_on_submit():
        group = queries.get_own_group(session(), actor, membership.group_id)
        person = membership.person
        if group is None:
            abort(404)
        mails.post_offers(session(), seats.remove_member(session(), actor, membership, group, now()), now())
        letter = mails.removed_letter(person, group)
        post(session(), to=person.email, language=person.language, letter=letter, now=now())
        return see_other(".roster", group_id=group.id, said=_("%(name)s has no seat any more.", name=person.name))
    return page("groups/remove_member.html", form=form, membership=membership, group=membership.group)


@bp.route("/groups/<uuid:group_id>/agreement", methods=["GET", "POST"])
@guard(queries.get_own_group, policy.may_see_group)
def agreement(actor: Actor, group: Group) -> Response:
    """Show the agreement that counts, or an earlier version; a member accepts it by one button."""
    form = forms.AcceptForm()
    if form.validate_on_submit() and policy.is_member(actor, group):
        asked = form.version.data or ""
        version = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
        services.accept_agreement(session(), actor, group, version, now())
        return see_other("meetings.show_group", group_id=group.id, said=_("You have accepted the agreement."))
    return page(
        "groups/agreement.html",
        form=form,
        group=group,
        shown=agreement_page.read(session(), actor, group, request.args.get("version", ""), now()),
        is_member=policy.is_member(actor, group),
        may_run=policy.may_run_group(actor, group),
    )


@bp.route("/groups/<uuid:group_id>/agreement/change", methods=["GET", "POST"])
@guard(queries.get_own_group, policy.may_run_group)
@gives_back(forms.AgreementForm)
def change_agreement(actor: Actor, group: Group) -> Response:
    """Change the agreement's text; everyone is asked to accept the new version."""
    before = queries.newest_agreement(session(), group.id) or services.first_agreement(group, now())
    form = forms.AgreementForm(obj=before)
    if form.validate_on_submit():
        old = before.version
        made = services.change_agreement(session(), actor, group, form.text.data or "", now())
        if made.version > old:
            for member in queries.members_of(session(), group.id):
                letter = mails.agreement_letter(member.person, group)
                post(session(), to=member.person.email, language=member.person.language, letter=letter, now=now())
        return see_other(".agreement", group_id=group.id, said=_("Saved."))
    return page("groups/change_agreement.html", form=form, group=group)
