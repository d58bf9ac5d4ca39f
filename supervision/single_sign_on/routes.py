"""Signing in through an organisation's own provider, where the installation has one; everywhere else 404.

The way back is a GET that signs in: only the browser that was sent out, with what lies in its cookie, can take it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask import session as cookie
from flask_babel import gettext as _

from config import Oidc
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_token
from supervision.outbox.services import post
from supervision.people import identity
from supervision.people.models import Person
from supervision.single_sign_on import mails, policy, queries, rules, services
from supervision.single_sign_on.models import OuterIdentity
from supervision.single_sign_on.provider import Provider
from supervision.single_sign_on.rules import Errand, Told
from supervision.store.database import session, writing
from supervision.web.edge import edge, now
from supervision.web.guard import guard, open_page
from supervision.web.messages import sentence
from supervision.web.page import go_on, page, relative_only, see_other

bp = Blueprint("single_sign_on", __name__)
ERRAND = "errand"


def _settings() -> Oidc:
    found = cast("Oidc | None", current_app.config["SETTINGS"].oidc)
    if found is None:
        abort(404)
    return found


def _provider(settings: Oidc) -> Provider:
    kept = cast("Provider | None", current_app.extensions.get("provider"))
    if kept is None or kept.settings != settings:
        kept = current_app.extensions["provider"] = Provider(settings)
    return kept


def _back_address() -> str:
    """Return where the provider sends people back to: under BASE_URL, in development the host that is asked."""
    base = current_app.config["SETTINGS"].base_url
    return str(base) + url_for(".back") if base else url_for(".back", _external=True)


@bp.app_context_processor
def _names() -> dict[str, Any]:
    settings = current_app.config["SETTINGS"].oidc
    return {"provider_name": settings.name if settings else None, "outer_identities": _own_identities}


def _own_identities(actor: Actor) -> Sequence[OuterIdentity]:
    return queries.identities_of(session(), actor.id)


@bp.route("/sign-in/organisation")
@open_page("everyone must be able to sign in")
def leave(_actor: Actor) -> Response:
    """Send the browser to the provider; what it needs to come back lies in its cookie."""
    settings = _settings()
    session().rollback()  # no transaction is open while another machine is waited for
    onward = relative_only(request.args.get("next"), url_for("home.start"))
    errand = Errand(new_token(), new_token(), new_token(), onward, now())
    try:
        address = _provider(settings).way_out(errand, back=_back_address(), now=now())
    except RuleBroken as broken:
        return _refused(broken, settings, onward)
    cookie[ERRAND] = [errand.state, errand.nonce, errand.verifier, errand.onward, errand.left_at.isoformat()]
    return Response("", 303, {"Location": address})


@bp.route("/sign-in/organisation/back")
@open_page("everyone must be able to sign in")
def back(_actor: Actor) -> Response:
    """Take who comes back from the provider: check what it says, find the person, sign in."""
    settings = _settings()
    session().rollback()  # as above
    errand = _errand()
    onward = errand.onward if errand else url_for("home.start")
    try:
        told = _ask(settings, errand)
        rules.check_strength(told, acr=settings.acr, amr=settings.amr)
        _sign_in(settings, told)
    except RuleBroken as broken:
        session().rollback()
        return _refused(broken, settings, onward)
    return go_on(onward)


def _errand() -> Errand | None:
    try:
        state, nonce, verifier, onward, left_at = cookie.pop(ERRAND, ())
        return Errand(
            state, nonce, verifier, relative_only(onward, url_for("home.start")), datetime.fromisoformat(left_at)
        )
    except ValueError:
        return None


def _ask(settings: Oidc, errand: Errand | None) -> Told:
    errand = rules.check_return(errand, state=request.args.get("state", ""), now=now())
    provider = _provider(settings)
    names_itself = provider.names_itself(now())
    rules.check_speaker(issuer=settings.issuer, said=request.args.get("iss"), always_says=names_itself)
    rules.check_error(request.args.get("error"))
    return provider.told(request.args.get("code", ""), errand, back=_back_address(), now=now())


def _sign_in(settings: Oidc, told: Told) -> None:
    writing.set(True)
    found = services.find_person(session(), told, has_role=_has_role, domains=settings.domains, now=now())
    if found.is_first:
        letter = mails.connected_letter(found.person, settings.name)
        post(session(), to=found.person.email, language=found.person.language, letter=letter, now=now())
    identity.sign_in(found.person, is_own_device=False, factor="oidc")
    session().commit()


def _has_role(person: Person) -> bool:
    actor = Actor(person_id=person.id, is_operator=person.is_operator, is_supervisor=person.is_supervisor)
    return replace(actor, **edge().relations_of(session(), person.id)).has_role


def _refused(broken: RuleBroken, settings: Oidc, onward: str) -> Response:
    cause = type(broken.__cause__).__name__ if broken.__cause__ else "-"
    current_app.logger.warning("single sign-on refused: %s (%s)", broken.code, cause)
    words = sentence(broken.refusal)
    answer = page("single_sign_on/refused.html", sentence=words, name=settings.name, onward=onward)
    answer.status_code = 409
    return answer


@bp.route("/me/security/organisation/<uuid:identity_id>/remove", methods=["POST"])
@guard(queries.get_own_identity, policy.may_disconnect)
def disconnect(actor: Actor, outer: OuterIdentity) -> Response:
    """Cut the connection with the provider."""
    services.disconnect(session(), actor, outer, now=now())
    return see_other("factors.security", said=_("The connection is removed."))
