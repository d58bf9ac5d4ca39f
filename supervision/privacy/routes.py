"""What is kept how long, one's own data to take out, and erasing oneself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from supervision.audit import services as audit
from supervision.audit.codes import Action, ObjectKind
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import local_day
from supervision.people import identity
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.people.rules import FRESH, tidy_email
from supervision.privacy import forgetting, forms, labels, own_data, policy, queries, rules, values, words
from supervision.privacy.wiping import wipe_after
from supervision.store.database import session
from supervision.web import dates
from supervision.web.edge import now
from supervision.web.guard import guard_actor, open_page
from supervision.web.messages import sentence
from supervision.web.page import attempt, page, see_other
from supervision.web.texts import text_seal

bp = Blueprint("privacy", __name__)
ZONE = "Europe/Stockholm"  # Swedish and Danish clocks show the same


@bp.route("/privacy")
@open_page("what is kept how long is for everyone to know, also before signing up")
def show_kept(_actor: Actor) -> Response:
    """Show for every table what it holds and how long, in plain words."""
    return page("privacy/kept.html", themes=words.themes())


@bp.route("/me/data", methods=["GET", "POST"])
@guard_actor(policy.may_see_own_data)
def own(actor: Actor) -> Response:
    """Say what can be taken out; hand over the file, for which one has to have signed in just now."""
    if not policy.may_take_out_or_erase(actor):
        return _show_key_first(url_for(".own"))
    if request.method == "GET":
        return page("privacy/own.html")
    if not _has_just_signed_in():
        return _sign_in_again(actor, url_for(".own"))
    person = people.get_person(session(), actor.id)
    gathered = own_data.gather(session(), text_seal(), person)
    audit.record(session(), actor, Action.PERSON_EXPORTED, ObjectKind.PERSON, person.id, now=now())
    if request.form.get("kind") == "json":
        return _file(own_data.as_json(gathered, now=now()), "application/json", "rundan.json")
    return _file(_readable(gathered, now()), "text/html", "rundan.html")


@bp.route("/me/erase", methods=["GET", "POST"])
@guard_actor(policy.may_see_own_data)
def erase(actor: Actor) -> Response:
    """Say what goes and what stays, then erase the one who asks; the session ends with it."""
    if not policy.may_take_out_or_erase(actor):
        return _show_key_first(url_for(".erase"))
    person = people.get_person(session(), actor.id)
    form = forms.EraseForm()
    if request.method == "POST" and not _has_just_signed_in():
        return _sign_in_again(actor, url_for(".erase"))
    if form.validate_on_submit() and attempt(form, _erase, person, form.email.data or ""):
        identity.sign_out()
        answer = see_other("people.sign_in", said=_("You are erased. Thank you for the time with us."))
        answer.headers["Clear-Site-Data"] = '"storage"'  # a round that this browser kept goes too, as at sign-out
        return answer
    counts = own_data.count(own_data.gather(session(), text_seal(), person))
    goes = {table: count for table, count in counts.items() if table not in own_data.STAYS}
    return page(
        "privacy/erase.html",
        form=form,
        person=person,
        goes=words.by_theme(goes),
        leads=bool(counts.get("assignment")),
        refused=_refused(person),
    )


def _refused(person: Person) -> str | None:
    """Return in a sentence what has to happen first, if something has."""
    try:
        rules.check_may_go(queries.duties_of(session(), person.id))
    except RuleBroken as broken:
        return str(sentence(broken.refusal))
    return None


def _erase(person: Person, typed: str) -> bool:
    if tidy_email(typed) != person.email:
        raise RuleBroken("erase_not_meant", "email")
    forgetting.erase(session(), text_seal(), person, now=now())
    wipe_after(session())
    return True


def _has_just_signed_in() -> bool:
    """Whether this session began, or showed its second factor, in the last quarter of an hour."""
    kept = identity.this_session()
    return kept is not None and (now() - kept.started_at <= FRESH or identity.is_fresh())


def _sign_in_again(actor: Actor, onward: str) -> Response:
    place = "people.sign_in_with_password" if actor.has_role else "people.sign_in"
    told = _("Sign in once more before you go on. It protects you when someone else holds your device.")
    return see_other(place, said=told, next=onward)


def _show_key_first(onward: str) -> Response:
    """Send someone with a role, who has shown a mailed code only, to a way of signing in that has a second step."""
    told = _(
        "You have a role here, so a code by mail is not enough for your data. Sign in with your passkey or your "
        "organisation's sign-in first; if you are newly invited, open the link of the invitation."
    )
    return see_other("people.sign_in", said=told, next=onward)


def _file(content: str, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _readable(gathered: dict[str, list[dict[str, Any]]], made_at: datetime) -> str:
    parts = [
        (labels.title(key), [_told(key, row) for row in values.in_order(rows)])
        for key, rows in gathered.items()
        if rows
    ]
    return str(render_template("privacy/file.html", parts=parts, made_on=local_day(made_at, ZONE)))


def _told(part: str, row: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return each column's word and what it says, in lines."""
    return [
        (labels.label(name), _shown(values.in_words(part, name, value), "\n" if name == "text" else " · ").split("\n"))
        for name, value in row.items()
        if values.is_told(part, row, name)
    ]


def _shown(value: Any, between: str = " · ") -> str:  # noqa: ANN401 - plain values of any shape
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, dict):
        return between.join(_shown(one) for one in value.values() if one not in (None, "", []))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_shown(one) for one in value)
    return _instant(value) if isinstance(value, str) else str(value)


def _instant(text: str) -> str:
    """Return an instant as people write it, and any other text as it is."""
    try:
        at = datetime.fromisoformat(text)
        if at.utcoffset() != timedelta(0):
            return text
        return f"{dates.long_date(local_day(at, ZONE))} {dates.clock(at, ZONE)}"
    except (ValueError, OverflowError):  # what somebody wrote can look like an instant at the end of all time
        return text
