"""The page before a round: what was noted last time, whose turn it is, the format, the table."""

from flask import Response

from supervision.cases import follow_up_queries, follow_up_services
from supervision.cases import queries as cases
from supervision.formats.queries import formats_for
from supervision.formats.rules import OWN
from supervision.kernel.actor import Actor
from supervision.live import forms, policy, queries, services
from supervision.live.routes import bp, this_device, where_it_is
from supervision.meetings.models import Meeting
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other
from supervision.web.texts import text_seal

SHOWN = 3  # formats of the product shown before "More formats"


@bp.route("/meetings/<uuid:meeting_id>/live/prepare", methods=["GET", "POST"])
@guard(queries.get_meeting, policy.may_run_round)
def prepare(actor: Actor, meeting: Meeting) -> Response:
    """Choose the format, set the table and begin."""
    if meeting.status != "planned":
        return where_it_is(meeting)
    seats = _seats(meeting)
    known = formats_for(session(), actor)
    chosen = meeting.format_key if meeting.format_key in known else next(key for key in known if key[:4] != OWN)
    form = forms.prepare_form(seats, *_presenters(meeting), chosen or "", known.values())
    if form.validate_on_submit():
        done = attempt(form, _start, actor, meeting, forms.setting_of(form, seats))
        if done:
            return see_other(".show", meeting_id=meeting.id)
    length_s = int((meeting.ends_at - meeting.starts_at).total_seconds())
    rows = follow_up_queries.follow_ups_before(session(), meeting)
    return page(
        "live/prepare.html",
        form=form,
        meeting=meeting,
        seats=seats,
        lines=forms.format_lines(known.values(), length_s),
        first=SHOWN + sum(key.startswith(OWN) for key in known),
        length_min=length_s // 60,
        noted=follow_up_services.open_all(text_seal(), actor, rows),
        turn=cases.whose_turn_at(session(), actor, meeting.group, meeting, now()),
    )


def _seats(meeting: Meeting) -> list[forms.Seat]:
    missing = queries.not_coming(session(), meeting.id)
    return [
        forms.Seat(str(seat.person_id), seat.person.name, number, is_coming=seat.person_id not in missing)
        for number, seat in enumerate(queries.seats_of(session(), meeting), start=1)
    ]


def _presenters(meeting: Meeting) -> tuple[list[str], list[bool]]:
    """Return who is proposed to bring the cases, and whether each wishes advice: chosen cases, then who was told."""
    chosen = queries.chosen_cases(session(), meeting.id)
    presenters = [str(case.author_id) for case in chosen]
    presenters += [one for one in map(str, queries.promised_turns(session(), meeting.id)) if one not in presenters]
    return presenters, ["advise" in case.wishes for case in chosen]


def _start(actor: Actor, meeting: Meeting, setting: services.Setting) -> bool:
    services.start_round(session(), actor, meeting, setting, device_id=this_device(), now=now())
    return True
