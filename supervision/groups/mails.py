"""Mails about seats and the agreement."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask import current_app, has_request_context, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.groups.models import Group, QueuePlace
from supervision.outbox.services import Letter, post
from supervision.people.models import Person
from supervision.web.dates import clock, day_of

DEVELOPMENT_ADDRESS = "http://localhost:5000"


def post_offers(session: Session, places: Iterable[QueuePlace], group: Group, now: datetime) -> None:
    """Write to everyone who has just been offered a seat."""
    for place in places:
        if place.offer_until_at is not None:
            letter = offer_letter(place.person, group, place.offer_until_at)
            post(session, to=place.person.email, language=place.person.language, letter=letter, now=now)


def offer_letter(person: Person, group: Group, until_at: datetime) -> Letter:
    """Return the mail with an offer and its deadline in the group's time."""
    with force_locale(person.language):
        return Letter(
            kind="offer",
            subject=_("A seat is free for you"),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("A seat in %(group)s is free, and you are first in line.", group=group.name),
                _(
                    "Answer by %(day)s at %(time)s. After that the next person is asked.",
                    day=day_of(until_at, group.zone),
                    time=clock(until_at, group.zone),
                ),
            ),
            link=_link("groups.offer", group_id=group.id),
            link_label=_("Say yes or no"),
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
            link=_link("groups.agreement", group_id=group.id),
            link_label=_("Read the agreement"),
        )


def _link(endpoint: str, *, group_id: UUID) -> str:
    if has_request_context():
        return url_for(endpoint, _external=True, group_id=group_id)
    base = current_app.config["SETTINGS"].base_url or DEVELOPMENT_ADDRESS
    return str(base) + current_app.url_map.bind("localhost").build(endpoint, {"group_id": group_id})
