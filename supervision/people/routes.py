"""Signing in and out, choosing a password, one's own profile."""

from flask import Blueprint, Response, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.outbox.services import post
from supervision.people import forms, identity, mails, policy, queries, rules, services
from supervision.people.models import Person
from supervision.store.database import session, writing
from supervision.web.dates import language
from supervision.web.edge import now
from supervision.web.guard import guard_actor, open_page
from supervision.web.page import attempt, go_on, page, refuse, relative_only, see_other

bp = Blueprint("people", __name__)


def network() -> str:
    """Return the key under which tries from this request's network address are counted."""
    return f"network {rules.network_of(request.remote_addr)}"


def counted_as(what: str, account: str, person: Person | None) -> tuple[str, str | None]:
    """Return the keys under which a try is counted: account and network, or a device that is known as the person's."""
    number = identity.device_known_as(person)
    return (f"{what} {account}", network()) if number is None else (f"{what} device {number}", None)


def is_let(form: FlaskForm, what: str, email: str, person: Person | None) -> bool:
    """Count a try (see `counted_as`); who must wait is told so in the form."""
    try:
        services.count_try(session(), *counted_as(what, email, person), now=now())
    except RuleBroken as broken:
        refuse(form, broken.refusal)
        return False
    return True


def onward() -> str:
    """Return where the browser wanted to go before it had to sign in."""
    return relative_only(request.values.get("next"), url_for("home.start"))


@bp.route("/sign-in", methods=["GET", "POST"])
@open_page("everyone must be able to sign in")
def sign_in(_actor: Actor) -> Response:
    """Ask for an address and send a code; the answer is the same whether or not the address is known."""
    form = forms.AddressForm()
    if form.validate_on_submit() and send_code(form):
        return see_other(".enter_code", next=onward())
    return page("people/sign_in.html", form=form, onward=onward())


def send_code(form: forms.AddressForm) -> bool:
    """Send a code to a form's address, unless it was asked for too often; used by sign-in and sign-up."""
    email = rules.tidy_email(form.email.data or "")
    person = queries.find_person(session(), email)
    if not is_let(form, "code", email, person):
        return False
    code = services.ask_for_code(session(), email=email, browser=identity.this_browser(), now=now())
    speaks = person.language if person else language()
    has_password = person is not None and person.password_hash is not None
    letter = mails.use_password_letter(speaks) if has_password else mails.code_letter(code, speaks)
    post(session(), to=email, language=speaks, letter=letter, now=now())
    return True


@bp.route("/sign-in/code", methods=["GET", "POST"])
@open_page("everyone must be able to sign in")
def enter_code(_actor: Actor) -> Response:
    """Take the code. A person with a password must use it; an unknown address is told the code is not right."""
    form = forms.CodeForm(code=request.args.get("code", ""))
    if form.validate_on_submit():
        person = attempt(form, _person_of_code, form.code.data or "")
        if person is not None:
            identity.sign_in(person, is_own_device=bool(form.is_own_device.data))
            return go_on(onward())
        session().commit()
    return page("people/enter_code.html", form=form, onward=onward())


def _person_of_code(code: str) -> Person:
    email = services.redeem_code(session(), code=code, browser=identity.this_browser(), now=now())
    person = queries.find_person(session(), email)
    if person is None or person.password_hash is not None:
        raise RuleBroken("code_wrong", "code")
    return person


@bp.route("/sign-in/password", methods=["GET", "POST"])
@open_page("everyone must be able to sign in")
def sign_in_with_password(_actor: Actor) -> Response:
    """Check a password outside any write, then sign in."""
    form = forms.PasswordForm()
    if form.validate_on_submit() and _password_fits(form):
        person = queries.find_person(session(), form.email.data or "")
        if person is not None:
            identity.sign_in(person, is_own_device=bool(form.is_own_device.data))
            return go_on(onward())
    return page("people/sign_in_with_password.html", form=form, onward=onward())


def _password_fits(form: forms.PasswordForm) -> bool:
    """Count the try, then compare with no transaction open: argon2 takes a tenth of a second."""
    email = rules.tidy_email(form.email.data or "")
    person = queries.find_person(session(), email)
    if not is_let(form, "password", email, person):
        return False
    password_hash = person.password_hash if person else None
    session().commit()
    fits = services.password_fits(password_hash, form.password.data or "")
    writing.set(True)
    if not fits:
        refuse(form, RuleBroken("sign_in_failed", "password").refusal)
    return fits


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@open_page("the link of an invitation; the token is the key")
def accept(_actor: Actor, token: str) -> Response:
    """Choose a password and sign in; a passkey in its place is made in `passkeys.accept`."""
    form = forms.NewPasswordForm()
    invitation = queries.find_invitation(session(), token, now())
    if invitation is None:
        raise RuleBroken("invitation_used")
    if form.validate_on_submit() and attempt(form, checked, form.password.data or ""):
        session().rollback()
        password_hash = services.HASHER.hash(form.password.data or "")
        invitation = queries.find_invitation(session(), token, now())
        if invitation is None:
            raise RuleBroken("invitation_used")
        had_password = invitation.person.password_hash is not None
        person = services.accept_invitation(session(), invitation, password_hash=password_hash, now=now())
        if had_password:
            tell_changed(person, "password")
        identity.sign_in(person, is_own_device=False)
        return see_other("home.start", said=_("Your password is set."))
    return page("people/accept.html", form=form, person=invitation.person, token=token)


def checked(password: str) -> bool:
    """Whether a password may be chosen; raises `password_short`, `password_long`."""
    rules.check_password(password)
    return True


def tell_changed(person: Person, what: str) -> None:
    """Write to a person that how they sign in has changed; see `mails.sign_in_changed_letter`."""
    letter = mails.sign_in_changed_letter(person, what)
    post(session(), to=person.email, language=person.language, letter=letter, now=now())


@bp.route("/sign-out", methods=["POST"])
@open_page("whoever is not signed in loses nothing by it")
def sign_out(_actor: Actor) -> Response:
    """End the session."""
    identity.sign_out()
    return see_other(".sign_in", said=_("You are signed out."))


@bp.route("/me", methods=["GET", "POST"])
@guard_actor(policy.may_be_signed_in)
def profile(actor: Actor) -> Response:
    """Show and change one's own name and language."""
    person = queries.get_person(session(), actor.id)
    form = forms.ProfileForm(obj=person)
    if form.validate_on_submit():
        services.change_profile(
            session(),
            actor,
            person,
            name=form.name.data or "",
            language=form.language.data,
            wants_reminders=bool(form.wants_reminders.data),
            now=now(),
        )
        cookie.pop("language", None)
        return see_other(".profile", said=_("Saved."))
    return page("people/profile.html", form=form, person=person)
