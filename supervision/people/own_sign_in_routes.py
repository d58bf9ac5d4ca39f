"""One's own password and sessions: a forgotten password, another one, and ending what is signed in elsewhere."""

from flask import Response
from flask_babel import gettext as _

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.kernel.actor import STRANGER, Actor
from supervision.kernel.errors import RuleBroken
from supervision.outbox.services import post
from supervision.people import forms, identity, mails, policy, queries, rules, services
from supervision.people.models import LoginSession, Person
from supervision.people.routes import bp, checked, is_let, tell_changed
from supervision.store.database import session, writing
from supervision.web.dates import language
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor, open_page
from supervision.web.page import attempt, page, refuse, see_other


@bp.route("/sign-in/forgotten", methods=["GET", "POST"])
@open_page("whoever has forgotten their password is not signed in")
def forgotten(_actor: Actor) -> Response:
    """Send a link for a new password; answer, mail and work are the same whether or not the address is known."""
    form = forms.AddressForm()
    if form.validate_on_submit() and _send_link(form):
        return see_other(".sign_in_with_password", said=_("We have sent a mail to your address. It says how to go on."))
    return page("people/forgotten.html", form=form)


def _send_link(form: forms.AddressForm) -> bool:
    email = rules.tidy_email(form.email.data or "")
    person = queries.find_person(session(), email)
    if not is_let(form, "forgotten", email, person):
        return False
    speaks = person.language if person else language()
    if person is not None and person.password_hash is not None:
        letter = mails.new_password_letter(speaks, services.ask_new_password(session(), person, now=now()))
    else:  # a code that nobody is told: the same work as above
        services.ask_for_code(session(), email=email, browser=identity.this_browser(), now=now())
        record(session(), STRANGER, Action.PERSON_FORGOT_PASSWORD, ObjectKind.PERSON, None, now=now())
        letter = mails.no_password_letter(speaks)
    post(session(), to=email, language=speaks, letter=letter, now=now())
    return True


@bp.route("/me/security/password", methods=["GET", "POST"])
@guard_actor(policy.may_be_signed_in)
def change_password(actor: Actor) -> Response:
    """Change one's password; asks for the present one, and ends every other session."""
    person = queries.get_person(session(), actor.id)
    if person.password_hash is None:
        return see_other("factors.security")
    form = forms.ChangePasswordForm()
    if form.validate_on_submit() and attempt(form, checked, form.password.data or "") and _present_fits(form, person):
        password_hash = services.HASHER.hash(form.password.data or "")
        writing.set(True)
        person = queries.get_person(session(), actor.id)
        token = identity.this_token()
        with identity.this_device_kept():
            services.change_password(session(), person, password_hash=password_hash, token=token, now=now())
        tell_changed(person, "password")
        return see_other("factors.security", said=_("Your password is changed. Every other session has ended."))
    return page("people/change_password.html", form=form)


def _present_fits(form: forms.ChangePasswordForm, person: Person) -> bool:
    """Count the try, then compare with no transaction open."""
    if not is_let(form, "password", person.email, person):
        return False
    password_hash = person.password_hash
    session().commit()
    fits = services.password_fits(password_hash, form.present.data or "")
    if not fits:
        refuse(form, RuleBroken("password_wrong", "present").refusal)
    return fits


@bp.route("/me/security/sessions/<uuid:session_id>/end", methods=["POST"])
@guard(queries.get_own_session, policy.may_end_session)
def end_session(_actor: Actor, kept: LoginSession) -> Response:
    """End one of one's own sessions."""
    is_this = kept == identity.this_session()
    with identity.this_device_kept():
        services.end_one_session(session(), kept, now=now())
    if is_this:
        identity.sign_out()
        return see_other(".sign_in", said=_("You are signed out."))
    return see_other("factors.security", said=_("The session has ended."))


@bp.route("/me/security/sessions/end-others", methods=["POST"])
@guard_actor(policy.may_be_signed_in)
def end_other_sessions(actor: Actor) -> Response:
    """End every session of one's own but this."""
    identity.end_others()
    record(session(), actor, Action.SESSIONS_ENDED, ObjectKind.PERSON, actor.id, now=now())
    return see_other("factors.security", said=_("Every other session has ended."))
