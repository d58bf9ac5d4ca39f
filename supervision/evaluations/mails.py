"""The mail that an evaluation is open: the same text to the whole roster, whoever has answered."""

from collections.abc import Iterable
from datetime import datetime

from flask import current_app, has_request_context, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.evaluations.models import Campaign
from supervision.outbox.services import Letter, post
from supervision.people.models import Person
from supervision.web.dates import clock, day_of

DEVELOPMENT_ADDRESS = "http://localhost:5000"


def post_opened(session: Session, people: Iterable[Person], campaign: Campaign, zone: str, now: datetime) -> None:
    """Write to everyone in the roster that the evaluation is open."""
    for person in people:
        letter = opened_letter(person.language, campaign, zone)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def opened_letter(language: str, campaign: Campaign, zone: str) -> Letter:
    """Return the mail in a language; it names nobody and leads to the start page, with no token in the address."""
    with force_locale(language):
        return Letter(
            kind="evaluation",
            subject=_("The year's evaluation is open"),
            lines=(
                _("Twelve statements about the supervision wait for your answer. It takes about five minutes."),
                _("It is voluntary. Nobody sees who has answered, and nobody sees what one person answers."),
                _(
                    "It closes %(day)s at %(time)s.",
                    day=day_of(campaign.closes_at, zone),
                    time=clock(campaign.closes_at, zone),
                ),
                _("Everyone in the groups gets this mail, with the same text."),
            ),
            link=_link("home.start"),
            link_label=_("Read and answer"),
        )


def _link(endpoint: str) -> str:
    if has_request_context():
        return url_for(endpoint, _external=True)
    base = current_app.config["SETTINGS"].base_url or DEVELOPMENT_ADDRESS
    return str(base) + current_app.url_map.bind("localhost").build(endpoint)
