"""Mails about cover. The planner's say who, when and "planned activity", and no word of what it is."""

from collections.abc import Callable
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.cover import queries
from supervision.cover.models import CoverRequest
from supervision.outbox.services import Letter, post
from supervision.people.models import Person
from supervision.web.dates import clock, day_of
from supervision.web.links import outside


def tell_asked(session: Session, request: CoverRequest, *, now: datetime) -> None:
    """Tell the organisation's planners that cover is asked for."""
    _tell_planners(session, request, lambda person: _asked(request, person), now)


def tell_withdrawn(session: Session, request: CoverRequest, *, now: datetime) -> None:
    """Tell the planners that cover is not needed any more."""
    _tell_planners(session, request, lambda person: _not_needed(request, person), now)


def remind(session: Session, request: CoverRequest, *, now: datetime, not_before: datetime) -> None:
    """Remind the planners of a request without an answer."""
    _tell_planners(session, request, lambda person: _reminder(request, person), now, not_before)


def tell_answered(session: Session, request: CoverRequest, *, now: datetime) -> None:
    """Tell whoever asked what the planner has answered."""
    _post(session, request.person, _answered, request, now)


def tell_ended(session: Session, request: CoverRequest, *, now: datetime) -> None:
    """Tell whoever asked, and the planners, that a request has ended because the date was moved or cancelled."""
    _post(session, request.person, _ended, request, now)
    tell_withdrawn(session, request, now=now)


def _post(
    session: Session,
    person: Person,
    write: Callable[[CoverRequest, Person], Letter],
    request: CoverRequest,
    now: datetime,
) -> None:
    with force_locale(person.language):
        letter = write(request, person)
    post(session, to=person.email, language=person.language, letter=letter, now=now)


def _tell_planners(
    session: Session,
    request: CoverRequest,
    write: Callable[[Person], Letter],
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    for person in queries.planners_of(session, request.organisation_id):
        with force_locale(person.language):
            letter = write(person)
        post(session, to=person.email, language=person.language, letter=letter, now=now, not_before=not_before)


def _asked(request: CoverRequest, person: Person) -> Letter:
    return Letter(
        kind="cover_asked",
        subject=_("%(name)s needs cover on %(day)s", name=request.person.name, day=_day(request)),
        lines=(
            _("Hello %(name)s.", name=person.name),
            _("%(name)s needs cover on %(when)s.", name=request.person.name, when=_when(request)),
            _("Purpose: planned activity."),
            _("Answer whether it is arranged or not possible."),
        ),
        link=outside("cover.asked"),
        link_label=_("Answer"),
    )


def _reminder(request: CoverRequest, person: Person) -> Letter:
    return Letter(
        kind="cover_reminder",
        subject=_("%(name)s waits for an answer about %(day)s", name=request.person.name, day=_day(request)),
        lines=(
            _("Hello %(name)s.", name=person.name),
            _(
                "%(name)s has asked for cover on %(when)s and has no answer yet.",
                name=request.person.name,
                when=_when(request),
            ),
            _("Purpose: planned activity."),
        ),
        link=outside("cover.asked"),
        link_label=_("Answer"),
    )


def _not_needed(request: CoverRequest, person: Person) -> Letter:
    return Letter(
        kind="cover_not_needed",
        subject=_("%(name)s needs no cover on %(day)s any more", name=request.person.name, day=_day(request)),
        lines=(
            _("Hello %(name)s.", name=person.name),
            _("%(name)s needs no cover on %(when)s any more.", name=request.person.name, when=_when(request)),
        ),
    )


def _answered(request: CoverRequest, person: Person) -> Letter:
    if request.status == "arranged":
        subject = _("Your cover on %(day)s is arranged", day=_day(request))
        line = _("Your planner has arranged cover for you on %(when)s.", when=_when(request))
    else:
        subject = _("There is no cover on %(day)s", day=_day(request))
        line = _("Your planner has answered that cover is not possible on %(when)s.", when=_when(request))
    return Letter(
        kind="cover_answered",
        subject=subject,
        lines=(_("Hello %(name)s.", name=person.name), line, _("Only you and the planner know of it.")),
        link=outside("cover.ask", meeting_id=request.meeting_id),
        link_label=_("See your request"),
    )


def _ended(request: CoverRequest, person: Person) -> Letter:
    return Letter(
        kind="cover_ended",
        subject=_("Your request for cover on %(day)s has ended", day=_day(request)),
        lines=(
            _("Hello %(name)s.", name=person.name),
            _(
                "You had asked for cover on %(when)s. The date does not stand any more, so the request has ended "
                "and the planner is told.",
                when=_when(request),
            ),
            _("If you need cover at another time, ask for that date."),
        ),
    )


def _day(request: CoverRequest) -> str:
    return day_of(request.starts_at, request.organisation.zone)


def _when(request: CoverRequest) -> str:
    zone = request.organisation.zone
    return f"{_day(request)}, {clock(request.starts_at, zone)}–{clock(request.ends_at, zone)}"
