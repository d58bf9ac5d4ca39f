"""The page before a round: choose the format, set the table, begin."""

from flask import Response

from supervision.formats.catalogue import formats
from supervision.kernel.actor import Actor
from supervision.live import forms, policy, queries, services
from supervision.live.routes import bp, this_device, where_it_is
from supervision.meetings.models import Meeting
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other


@bp.route("/meetings/<uuid:meeting_id>/live/prepare", methods=["GET", "POST"])
@guard(queries.get_meeting, policy.may_run_round)
def prepare(actor: Actor, meeting: Meeting) -> Response:
    """Choose the format, set the table and begin."""
    if meeting.status != "planned":
        return where_it_is(meeting)
    missing = queries.not_coming(session(), meeting.id)
    seats = [
        forms.Seat(str(seat.person_id), seat.person.name, number, is_coming=seat.person_id not in missing)
        for number, seat in enumerate(queries.seats_of(session(), meeting), start=1)
    ]
    cases = queries.chosen_cases(session(), meeting.id)
    presenters = [str(case.author_id) for case in cases]
    presenters += [one for one in map(str, queries.promised_turns(session(), meeting.id)) if one not in presenters]
    wishes = ["advise" in case.wishes for case in cases]
    form = forms.prepare_form(seats, presenters, wishes, meeting.format_key or next(iter(formats())))
    if form.validate_on_submit():
        done = attempt(form, _start, actor, meeting, forms.setting_of(form, seats))
        if done:
            return see_other(".show", meeting_id=meeting.id)
    return page("live/prepare.html", form=form, meeting=meeting, seats=seats, lines=forms.format_lines())


def _start(actor: Actor, meeting: Meeting, setting: services.Setting) -> bool:
    services.start_round(session(), actor, meeting, setting, device_id=this_device(), now=now())
    return True
