"""Making, using, renaming and removing passkeys. Each challenge is bound to the browser that asked, and good once."""

import json
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from supervision.factors import passkey_forms as forms
from supervision.factors import passkey_policy as policy
from supervision.factors import passkey_queries as queries
from supervision.factors import passkey_rules as rules
from supervision.factors import passkey_services as services
from supervision.factors import policy as factors_policy
from supervision.factors import queries as factors
from supervision.factors.fresh import fresh_or_ask
from supervision.factors.models import Passkey
from supervision.factors.services import renew_recovery_codes
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.people import identity
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.people.routes import network, onward, tell_changed
from supervision.people.services import accept_with_passkey, count_try
from supervision.store.database import session, writing
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor, open_page
from supervision.web.messages import sentence
from supervision.web.page import attempt, go_on, page, see_other

bp = Blueprint("passkeys", __name__)
CHALLENGE = "passkey"


def party() -> rules.Party:
    """Return whom passkeys belong to: the host of BASE_URL, in development the one that is asked."""
    return rules.party_of(current_app.config["SETTINGS"].base_url or request.host_url)


def where_passkeys_work() -> str | None:
    """Return None where this page can make and use passkeys, otherwise the address that can."""
    ours = party()
    if ours.can_have_passkeys and ours.origin == request.host_url.rstrip("/"):
        return None
    return ours.origin if ours.can_have_passkeys else ours.origin.replace(ours.rp_id, "localhost")


@bp.app_context_processor
def _names() -> dict[str, Any]:
    return {"where_passkeys_work": where_passkeys_work, "may_begin_with_passkey": may_begin_with_passkey}


# Signing in, and the second step after a password


@bp.route("/sign-in/passkey/options", methods=["POST"])
@open_page("everyone must be able to sign in")
def options_for_use(actor: Actor) -> Response:
    """Hand out a challenge; whoever is signed in already is asked for a passkey of their own.

    Each leaves a row, so they are counted as tries: 429 with a sentence while this browser or network must wait.
    """
    try:
        count_try(session(), f"passkey {identity.this_browser()}", network(), now=now())
    except RuleBroken as broken:
        return _json(json.dumps({"said": sentence(broken.refusal)}), 429)
    challenge = services.new_challenge(session(), person_id=None, now=now())
    cookie[CHALLENGE] = str(challenge.id)
    return _json(services.options_for_use(session(), party(), challenge, person_id=actor.person_id))


@bp.route("/sign-in/passkey", methods=["GET", "POST"])
@open_page("everyone must be able to sign in")
def sign_in(actor: Actor) -> Response:
    """Sign in with a passkey, or show one as the second step; it stands for password and second factor."""
    form = forms.UseForm()
    if form.validate_on_submit():
        passkey = _after_challenge(form, None, partial(services.use_passkey, session(), credential=_sent(form)))
        if passkey is not None and attempt(form, _admit, actor, passkey):
            return go_on(onward())
    return page("factors/passkey_sign_in.html", form=form, onward=onward())


def _admit(actor: Actor, passkey: Passkey) -> bool:
    if actor.needs_factor:
        rules.check_owner(owner=passkey.person_id, expected=actor.person_id)
    if actor.person_id == passkey.person_id:
        identity.raise_to("passkey")
    else:
        identity.sign_in(people.get_person(session(), passkey.person_id), is_own_device=False, factor="passkey")
    return True


# Accepting an invitation: a passkey in place of a password


@bp.route("/invitation/<token>/passkey/options", methods=["POST"])
@open_page("the link of an invitation; the token is the key")
def options_for_invited(_actor: Actor, token: str) -> Response:
    """Hand out a challenge for the first passkey of someone who is invited."""
    person = _invited(token)
    challenge = services.new_challenge(session(), person_id=person.id, now=now())
    answer = services.options_for_new(session(), person, party(), challenge)
    cookie[CHALLENGE] = str(challenge.id)
    return _json(answer)


@bp.route("/invitation/<token>/passkey", methods=["GET", "POST"])
@open_page("the link of an invitation; the token is the key")
def accept(_actor: Actor, token: str) -> Response:
    """Make a passkey in place of choosing a password, and sign in; it stands for the second step too."""
    person_id = _invited(token).id
    form = forms.NewForm()
    if form.validate_on_submit():
        accepting = partial(_accept, token, credential=_sent(form), name=form.name.data or "")
        if _after_challenge(form, person_id, accepting) is not None:
            person = people.get_person(session(), person_id)
            codes = renew_recovery_codes(session(), person_id, now=now())
            identity.sign_in(person, is_own_device=False, factor="passkey")
            tell_changed(person, "passkey_added")
            return page("factors/codes.html", codes=codes, onward=url_for("home.start"))
    return page("factors/passkey_accept.html", form=form, token=token)


def _accept(token: str, **made: Any) -> Passkey:  # noqa: ANN401 - what `add_passkey` takes
    person = _invited(token)  # anew and locked: the link works once
    passkey = services.add_passkey(session(), Actor(person_id=person.id), **made)
    accept_with_passkey(session(), person, now=made["now"])
    return passkey


def _invited(token: str) -> Person:
    """Return whom a link of an invitation is for.

    Raises `invitation_used`, and `passkey_not_by_link` for who can sign in already: a link shows no second step.
    """
    found = people.find_invitation(session(), token, now())
    if found is None:
        raise RuleBroken("invitation_used")
    if not may_begin_with_passkey(found.person):
        raise RuleBroken("passkey_not_by_link")
    return found.person


def may_begin_with_passkey(person: Person) -> bool:
    """Whether someone has nothing yet to sign in with but a code by mail."""
    return person.password_hash is None and not factors.held_by(session(), person.id).has_any


# One's own passkeys; they are shown by factors.security


@bp.route("/me/security/passkeys/options", methods=["POST"])
@guard_actor(factors_policy.may_have_factor, is_before_factor=True)
def options_for_new(actor: Actor) -> Response:
    """Hand out a challenge for a new passkey."""
    if _first_show(actor) is not None:
        abort(403)
    challenge = services.new_challenge(session(), person_id=actor.id, now=now())
    person = people.get_person(session(), actor.id)
    answer = services.options_for_new(session(), person, party(), challenge)
    cookie[CHALLENGE] = str(challenge.id)
    return _json(answer)


@bp.route("/me/security/passkeys/new", methods=["GET", "POST"])
@guard_actor(factors_policy.may_have_factor, is_before_factor=True)
def add(actor: Actor) -> Response:
    """Make a passkey; the first one may be made as the second factor, right after the password."""
    if (way := _first_show(actor)) is not None:
        return way
    form = forms.NewForm()
    if form.validate_on_submit():
        adding = partial(services.add_passkey, session(), actor, credential=_sent(form), name=form.name.data or "")
        if _after_challenge(form, actor.id, adding) is not None:
            return _is_added(actor)
    return page("factors/passkey_new.html", form=form, onward=onward())


def _is_added(actor: Actor) -> Response:
    is_first = factors.held_by(session(), actor.id).codes_left == 0
    identity.raise_to("passkey")
    identity.end_others()
    tell_changed(people.get_person(session(), actor.id), "passkey_added")
    if is_first:
        codes = renew_recovery_codes(session(), actor.id, now=now())
        return page("factors/codes.html", codes=codes, onward=onward())
    return see_other("factors.security", said=_("The passkey is made. Every other session has ended."))


@bp.route("/me/security/passkeys/<uuid:passkey_id>", methods=["GET", "POST"])
@guard(queries.get_own_passkey, policy.may_change_passkey)
def rename(actor: Actor, passkey: Passkey) -> Response:
    """Give a passkey another name."""
    form = forms.NameForm(obj=passkey)
    if form.validate_on_submit():
        services.rename_passkey(session(), actor, passkey, name=form.name.data or "", now=now())
        return see_other("factors.security", said=_("Saved."))
    return page("factors/passkey_rename.html", form=form)


@bp.route("/me/security/passkeys/<uuid:passkey_id>/remove", methods=["POST"])
@guard(queries.get_own_passkey, policy.may_change_passkey)
def remove(actor: Actor, passkey: Passkey) -> Response:
    """Take a passkey out of use; the last second factor stays."""
    if (way := fresh_or_ask()) is not None:
        return way
    services.remove_passkey(session(), actor, passkey, now=now())
    identity.end_others()
    tell_changed(people.get_person(session(), actor.id), "passkey_removed")
    return see_other("factors.security", said=_("The passkey is removed. Delete it on the device too."))


def _first_show(actor: Actor) -> Response | None:
    """Return the way to show a second factor before one is added; None where that is done, or there is none yet."""
    if not actor.needs_factor:
        return fresh_or_ask()
    return see_other("factors.ask", next=onward()) if factors.held_by(session(), actor.id).has_any else None


def _sent(form: forms.UseForm | forms.NewForm) -> str:
    return form.credential.data or ""


def _after_challenge(form: FlaskForm, person_id: uuid.UUID | None, do: Callable[..., Passkey]) -> Passkey | None:
    """Use up this browser's challenge, then run what needs it; what is used up or written down stays so."""
    challenge_id = _challenge_id()
    challenge = attempt(form, services.take_challenge, session(), challenge_id, person_id=person_id, now=now())
    session().commit()  # docs/decisions.md 9: the challenge is used up although the answer may be a refusal
    writing.set(True)
    if challenge is None:
        return None
    passkey = attempt(form, do, party=party(), challenge=challenge, now=now())
    if passkey is None:
        session().commit()  # as above, for the note about a count that fell
    return passkey


def _challenge_id() -> uuid.UUID | None:
    try:
        return uuid.UUID(str(cookie.pop(CHALLENGE, "")))
    except ValueError:
        return None


def _json(text: str, status: int = 200) -> Response:
    return Response(text, status, mimetype="application/json")
