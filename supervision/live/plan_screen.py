"""The plan of a meeting as the screens show it: two strips, a sentence, and the table of phases."""

from typing import Any

from supervision.live.rules import RoundState, RoundView
from supervision.live.rules.view import PlanLine
from supervision.live.words import _, long_length, phase_name
from supervision.web.dates import clock

ON_TIME_S = 30  # so much before or after the plan is on time


def plan(view: RoundView, state: RoundState, zone: str, now_text: str) -> dict[str, Any]:
    """Return the strip for `plan_strip`, with the sentence and the rows that say the same."""
    whole_s = max(sum(line.planned_s for line in view.plan), sum(line.now_s for line in view.plan), 1.0)
    phases, at_s, was_s, now_x = [], 0.0, 0.0, None
    for line in view.plan:
        x, width = 100 * at_s / whole_s, 100 * line.now_s / whole_s
        over = min(1.0, line.over_s / line.now_s) if line.now_s else 0.0
        phases.append(
            {
                "name": phase_name(line.phase),
                "short": phase_name(line.phase).split()[0],
                "case_no": line.phase.case_no,
                "state": "coming" if line.status == "skipped" else line.status,
                "planned_pct_x": 100 * was_s / whole_s,
                "planned_pct_w": 100 * line.planned_s / whole_s,
                "x": x,
                "w": width,
                "over_x": x + width * (1 - over),
                "over_w": width * over,
            }
        )
        if line.status == "now":
            now_x = 100 * (at_s + view.phase_elapsed_s) / whole_s
        at_s, was_s = at_s + line.now_s, was_s + line.planned_s
    ends = clock(view.ends_at, zone)
    return {
        "phases": phases,
        "blocks": _cases(phases),
        "now": {"x": min(now_x, 100.0), "text": _("now %(time)s", time=now_text)} if now_x is not None else None,
        "end_x": 100 * state.length_s / whole_s,
        "end_text": _("ends %(time)s", time=ends),
        "label": _in_words(view, ends),
        "span": f"{clock(view.started_at, zone)}–{ends}",
        "standing": _standing(view),
        "ends": ends,
        "rows": rows(view.plan, zone),
    }


def rows(lines: tuple[PlanLine, ...], zone: str) -> list[dict[str, Any]]:
    """Return the table of phases: a heading wherever a new part of the meeting begins."""
    found: list[dict[str, Any]] = []
    heading = None
    for line in lines:
        part = {"opening": _("The beginning"), "closing": _("The end")}.get(
            line.phase.block, _("Case %(case_no)s", case_no=line.phase.case_no)
        )
        found.append(
            {
                "heading": part if part != heading else None,
                "name": phase_name(line.phase),
                "status": line.status,
                "planned_s": line.planned_s,
                "now_s": None if line.status == "skipped" else line.now_s,
                "starts": "" if line.status == "skipped" else clock(line.starts_at, zone),
            }
        )
        heading = part
    return found


def _cases(phases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    blocks = []
    for case_no in sorted({phase["case_no"] for phase in phases if phase["case_no"]}):
        own = [phase for phase in phases if phase["case_no"] == case_no]
        x = own[0]["x"]
        name = _("Case %(case_no)s", case_no=case_no)
        blocks.append({"name": name, "x": x, "w": own[-1]["x"] + own[-1]["w"] - x})
    return blocks


def _in_words(view: RoundView, ends: str) -> str:
    done = sum(1 for line in view.plan if line.status == "done")
    return _(
        "The plan. Phases done: %(done)s. Now: %(phase)s. Phases left: %(coming)s. Ends %(ends)s.",
        done=done,
        phase=phase_name(view.phase),
        coming=sum(1 for line in view.plan if line.status == "coming"),
        ends=ends,
    )


def _standing(view: RoundView) -> dict[str, str]:
    """Return how the meeting stands to its plan: `word` is over, behind, ahead or on_time, with the time in words."""
    if view.overrun_s >= 1:
        return {"word": "over", "time": long_length(view.overrun_s)}
    if abs(view.behind_s) < ON_TIME_S:
        return {"word": "on_time", "time": ""}
    return {"word": "behind" if view.behind_s > 0 else "ahead", "time": long_length(abs(view.behind_s))}
