"""The second factor: showing it, setting it up, and the page about one's own sign-in."""

from collections.abc import Callable

import segno
from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup

from supervision.factors import forms, policy, queries, rules, services
from supervision.factors.fresh import fresh_or_ask
from supervision.kernel.actor import Actor
from supervision.kernel.errors import Refusal, RuleBroken
from supervision.people import identity
from supervision.people import policy as people_policy
from supervision.people import queries as people
from supervision.people.routes import counted_as, onward, tell_changed
from supervision.people.rules import FACTOR_WINDOW
from supervision.people.services import count_try
from supervision.store.database import session, writing
from supervision.web.edge import now
from supervision.web.guard import guard_actor
from supervision.web.page import go_on, page, refuse, see_other
from supervision.web.texts import text_seal

bp = Blueprint("factors", __name__)

SET_UP_S = 3600  # our choice: how long the page with a new secret can be sent


@bp.route("/sign-in/factor", methods=["GET", "POST"])
@guard_actor(policy.may_have_factor, is_before_factor=True)
def ask(actor: Actor) -> Response:
    """Take the second factor after the password, or again before a change of how one signs in."""
    held = queries.held_by(session(), actor.id)
    if actor.needs_factor and not held.has_any:
        return see_other(".set_up", next=onward())
    form = forms.FactorForm()
    if form.validate_on_submit() and held.has_authenticator:
        code = form.code.data or ""
        if _tried(form, lambda: services.show_authenticator(session(), text_seal(), actor.id, code, now=now())):
            identity.raise_to("totp")
            return go_on(onward())
    return page("factors/ask.html", form=form, held=held, onward=onward())


@bp.route("/sign-in/factor/recovery", methods=["GET", "POST"])
@guard_actor(policy.may_recover, is_before_factor=True)
def recover(actor: Actor) -> Response:
    """Take a recovery code in place of the second factor; the person is told by mail."""
    form = forms.RecoveryForm()
    if form.validate_on_submit():
        code = form.code.data or ""
        if _tried(form, lambda: services.show_recovery_code(session(), actor.id, code, now=now())):
            identity.raise_to("recovery")
            tell_changed(people.get_person(session(), actor.id), "recovery_code_used")
            return see_other(".security", said=_said_left(queries.held_by(session(), actor.id).codes_left))
    return page("factors/recover.html", form=form, onward=onward())


def _said_left(left: int) -> str:
    if not left:
        return str(_("You are signed in. That was your last recovery code: make new ones."))
    said = ngettext(
        "You are signed in. You have %(num)s recovery code left.",
        "You are signed in. You have %(num)s recovery codes left.",
        left,
    )
    return str(said)


def _tried(form: forms.FactorForm | forms.RecoveryForm, show: Callable[[], None]) -> bool:
    """Count a try and commit it, so that a refusal does not take it back; then show the factor."""
    try:
        person = people.get_person(session(), identity.this_person_id())
        account, network = counted_as("factor", str(person.id), person)
        here = network and f"factor {network}"  # a network's sign-ins are not counted twice
        count_try(session(), account, here, now=now(), window=FACTOR_WINDOW)
        session().commit()
        writing.set(True)
        show()
    except RuleBroken as broken:
        refuse(form, broken.refusal)
        return False
    return True


@bp.route("/sign-in/factor/set-up", methods=["GET", "POST"])
@guard_actor(policy.may_have_factor, is_before_factor=True)
def set_up(actor: Actor) -> Response:
    """Set up an authenticator app: the first one after the password, or another in place of the present one."""
    held = queries.held_by(session(), actor.id)
    if actor.needs_factor and held.has_any:
        return see_other(".ask", next=onward())
    if not actor.needs_factor and (way := fresh_or_ask()) is not None:
        return way
    form = forms.SetUpForm()
    secret = _signed_secret(form.secret.data or "")
    if secret is None:
        form.code.data, secret = None, rules.new_secret()
        if request.method == "POST":
            refuse(form, Refusal("set_up_old", "code"))
    elif form.validate_on_submit():
        code = form.code.data or ""
        set_it = services.set_authenticator
        if _tried(form, lambda: set_it(session(), text_seal(), actor.id, secret=secret, typed=code, now=now())):
            return _is_set(actor, is_first=held.codes_left == 0)
    person = people.get_person(session(), actor.id)
    return page(
        "factors/set_up.html",
        form=form,
        secret=secret,
        signed_secret=_signer().dumps([secret, str(actor.id)]),
        drawing=_drawing(rules.address_for_app(secret, person.email)),
        is_first=actor.needs_factor,
        onward=onward(),
    )


def _is_set(actor: Actor, *, is_first: bool) -> Response:
    identity.raise_to("totp")
    identity.end_others()
    tell_changed(people.get_person(session(), actor.id), "authenticator")
    if is_first:
        codes = services.renew_recovery_codes(session(), actor.id, now=now())
        return page("factors/codes.html", codes=codes, onward=onward())
    return see_other(".security", said=_("The new authenticator app works. Every other session has ended."))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="authenticator")


def _signed_secret(signed: str) -> str | None:
    """Return the secret that this page gave the same person, if not too long ago."""
    try:
        secret, person_id = _signer().loads(signed, max_age=SET_UP_S)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(secret) if person_id == str(identity.this_person_id()) else None


def _drawing(address: str) -> Markup:
    words = {"title": _("QR code for the authenticator app"), "svgclass": "qr", "lineclass": None}
    drawn = segno.make(address, error="m").svg_inline(omitsize=True, border=4, light="#fff", dark="#000", **words)
    # drawn from a secret and an escaped address; nothing of it is markup
    return Markup(drawn)  # noqa: S704  # nosec B704


@bp.route("/me/security")
@guard_actor(people_policy.may_be_signed_in)
def security(actor: Actor) -> Response:
    """Show how one signs in and where one is signed in."""
    authenticator = queries.find_authenticator(session(), actor.id)
    return page(
        "factors/security.html",
        person=people.get_person(session(), actor.id),
        may_have_factor=policy.may_have_factor(actor),
        authenticator=authenticator,
        held=queries.held_by(session(), actor.id),
        passkeys=queries.passkeys_of(session(), actor.id),
        sessions=people.sessions_of(session(), actor.id, now()),
        this_session=identity.this_session(),
        codes_left=_codes_left(queries.held_by(session(), actor.id).codes_left),
    )


def _codes_left(left: int) -> str:
    said = ngettext(
        "%(num)s of %(all)s is left. It lets you in when your phone is lost.",
        "%(num)s of %(all)s are left. One of them lets you in when your phone is lost.",
        left,
        all=rules.RECOVERY_CODES,
    )
    return str(said)


@bp.route("/me/security/recovery-codes", methods=["GET", "POST"])
@guard_actor(policy.may_have_factor)
def renew_codes(actor: Actor) -> Response:
    """Ask, then make new recovery codes; they are shown in this one answer, and loading it again changes nothing."""
    if (way := fresh_or_ask()) is not None:
        return way
    if request.method == "POST":
        codes = services.renew_seen_codes(session(), actor.id, seen=request.form.get("seen", ""), now=now())
        if codes is None:
            said = _(
                "Nothing has changed: the newest codes are good. They are not shown again; make new ones if need be."
            )
            return see_other(".renew_codes", said=said)
        tell_changed(people.get_person(session(), actor.id), "recovery_codes")
        return page("factors/codes.html", codes=codes, onward=url_for(".security"))
    seen = queries.mark_of_codes(session(), actor.id)
    return page("factors/renew_codes.html", left=queries.held_by(session(), actor.id).codes_left, seen=seen)


@bp.route("/me/security/authenticator/remove", methods=["POST"])
@guard_actor(policy.may_have_factor)
def remove_authenticator(actor: Actor) -> Response:
    """Remove the authenticator app when a passkey stands in for it."""
    if (way := fresh_or_ask()) is not None:
        return way
    services.remove_authenticator(session(), actor.id, now=now())
    identity.end_others()
    tell_changed(people.get_person(session(), actor.id), "authenticator_removed")
    return see_other(".security", said=_("The authenticator app is removed. Every other session has ended."))
