"""The mails about an evaluation: each with the same text to the whole roster, whoever has answered."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.evaluations.models import Campaign
from supervision.outbox.services import Letter, post
from supervision.people.models import Person
from supervision.web.dates import clock, day_of
from supervision.web.links import outside


def post_opened(session: Session, people: Iterable[Person], campaign: Campaign, zone: str, now: datetime) -> None:
    """Write to everyone in the roster that the evaluation is open."""
    for person in people:
        letter = opened_letter(person.language, campaign, zone)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def post_reminder(session: Session, people: Iterable[Person], campaign: Campaign, zone: str, now: datetime) -> None:
    """Write to everyone in the roster, those who have answered too, that the evaluation closes soon."""
    for person in people:
        letter = reminder_letter(person.language, campaign, zone)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def reminder_letter(language: str, campaign: Campaign, zone: str) -> Letter:
    """Return the one reminder in a language: the same to those who have answered, and it leads to the start page."""
    with force_locale(language):
        return Letter(
            kind="evaluation_reminder",
            subject=_("The year's evaluation closes soon"),
            lines=(
                _(
                    "It closes %(day)s at %(time)s.",
                    day=day_of(campaign.closes_at, zone),
                    time=clock(campaign.closes_at, zone),
                ),
                _("If you have answered: thank you, there is nothing more to do. If not: it is voluntary."),
                _("We do not know who has answered. Everyone in the groups gets this mail, with the same text."),
            ),
            link=outside("home.start"),
            link_label=_("To your start page"),
        )


def post_extended(session: Session, people: Iterable[Person], campaign: Campaign, zone: str, now: datetime) -> None:
    """Write the new announced hour to everyone in the roster, whoever has answered."""
    for person in people:
        letter = extended_letter(person.language, campaign, zone)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def extended_letter(language: str, campaign: Campaign, zone: str) -> Letter:
    """Return the mail that the closing is put off, in a language; the same to all."""
    with force_locale(language):
        return Letter(
            kind="evaluation_extended",
            subject=_("The year's evaluation is open longer"),
            lines=(
                _(
                    "It now closes %(day)s at %(time)s.",
                    day=day_of(campaign.closes_at, zone),
                    time=clock(campaign.closes_at, zone),
                ),
                _("It is voluntary. Nobody sees who has answered, and nobody sees what one person answers."),
                _("Everyone in the groups gets this mail, with the same text."),
            ),
            link=outside("home.start"),
            link_label=_("Read and answer"),
        )


def post_void(session: Session, people: Iterable[Person], now: datetime) -> None:
    """Write to everyone in the roster that nothing comes of the evaluation (PRIVACY: evaluations, flow 5)."""
    for person in people:
        post(session, to=person.email, language=person.language, letter=void_letter(person.language), now=now)


def post_statement(session: Session, people: Iterable[Person], group_id: uuid.UUID, now: datetime) -> None:
    """Write to every member that a text waits for their approval; the same to all, whoever has approved before."""
    for person in people:
        letter = statement_letter(person.language, group_id)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def statement_letter(language: str, group_id: uuid.UUID) -> Letter:
    """Return the mail that a text waits for approval, in a language; the text itself stands in the product only."""
    with force_locale(language):
        return Letter(
            kind="statement",
            subject=_("A text from your group to your managers"),
            lines=(
                _("Your supervisor has written down what the group wants its managers to know."),
                _("It reaches them only when everyone in the group approves exactly this text. It is voluntary."),
                _("Everyone in the group gets this mail, with the same text. Nobody sees who has approved."),
            ),
            link=outside("evaluations.statement", group_id=group_id),
            link_label=_("Read the text"),
        )


def post_answered(session: Session, people: Iterable[Person], now: datetime) -> None:
    """Write to members that their managers have answered."""
    for person in people:
        letter = answered_letter(person.language)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def answered_letter(language: str) -> Letter:
    """Return the mail that managers have answered, in a language; what they say stands in the product only."""
    with force_locale(language):
        return Letter(
            kind="report_answer",
            subject=_("Your managers have answered"),
            lines=(_("They tell what they change because of what the group has said. Read it when you sign in."),),
            link=outside("home.start"),
            link_label=_("Read the answer"),
        )


def void_letter(language: str) -> Letter:
    """Return the mail that the key was lost, in a language."""
    with force_locale(language):
        return Letter(
            kind="evaluation_void",
            subject=_("Nothing comes of the year's evaluation"),
            lines=(
                _("The key to the sealed answers was lost, so nobody could open them. They have been deleted unseen."),
                _("Nothing was shown to anyone. You need not do anything. Your supervisor can open a new one later."),
                _("Everyone in the groups gets this mail, with the same text."),
            ),
        )


def opened_letter(language: str, campaign: Campaign, zone: str) -> Letter:
    """Return the mail in a language; it names nobody and leads to the start page, with no token in the address."""
    with force_locale(language):
        return Letter(
            kind="evaluation",
            subject=_("The year's evaluation is open"),
            lines=(
                _("Short statements about the supervision wait for your answer. It takes less than five minutes."),
                _("It is voluntary. Nobody sees who has answered, and nobody sees what one person answers."),
                _(
                    "It closes %(day)s at %(time)s.",
                    day=day_of(campaign.closes_at, zone),
                    time=clock(campaign.closes_at, zone),
                ),
                _("Everyone in the groups gets this mail, with the same text."),
            ),
            link=outside("home.start"),
            link_label=_("Read and answer"),
        )
