"""One's calendar address, and the feed behind it, whose token is its only key: it needs no cookie and sets none."""

import hashlib
from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, Response, abort, request
from flask_babel import force_locale
from flask_babel import gettext as _

from supervision.calendar import policy, queries, services
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.meetings import ical, mails
from supervision.people.services import note_try
from supervision.store.database import session, writing
from supervision.web.edge import now
from supervision.web.guard import guard_actor, open_page
from supervision.web.links import outside
from supervision.web.page import page, see_other

bp = Blueprint("calendar", __name__)


@bp.route("/me/calendar")
@guard_actor(policy.may_follow_own_dates)
def show(actor: Actor) -> Response:
    """Say what a calendar address is, and whether one has one."""
    return page("calendar/show.html", feed=queries.find_feed(session(), actor.id), has_dates=_has_dates(actor))


def _has_dates(actor: Actor) -> bool:
    return bool(actor.member_of or actor.supervises)


@bp.route("/me/calendar/make", methods=["POST"])
@guard_actor(policy.may_follow_own_dates)
def make(actor: Actor) -> Response:
    """Make an address, ending the older one, and show it this once."""
    token = services.make_feed(session(), actor, now=now())
    address = outside("calendar.feed", token=token)
    for_phone = "webcal://" + address.partition("://")[2]
    return page("calendar/made.html", address=address, for_phone=for_phone)


@bp.route("/me/calendar/end", methods=["POST"])
@guard_actor(policy.may_follow_own_dates)
def end(actor: Actor) -> Response:
    """End one's address."""
    services.end_feed(session(), actor, now=now())
    return see_other(".show", said=_("The address has ended. Your calendar gets no more dates from it."))


@bp.route("/calendar/<token>.ics")
@open_page("a calendar has no cookie: the token is the key; it shows one person's times and places and changes nothing")
def feed(_actor: Actor, token: str) -> Response:
    """Answer a person's dates; 404 for a token that is unknown, ended, or whose person has no seat any more."""
    found = queries.get_feed(session(), token)
    key = f"feed {found.token_hash}" if found else f"feed from {request.remote_addr}"
    try:
        services.check_reads(session(), key, is_known=found is not None, now=now())
    except RuleBroken as broken:
        return Response("", 429, {"Retry-After": str(broken.refusal.params["seconds"])})
    groups = queries.own_groups(session(), found.person_id) if found else ()
    response = None
    if found and groups:
        with force_locale(found.person.language):
            entries = [mails.entry_of(one) for one in queries.dates_of(session(), groups, now())]
            response = _answer(entries, mails.words())
    _count(key)
    return response or abort(404)


def _answer(entries: Sequence[ical.Entry], words: ical.Words) -> Response:
    """Answer the dates, or 304 to who has them already; the text is made only when it is sent."""
    response = Response(mimetype="text/calendar")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = 'inline; filename="rundan.ics"'
    response.set_etag(hashlib.sha256(repr((ical.FORM, words, entries)).encode()).hexdigest()[:32])
    response.make_conditional(request)
    if response.status_code == HTTPStatus.OK:
        response.set_data(ical.feed(entries, words))
    return response


def _count(key: str) -> None:
    """Count one reading, in a short transaction of its own after the reading one."""
    session().rollback()
    writing.set(True)
    note_try(session(), key, now=now())
    session().commit()
