"""What people tell about themselves for forming groups: a supervisor their times, a participant what suits best."""

from flask import Response, request
from flask_babel import gettext as _

from supervision.formation import forms, policy, pool_queries, queries, services
from supervision.formation.routes import bp
from supervision.formation.rules.naming import read_names
from supervision.groups import rules as group_rules
from supervision.groups import sign_up_queries
from supervision.groups.models import SignUp
from supervision.groups.policy import may_change_sign_up
from supervision.groups.words import slot_word, weekdays
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor
from supervision.web.page import page, see_other

ZONE = "Europe/Stockholm"  # where a supervisor's fortnight is counted; Copenhagen has the same days


@bp.route("/my-times", methods=["GET", "POST"])
@guard_actor(policy.may_tell_times)
def my_times(actor: Actor) -> Response:
    """Let a supervisor tell when, where and in which languages they can lead groups."""
    form = forms.TimesForm(obj=queries.times_of(session(), actor.id))
    form.offer([*queries.places_known_to(session(), actor.id)], [*queries.languages_known_to(session(), actor.id)])
    if request.method == "POST" and "copy" in request.form:
        form.slots.data = list(group_rules.copy_week(form.slots.data or []))
    elif form.validate_on_submit():
        services.save_times(session(), actor, form.told(), now())
        return see_other(".my_times", said=_("Saved."))
    return page(
        "formation/my_times.html",
        form=form,
        weeks=group_rules.weeks_begin(local_day(now(), ZONE)),
        slot_starts=group_rules.SLOT_STARTS,
        days=weekdays(),
    )


@bp.route("/assignments/<uuid:assignment_id>/my-wishes", methods=["GET", "POST"])
@guard(sign_up_queries.get_own_sign_up, may_change_sign_up)
def my_wishes(actor: Actor, sign_up: SignUp) -> Response:
    """Let someone who has signed up tell which times and places suit them best, and see whom their wish names.

    What was read from the wish is told from its text alone: the page is the same whether that person has signed up.
    """
    assignment = sign_up.assignment
    places = pool_queries.places_near(session(), assignment, local_day(now(), assignment.organisation.zone))
    form = forms.WishesForm()
    form.offer(
        [(slot, slot_word(slot), sign_up.slot_wishes.get(slot)) for slot in group_rules.SLOTS if slot in sign_up.slots],
        [(place.name, sign_up.ways_km.get(place.name)) for place in places if place.name and not place.is_online],
    )
    if form.validate_on_submit():
        services.save_wishes(session(), actor, sign_up, form.told_wishes(), form.told_ways(), now())
        return see_other(".my_wishes", assignment_id=assignment.id, said=_("Saved."))
    return page(
        "formation/my_wishes.html",
        form=form,
        assignment=assignment,
        wrote_not_with=bool(sign_up.not_with.strip()),
        named=read_names(sign_up.not_with),
    )
