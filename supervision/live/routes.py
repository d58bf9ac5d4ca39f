"""Pages of a running round: the supervisor's table, the room, the end. Before and after have modules of their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, make_response, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supervision.formats.queries import find_format
from supervision.kernel.actor import Actor
from supervision.kernel.errors import Refusal, RuleBroken
from supervision.kernel.ids import new_token
from supervision.live import forms, policy, queries, screens, services, wire
from supervision.live.models import LiveControl
from supervision.live.patterns import patterns
from supervision.live.rules import Event, RoundState, view_at
from supervision.live.rules.counting import settle
from supervision.live.standing import Control
from supervision.live.words import in_language
from supervision.meetings.models import Meeting
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard, open_page
from supervision.web.limits import takes
from supervision.web.messages import sentence
from supervision.web.page import attempt, page, see_other

bp = Blueprint("live", __name__)

DEVICE = "device"
TOKEN = 16  # characters of a form's token (96 bits); with a kind and a person's id it fits the log's 64


def this_device() -> str:
    """Return the random id of this browser, made when it first controls or commands a round."""
    if DEVICE not in cookie:
        cookie[DEVICE] = new_token()
    return str(cookie[DEVICE])


@bp.route("/meetings/<uuid:meeting_id>/live")
@guard(queries.get_meeting, policy.may_run_round)
def show(_actor: Actor, meeting: Meeting) -> Response:
    """Show the supervisor's table; `ask` chooses who asks a question, where the page cannot do that by itself."""
    if meeting.status != "live":
        return where_it_is(meeting)
    return _round(meeting, queries.state_of(session(), meeting), asking="ask" in request.args)


@bp.route("/meetings/<uuid:meeting_id>/live/command", methods=["POST"])
@guard(queries.get_meeting, policy.may_run_round)
def command(_actor: Actor, meeting: Meeting) -> Response:
    """Do one thing at the table: give the floor, pause, undo …; a form sent twice changes nothing."""
    kind, _colon, person_id = request.form.get("act", "").partition(":")
    person_id = person_id or request.form.get("person_id", "")
    refused = None
    try:
        services.give_command(
            session(),
            meeting,
            kind,
            device_id=this_device(),
            device_event_id=_event_id(kind, person_id),
            now=now(),
            person_id=person_id or None,
            data=_numbers("case_no", "from"),
        )
    except RuleBroken as broken:
        refused = _why(meeting, broken.refusal)
    return see_other(".show", meeting_id=meeting.id, said=refused)


@bp.route("/meetings/<uuid:meeting_id>/live/events", methods=["POST"])
@guard(queries.get_locked_meeting, policy.may_run_round)
@takes(json=True)
def take_in(actor: Actor, meeting: Meeting) -> ResponseReturnValue:
    """Take in the taps a device has waiting, and answer with what the log has that the device has not."""
    try:
        after, taps = wire.read(request.get_json(silent=True))
    except RuleBroken as broken:
        return make_response({"code": broken.refusal.code, "sentence": sentence(broken.refusal)}, 400)
    done = services.take_in(session(), actor, meeting, taps, device_id=this_device(), now=now())
    refused = [
        {"id": event_id, "code": refusal.code, "sentence": _why(meeting, refusal)} for event_id, refusal in done.refused
    ]
    # A device that has all that was before its taps, as most do, is answered with what they became.
    log = done.events if after == done.after else queries.log_of(session(), meeting.id, max(0, after))
    answer = _answer(meeting, log, done.state.last_seq, done.control)
    return answer | {"applied": list(done.applied), "refused": refused}


@bp.route("/meetings/<uuid:meeting_id>/live/log")
@guard(queries.get_meeting, policy.may_run_round)
def log(_actor: Actor, meeting: Meeting) -> ResponseReturnValue:
    """Answer with the events of the log after seq `after`, and who has the control."""
    after = min(max(0, request.args.get("after", 0, type=int)), wire.MOST_NO)  # what a database can compare
    log = queries.log_of(session(), meeting.id, after)
    last_seq = log[-1].seq if log else queries.last_seq(session(), meeting.id)
    return _answer(meeting, log, last_seq, queries.control_of(session(), meeting.id))


@bp.route("/meetings/<uuid:meeting_id>/live/control", methods=["POST"])
@guard(queries.get_meeting, policy.may_run_round)
def take_over(_actor: Actor, meeting: Meeting) -> Response:
    """Let this device control the round."""
    try:
        services.take_over(session(), meeting, device_id=this_device(), now=now())
    except RuleBroken as broken:
        return see_other(".show", meeting_id=meeting.id, said=sentence(broken.refusal))
    return see_other(".show", meeting_id=meeting.id, said=_("This screen has the control now."))


@bp.route("/meetings/<uuid:meeting_id>/live/correct", methods=["GET", "POST"])
@guard(queries.get_meeting, policy.may_run_round)
def correct(_actor: Actor, meeting: Meeting) -> Response:
    """Set a time that went wrong; shows what stands in one phase: `phase` of the address, or the present one."""
    state = settle(queries.state_of(session(), meeting), now())
    if not state.runs:
        return where_it_is(meeting)
    form = forms.correct_form(state, request.args.get("phase", type=int))
    if form.validate_on_submit():
        floor_s = 60 * (form.minutes.data or 0) + (form.seconds.data or 0)
        done = attempt(form, _correct, meeting, form.person_id.data, {"phase": form.phase.data, "floor_s": floor_s})
        if done:
            return see_other(".show", meeting_id=meeting.id, said=_("The time is corrected."))
    times = forms.times_in(state, form.phase.data if form.phase.data is not None else state.run.index)
    return page("live/correct.html", form=form, meeting=meeting, times=times, token=_token())


def _correct(meeting: Meeting, person_id: str, data: dict[str, Any]) -> RoundState:
    return services.give_command(
        session(),
        meeting,
        "correct",
        device_id=this_device(),
        device_event_id=_event_id("correct"),
        now=now(),
        person_id=person_id,
        data=data,
    )


@bp.route("/meetings/<uuid:meeting_id>/live/hand-over")
@guard(queries.get_meeting, policy.may_run_round)
def hand_over(_actor: Actor, meeting: Meeting) -> Response:
    """Say how another screen takes over, or ask before this one does."""
    if meeting.status != "live":
        return where_it_is(meeting)
    return page(
        "live/hand_over.html",
        meeting=meeting,
        has_control=_has_control(meeting),
        who_has_control=_who_has_control(meeting),
    )


@bp.route("/meetings/<uuid:meeting_id>/live/end", methods=["GET", "POST"])
@guard(queries.get_meeting, policy.may_run_round)
def end(actor: Actor, meeting: Meeting) -> Response:
    """Ask once, then end the meeting; attendance comes next."""
    if meeting.status != "live":
        return where_it_is(meeting)
    if request.method == "POST":
        try:
            services.end_round(
                session(),
                actor,
                meeting,
                device_id=this_device(),
                device_event_id=_event_id("end"),
                now=now(),
            )
        except RuleBroken as broken:
            return see_other(".show", meeting_id=meeting.id, said=sentence(broken.refusal))
        return see_other("meetings.attendance", meeting_id=meeting.id, said=_("The meeting is over."))
    return page("live/end.html", meeting=meeting, token=_token())


def where_it_is(meeting: Meeting) -> Response:
    """Send the reader to the page of a meeting that fits its status."""
    endpoint = {"live": ".show", "held": ".summary"}.get(meeting.status, ".prepare")
    if meeting.status == "cancelled":
        return page("live/not_held.html", meeting=meeting)
    return see_other(endpoint, meeting_id=meeting.id)


def _has_control(meeting: Meeting) -> bool:
    return _is_mine(queries.control_of(session(), meeting.id))


def _answer(
    meeting: Meeting, log: Sequence[Event], last_seq: int, control: Control | LiveControl | None
) -> dict[str, Any]:
    """Return what a device asks of the log: never a case, but who had the floor, so only for who runs the round."""
    return {
        "now": now().isoformat(),
        "events": wire.rows(log),
        "control": {"is_mine": _is_mine(control), "who": _who(meeting, control)},
        "seq": last_seq,
        "status": meeting.status,
    }


def _is_mine(control: Control | LiveControl | None) -> bool:
    return control is not None and control.device_id == cookie.get(DEVICE)


def _who(meeting: Meeting, control: Control | LiveControl | None) -> str:
    since_at = control.since_at if control else None
    return screens.who_has_control(since_at, meeting.group.zone, is_mine=_is_mine(control))


def _who_has_control(meeting: Meeting) -> str:
    return _who(meeting, queries.control_of(session(), meeting.id))


def _why(meeting: Meeting, refusal: Refusal) -> str:
    """Return why a tap was refused; that another screen has the control is told with since when."""
    if refusal.code != "control_elsewhere":
        return sentence(refusal)
    return " ".join([_who_has_control(meeting), _("So nothing was changed.")])


def _token() -> str:
    return new_token()[:TOKEN]


def _event_id(kind: str, person_id: str = "") -> str:
    """Return the id of what a form asks for: the same form sent twice is one event, another button is another."""
    token = request.form.get("device_event_id", "")[:TOKEN]
    return ".".join(part for part in (token, kind, person_id) if part) if token else ""


def _numbers(*names: str) -> dict[str, Any]:
    """Return the sent fields that are whole numbers; what is no number is left for the rules to refuse."""
    found: dict[str, Any] = {}
    for name in names:
        if name in request.form:
            found[name] = request.form.get(name, type=int)
    return found


def _round(meeting: Meeting, state: RoundState, *, asking: bool = False) -> Response:
    view = view_at(state, now())
    if view is None:
        return page("live/gone.html", meeting=meeting)
    has_control = _has_control(meeting)
    chosen = find_format(session(), state.format_key)
    format_name = in_language(chosen.name) if chosen is not None else ""
    answer = page(
        "live/show.html",
        meeting=meeting,
        shown=screens.supervisors(state, view, meeting.group.zone, now(), format_name),
        has_control=has_control,
        who_has_control=_who_has_control(meeting),
        patterns=patterns(format_name),
        asking=asking,
        token=_token,
    )
    if has_control:
        answer.headers["Keep-Offline"] = "1"  # the one page a browser may keep: see static/js/live/sw.js
    return answer


@bp.route("/sw.js")
@open_page("a script without data, at the root so that it may serve the live page of a meeting")
def service_worker(_actor: Actor) -> Response:
    """Answer with the service worker that keeps the live page of the device that controls a round."""
    script = Path(str(current_app.static_folder)) / "js" / "live" / "sw.js"
    return Response(script.read_bytes(), mimetype="text/javascript")
