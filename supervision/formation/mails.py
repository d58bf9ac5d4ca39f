"""The mail that offers someone a seat in a group that was formed for them."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.groups.models import Group, QueuePlace
from supervision.groups.words import rhythm
from supervision.outbox.services import Letter, post
from supervision.people.models import Person
from supervision.web.dates import clock, day_of, long_date
from supervision.web.links import outside


def post_offers(session: Session, places: Iterable[QueuePlace], now: datetime) -> None:
    """Write to everyone who is offered a seat in a formed group."""
    for place in places:
        if place.offer_until_at is None:
            continue
        person = place.person
        letter = offer_letter(person, place.group, place.offer_until_at)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def offer_letter(person: Person, group: Group, until_at: datetime) -> Letter:
    """Return the mail: when and where the group meets, and until when to answer. It names nobody else."""
    with force_locale(person.language):
        return Letter(
            kind="offer",
            subject=_("A group for you"),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _(
                    "There is a seat for you in %(group)s: %(rhythm)s, from %(day)s.",
                    group=group.name,
                    rhythm=rhythm(group),
                    day=long_date(group.first_on),
                ),
                _("Place: %(place)s.", place=group.place) if group.place else _("You meet by a link."),
                _(
                    "Say yes or no by %(day)s at %(time)s. You decide, and your sign-up stands either way.",
                    day=day_of(until_at, group.zone),
                    time=clock(until_at, group.zone),
                ),
            ),
            link=outside("groups.offer", group_id=group.id),
            link_label=_("Say yes or no"),
        )
