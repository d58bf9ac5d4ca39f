"""Who the browser is: flask-login over our own sessions. The only module that knows flask-login."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Flask, Response, current_app, g, request
from flask import session as cookie
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_login import current_user as signed_in  # noqa: TID251 - this is the edge
from sqlalchemy.orm import Session

from supervision.kernel.actor import STRANGER, Actor
from supervision.kernel.ids import new_token
from supervision.people import device_rules, queries, rules, services
from supervision.people.models import LoginSession, Person
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import current_actor

BROWSER = "browser"
DEVICE = "rundan-device"
KEPT = ("language", "device")  # the device: a round whose session ran out is gone on with after signing in again


class Browser(UserMixin):
    """A signed-in browser; what flask-login keeps in the cookie is the session's random token, not the person."""

    def __init__(self, token: str, kept: LoginSession) -> None:
        self.token = token
        self.kept = kept
        self.seen_at = kept.seen_at

    def get_id(self) -> str:
        """Return the token."""
        return self.token


def install(app: Flask) -> None:
    """Attach flask-login to the app."""
    login = LoginManager()
    login.init_app(app, add_context_processor=False)  # templates ask the actor, and an error page no database
    login.session_protection = None  # a phone changes its network between two shifts

    @login.user_loader  # type: ignore[untyped-decorator]
    def load(token: str) -> Browser | None:
        kept = queries.find_session(session(), token, now())
        return Browser(token, kept) if kept else None

    @app.after_request
    def keep_device(response: Response) -> Response:
        if "device" in g:
            flags = {"secure": app.config["SESSION_COOKIE_SECURE"], "httponly": True, "samesite": "Lax"}
            response.set_cookie(_device_cookie(), g.device, max_age=device_rules.LIFETIME, **flags)
        return response


def read(_session: Session, _now: datetime) -> Actor:
    """Return who is behind the present request, without relations."""
    browser = cast("Any", signed_in)
    if not browser.is_authenticated:
        return STRANGER
    person: Person = browser.kept.person
    return Actor(
        person_id=person.id,
        name=person.name,
        language=person.language,
        is_operator=person.is_operator,
        is_supervisor=person.is_supervisor,
        factor=browser.kept.factor,
        has_key=rules.has_key(has_password=person.password_hash is not None, factor=browser.kept.factor),
    )


def touch() -> bool:
    """Note that the session is in use, at most every 5 minutes; says whether something is to be committed."""
    browser = cast("Any", signed_in)
    if not browser.is_authenticated or now() - browser.seen_at < rules.TOUCH_AFTER:
        return False
    services.note_seen(session(), browser.token, now=now())
    return True


def sign_in(person: Person, *, is_own_device: bool, factor: str = "none") -> None:
    """Sign a person in: a new token, nothing of the old cookie but what is `KEPT` (rotation).

    `factor` says what was shown besides a code or a password; a passkey and a provider stand for both.
    """
    kept_values = {name: cookie[name] for name in KEPT if name in cookie}
    sign_out()
    token = services.start_session(
        session(), person, is_own_device=is_own_device, factor=factor, device=_device(), now=now()
    )
    _keep(token, kept_values)


def raise_to(factor: str) -> None:
    """Note that the present session has shown a second factor, under a new token (rotation).

    Also for showing it again before a change of how one signs in; see `is_fresh`.
    """
    kept_values = {name: cookie[name] for name in KEPT if name in cookie}
    browser = cast("Any", signed_in)
    token = services.raise_session(session(), browser.token, factor=factor, now=now())
    _keep(token, kept_values)


def this_person_id() -> UUID:
    """Return who is signed in; only asked behind a guard."""
    kept: LoginSession = cast("Any", signed_in).kept
    return kept.person_id


def this_token() -> str:
    """Return the token of the present session, so that the others can be ended."""
    return str(cast("Any", signed_in).token)


def is_fresh() -> bool:
    """Whether this session has shown its second factor in the last quarter of an hour."""
    browser = cast("Any", signed_in)
    return bool(browser.is_authenticated) and rules.is_fresh(browser.kept.factor_at, now())


def end_others() -> None:
    """End every session of this person but this one; their other devices are strange ones from now on."""
    with this_device_kept():
        services.end_other_sessions(session(), this_person_id(), this_token())


@contextmanager
def this_device_kept() -> Iterator[None]:
    """Let this device stay a known one while the person's devices are forgotten."""
    person = queries.get_person(session(), this_person_id())
    number = device_known_as(person)
    yield
    if number is not None:  # the same as before, so that nobody wins free tries by it
        _remember_device(person, number)


def device_known_as(person: Person | None) -> str | None:
    """Return this device's random number where it has signed in as a person before (`people.device_rules`)."""
    whose = None if person is None else device_rules.Whose(person.id, person.devices_forgotten)
    return device_rules.known_number(_device_sent(), _device_key(), whose, now())


def _remember_device(person: Person, number: str | None) -> None:
    whose = device_rules.Whose(person.id, person.devices_forgotten)
    g.device = device_rules.remember(_device_sent(), _device_key(), whose, now(), number=number)


def _device_sent() -> str:
    return str(g.get("device") or request.cookies.get(_device_cookie(), ""))


def _device_cookie() -> str:
    return f"__Host-{DEVICE}" if current_app.config["SESSION_COOKIE_SECURE"] else DEVICE


def _device_key() -> str:
    return str(current_app.config["SECRET_KEY"])


def this_session() -> LoginSession | None:
    """Return the row of the present session."""
    browser = cast("Any", signed_in)
    return browser.kept if browser.is_authenticated else None


def _keep(token: str, kept_values: dict[str, object]) -> None:
    session().flush()
    kept = queries.find_session(session(), token, now())
    cookie.clear()
    cookie.update(kept_values)
    login_user(Browser(token, cast("LoginSession", kept)))
    g.pop("actor", None)  # who is asking is another from here on
    actor = current_actor()
    # By half a sign-in no device becomes known: with tries of its own the other half could be guessed.
    if not (actor.needs_factor or actor.lacks_key):
        person = cast("LoginSession", kept).person
        _remember_device(person, device_known_as(person))


def _device() -> str:
    return rules.device_words(request.user_agent.string)


def sign_out() -> None:
    """End the present session, in the database and in the browser."""
    browser = cast("Any", signed_in)
    if browser.is_authenticated:
        services.end_session(session(), browser.token)
        logout_user()
    cookie.clear()


def this_browser() -> str:
    """Return the secret that binds a sign-in code to the browser that asked for it."""
    if BROWSER not in cookie:
        cookie[BROWSER] = new_token()
    return str(cookie[BROWSER])
