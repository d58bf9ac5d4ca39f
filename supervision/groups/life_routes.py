"""Pages of a group's life: its next step, merging, looking back, its contact person."""

import uuid

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from supervision.groups import forms, life, line_queries, mails, policy, queries, rules
from supervision.groups.models import Group
from supervision.groups.words import rhythm
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.outbox.services import post
from supervision.people.forms import Nothing
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.fields import SelectChoice
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other

bp = Blueprint("group_life", __name__)
STEPS = {
    "run": (
        _l("Let the group run"),
        _l("From now on the group is closed: new people join the waiting list until you offer them a seat."),
        _l("Yes, let it run"),
    ),
    "close": (
        _l("Bring the group to its end"),
        _l(
            "The dates that stand are held. Nobody new comes in, and those on the waiting list are told. "
            "You can take it back."
        ),
        _l("Yes, it is coming to its end"),
    ),
    "resume": (
        _l("Let the group go on"),
        _l("The group runs as before. Those who were on its waiting list have to join it again."),
        _l("Yes, go on"),
    ),
    "end": (
        _l("End the group"),
        _l(
            "Every seat ends now. The dates that are left are cancelled, and everyone gets a mail. "
            "It cannot be undone. After this, members can no longer open the group's pages."
        ),
        _l("Yes, end the group"),
    ),
}
"""A step's title, what follows from it, and its button."""


@bp.route("/groups/<uuid:group_id>/step", methods=["GET", "POST"])
@guard(queries.get_own_group, policy.may_run_group)
def step(actor: Actor, group: Group) -> Response:
    """Say what a step in the group's life leads to, and take it."""
    action = request.values.get("to", "")
    if action not in rules.actions_of(rules.GroupStatus(group.status)):
        return see_other("groups.roster", group_id=group.id, said=_("The group has no such step now."))
    form = Nothing()
    if form.validate_on_submit():
        attempt(form, _take, actor, group, action)
        if not form.errors:
            return see_other("groups.show_assignment", assignment_id=group.assignment_id, said=_("Done."))
    title, consequence, yes = STEPS[action]
    return page("groups/step.html", form=form, group=group, to=action, title=title, consequence=consequence, yes=yes)


def _take(actor: Actor, group: Group, action: str) -> None:
    if action == "run":
        life.start_group(session(), actor, group, now())
    elif action == "resume":
        life.resume_group(session(), actor, group, now())
    else:
        do = life.close_group if action == "close" else life.end_group
        for place in do(session(), actor, group, now()):
            letter = mails.line_ended_letter(place.person, group)
            post(session(), to=place.person.email, language=place.person.language, letter=letter, now=now())


@bp.route("/groups/<uuid:group_id>/merge", methods=["GET", "POST"])
@guard(queries.get_own_group, policy.may_run_group)
def merge(actor: Actor, group: Group) -> Response:
    """Ask the members of a group to move into another of the same assignment."""
    targets = line_queries.merge_targets(session(), group)
    form = forms.MergeForm()
    form.into.choices = [
        SelectChoice(
            str(one.id),
            ngettext(
                "%(group)s, %(when)s: one free seat",
                "%(group)s, %(when)s: %(num)s free seats",
                one.seats - one.taken,
                group=one.name,
                when=rhythm(one),
            ),
        )
        for one in targets
    ]
    if form.validate_on_submit():
        into = next((one for one in targets if str(one.id) == form.into.data), None)
        if into is None:
            abort(404)
        offers = attempt(form, life.merge_group, session(), actor, group, into, now())
        if offers is not None:
            mails.post_offers(session(), offers, now())
            return see_other("groups.roster", group_id=group.id, said=_("Everyone is asked by mail."))
    return page("groups/merge.html", form=form, group=group, targets=targets)


@bp.route("/groups/<uuid:group_id>/review", methods=["GET", "POST"])
@guard(queries.get_own_group, policy.may_run_group)
def review(actor: Actor, group: Group) -> Response:
    """Show a guide for looking back on the start phase, to print; only that it was done is kept."""
    held = queries.held_counts(session(), [group.id]).get(group.id, 0)
    is_due = rules.is_review_due(rules.GroupStatus(group.status), held, is_done=group.reviewed_at is not None)
    form = Nothing()
    if form.validate_on_submit():
        attempt(form, life.note_review, session(), actor, group, held, now())
        if not form.errors and request.form.get("act") == "change":
            return see_other(
                "groups.change_agreement", group_id=group.id, said=_("Noted. Here you change the agreement.")
            )
        if not form.errors:
            return see_other("meetings.show_group", group_id=group.id, said=_("Noted. The group goes on as it is."))
    return page("groups/review.html", form=form, group=group, is_due=is_due)


@bp.route("/groups/<uuid:group_id>/going-on", methods=["GET"])
@guard(queries.get_own_group, policy.may_run_group)
def going_on(_actor: Actor, group: Group) -> Response:
    """Show a guide for the talk about whether to go on for another term, to print, and the ways on; keeps nothing."""
    today = local_day(now(), group.zone)
    asks = rules.asks_to_go_on(rules.GroupStatus(group.status), group.assignment.ends_on, today)
    return page("groups/going_on.html", group=group, asks=asks)


@bp.route("/groups/<uuid:group_id>/contact", methods=["GET", "POST"])
@guard(queries.get_own_group, policy.may_see_group)
def contact(actor: Actor, group: Group) -> Response:
    """Show the group's contact person; a member may take it on, the supervisor notes a choice."""
    members = queries.members_of(session(), group.id)
    may_run = policy.may_run_group(actor, group)
    form = forms.ContactForm(person_id=str(group.contact_id or ""))
    allowed = [one for one in members if may_run or one.person_id == actor.id]
    form.person_id.choices = [SelectChoice(str(one.person_id), one.person.name) for one in allowed]
    form.person_id.choices.append(SelectChoice("", _("Nobody")))
    may_choose = may_run or group.contact_id in {None, actor.id}
    if form.validate_on_submit():
        if not may_choose:
            abort(403)
        _choose(actor, group, form)
        if not form.errors:
            return see_other("meetings.show_group", group_id=group.id, said=_("Saved."))
    chosen = next((one.person for one in members if one.person_id == group.contact_id), None)
    return page("groups/contact.html", form=form, group=group, chosen=chosen, may_choose=may_choose)


def _choose(actor: Actor, group: Group, form: forms.ContactForm) -> None:
    asked = (form.person_id.data or "").strip()
    if asked:
        attempt(form, life.choose_contact, session(), actor, group, uuid.UUID(asked), now())
    else:
        life.step_down(session(), actor, group, now())
