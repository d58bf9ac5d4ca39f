"""Mails about seats and the agreement."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.groups.models import Group, QueuePlace
from supervision.outbox.services import Letter, post
from supervision.people.models import Person
from supervision.web.dates import clock, day_of
from supervision.web.links import outside


def post_offers(session: Session, places: Iterable[QueuePlace], now: datetime) -> None:
    """Write to everyone who has just been offered a seat, or been asked to move to another group."""
    for place in places:
        if place.offer_until_at is None:
            continue
        write = offer_letter if place.from_group_id is None else move_letter
        letter = write(place.person, place.group, place.offer_until_at)
        post(session, to=place.person.email, language=place.person.language, letter=letter, now=now)


def offer_letter(person: Person, group: Group, until_at: datetime) -> Letter:
    """Return the mail with an offer and its deadline in the group's time."""
    with force_locale(person.language):
        return Letter(
            kind="offer",
            subject=_("A seat is free for you"),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("A seat in %(group)s is free, and you are first on the waiting list.", group=group.name),
                _("Answer by %(day)s at %(time)s. After that the next person is asked.", **_by(until_at, group)),
            ),
            link=outside("groups.offer", group_id=group.id),
            link_label=_("Say yes or no"),
        )


def move_letter(person: Person, group: Group, until_at: datetime) -> Letter:
    """Return the mail that asks a member to move, because two groups are to become one."""
    with force_locale(person.language):
        return Letter(
            kind="move",
            subject=_("Do you want to move to %(group)s?", group=group.name),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _(
                    "Your group is small, and the supervisor asks everyone in it to move to %(group)s.",
                    group=group.name,
                ),
                _("It is voluntary. If some of you move, your present group ends when all have answered."),
                _("Answer by %(day)s at %(time)s. No answer counts as a no.", **_by(until_at, group)),
            ),
            link=outside("groups.offer", group_id=group.id),
            link_label=_("Say yes or no"),
        )


def line_ended_letter(person: Person, group: Group) -> Letter:
    """Return the mail to someone who stood in line for a group that ends."""
    with force_locale(person.language):
        return Letter(
            kind="line_ended",
            subject=_("%(group)s comes to an end", group=group.name),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("%(group)s takes nobody new, so your place in its line has ended.", group=group.name),
                _("Your sign-up stands. You can choose another group."),
            ),
            link=outside("groups.choose_group", token=group.assignment.join_token),
            link_label=_("See the groups"),
        )


def group_ended_letter(person: Person, group: Group) -> Letter:
    """Return the mail that tells a member that the group has ended; the dates left are cancelled."""
    with force_locale(person.language):
        return Letter(
            kind="group_ended",
            subject=_("%(group)s has ended", group=group.name),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("%(group)s has ended, and the dates that were left are cancelled.", group=group.name),
                _("Thank you for being part of it. Your sign-up stands, and you can choose another group."),
            ),
            link=outside("groups.choose_group", token=group.assignment.join_token),
            link_label=_("See the groups"),
        )


def invitation_to_sign_up(
    name: str, language: str, *, title: str, organisation: str, supervisor: str, token: str
) -> Letter:
    """Return the mail to someone on a staff list: what supervision is and where to sign up, nothing more."""
    with force_locale(language):
        return Letter(
            kind="staff_invitation",
            subject=_("A seat at the table for you who work close to others"),
            lines=(
                _("Hello %(name)s.", name=name),
                _(
                    "%(organisation)s offers supervision in a small group: %(title)s.",
                    organisation=organisation,
                    title=title,
                ),
                _("The supervisor is %(name)s. You decide yourself whether you want to take part.", name=supervisor),
                _("You are not signed up, and your manager is not told whether you do."),
            ),
            link=outside("groups.join", token=token),
            link_label=_("Read more and sign up"),
        )


def removed_letter(person: Person, group: Group) -> Letter:
    """Return the mail that says a supervisor has ended a membership."""
    with force_locale(person.language):
        return Letter(
            kind="removed",
            subject=_("Your seat in %(group)s has ended", group=group.name),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("The supervisor has ended your seat in the group. Your manager is told nothing."),
                _("If you have questions, talk to your supervisor, %(name)s.", name=group.assignment.supervisor.name),
            ),
        )


def agreement_reminder(person: Person, group: Group) -> Letter:
    """Return the mail that reminds a member of an agreement they have not accepted."""
    with force_locale(person.language):
        return Letter(
            kind="agreement_reminder",
            subject=_("Read the agreement of %(group)s before you meet", group=group.name),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("The agreement says what stays in the group. Read it and accept it before the next meeting."),
            ),
            link=outside("groups.agreement", group_id=group.id),
            link_label=_("Read the agreement"),
        )


def agreement_letter(person: Person, group: Group) -> Letter:
    """Return the mail that asks a member to read a new version of the agreement."""
    with force_locale(person.language):
        return Letter(
            kind="agreement",
            subject=_("The agreement of %(group)s has changed", group=group.name),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("The agreement has a new version. Read it and accept it before the next meeting."),
            ),
            link=outside("groups.agreement", group_id=group.id),
            link_label=_("Read the agreement"),
        )


def _by(until_at: datetime, group: Group) -> dict[str, str]:
    return {"day": day_of(until_at, group.zone), "time": clock(until_at, group.zone)}
