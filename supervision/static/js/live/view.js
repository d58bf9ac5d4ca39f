/**
 * What the screens show of a round at one instant: computed from the state, never stored.
 *
 * The twin of supervision/live/rules/view.py: the same names, seconds, instants in milliseconds.
 */

import { settle, sharesOf, speakerOf } from "./counting.js";
import { later as laterAt } from "./events.js";
import { nudgesOf } from "./nudges.js";
import { refit } from "./plan.js";
import { jain, sum } from "./shares.js";
import {
  elapsedS,
  hasRoom,
  isPassed,
  leftS,
  partOf,
  partSpokenS,
  phaseOf,
  presenterOf,
  runLeftS,
  runOf,
  waitingOf,
} from "./state.js";

/** PRODUCT: live round, the balance counts R, G and A phases; in Q the presenter answers, which is no share. */
const BALANCE_MODES = new Set(["R", "G", "A"]);

/**
 * The supervisor's view at an instant; null before the start. After the end it stays as it ended.
 *
 * Its names are those of the server's RoundView, with places, the plan, reminders and what an undo would take back.
 * @param {import("./state.js").RoundState} state
 * @param {number} nowMs
 */
export const viewAt = (state, nowMs) => {
  const now = settle(state, nowMs);
  if (now.started_at === null || now.counted_at === null) return null;
  const run = runOf(now);
  const coming = comingOf(now);
  const { total, expected } = minutesOf(now);
  return {
    status: now.status,
    phase: phaseOf(now),
    phase_index: run.index,
    case_no: phaseOf(now).case_no,
    cases: now.presenters.length,
    phase_elapsed_s: run.elapsed_s,
    phase_left_s: runLeftS(run),
    phase_over_s: Math.max(0, run.elapsed_s - run.allotted_s),
    phase_allotted_s: run.allotted_s,
    meeting_left_s: leftS(now),
    overrun_s: coming.overrun_s,
    behind_s: behindS(now),
    started_at: now.started_at,
    ends_at: now.ended_at ?? laterAt(now.counted_at, runLeftS(run) + sum(coming.lengths_s)),
    places: placesOf(now, total, expected),
    plan: planOf(now, coming),
    holder: now.holder,
    resting: now.resting,
    is_question: now.is_question,
    next_up: nextUp(now),
    balance: balanceOf(now),
    nudges: nudgesOf(now, total, expected),
    undo: now.before ? now.last : null,
    seq: now.last_seq,
  };
};

/** What everyone may see of a view: nobody's share, minutes, balance or reminders (DESIGN: never shown). */
export const forRoom = (view) => ({
  status: view.status,
  phase: view.phase,
  case_no: view.case_no,
  cases: view.cases,
  phase_left_s: view.phase_left_s,
  phase_over_s: view.phase_over_s,
  phase_allotted_s: view.phase_allotted_s,
  ends_at: view.ends_at,
  places: view.places.map(({ person_id, name, place_no, state, is_lit }) => ({
    person_id,
    name,
    place_no,
    state,
    is_lit,
  })),
  holder: view.holder,
  next_up: view.next_up,
  seq: view.seq,
});

/** Who is offered the floor next: in a round by its order, in a presenter's phase the presenter; null for nobody. */
export const nextUp = (state) => {
  if (state.status === "ended" || state.runs.length === 0) return null;
  const { mode } = phaseOf(state);
  if (mode === "R") return waitingOf(state)[0] ?? null;
  const presenter = presenterOf(state);
  const isTheirs = (mode === "P" || mode === "SP") && !state.away.has(presenter);
  return isTheirs && presenter !== speakerOf(state) ? presenter : null;
};

/**
 * Jain's index over time / expected share in R, G and A phases; null without data.
 *
 * Counted for those who were present and did not pass; a turn still going on in a round is not counted yet.
 */
export const balanceOf = (state) => {
  const ratios = [];
  for (const person of state.participants) {
    let spoken = 0;
    let expected = 0;
    for (const run of state.runs) {
      const part = partOf(run, person.id);
      if (BALANCE_MODES.has(state.phases[run.index].mode) && part.expected_s && !isPassed(part)) {
        spoken += partSpokenS(part);
        expected += part.expected_s;
      }
    }
    if (expected) ratios.push(spoken / expected);
  }
  return jain(ratios);
};

/**
 * Each one's seconds with the floor in all phases, questions included, up to the state's `counted_at`.
 * @returns {Object<string, number>} by person id
 */
export const spokenS = (state) =>
  Object.fromEntries(
    state.participants.map((person) => [
      person.id,
      sum(state.runs.map((run) => partSpokenS(partOf(run, person.id)))),
    ]),
  );

const minutesOf = (state) => {
  const total = new Map(state.participants.map((person) => [person.id, 0]));
  const expected = new Map(total);
  const add = (map, personId, seconds) => map.set(personId, map.get(personId) + seconds);
  for (const run of state.runs) {
    if (!BALANCE_MODES.has(state.phases[run.index].mode)) continue;
    for (const [personId, part] of run.parts) {
      add(total, personId, partSpokenS(part));
      add(expected, personId, isPassed(part) ? 0 : part.expected_s);
    }
  }
  const turn = speakerOf(state);
  if (turn !== null && phaseOf(state).mode === "R" && !partOf(runOf(state), turn).is_done) {
    add(expected, turn, sharesOf(state).get(turn) ?? 0);
  }
  return { total, expected };
};

/** Fit the phases after the present one into the time that is left when it has ended. */
const comingOf = (state) => {
  if (state.status === "ended") {
    const lengths = state.phases.slice(state.runs.length).map(() => 0);
    return { lengths_s: lengths, overrun_s: Math.max(0, -leftS(state)) };
  }
  const run = runOf(state);
  return refit(state.phases.slice(run.index + 1), leftS(state) - runLeftS(run));
};

/** Seconds behind the plan as it was made at the start; negative when ahead. */
const behindS = (state) => {
  const run = runOf(state);
  const beforeS = elapsedS(state) - run.elapsed_s;
  const meantS = sum(state.phases.slice(0, run.index).map((phase) => phase.planned_s));
  return beforeS - meantS + Math.max(0, run.elapsed_s - phaseOf(state).planned_s);
};

const planOf = (state, coming) => {
  const isOver = state.status === "ended";
  const present = runOf(state);
  const lines = state.runs.map((run) => {
    const phase = state.phases[run.index];
    const isNow = run === present && !isOver;
    return {
      index: run.index,
      phase,
      status: isNow ? "now" : "done",
      planned_s: phase.planned_s,
      now_s: isNow ? Math.max(run.allotted_s, run.elapsed_s) : run.elapsed_s,
      over_s: Math.max(0, run.elapsed_s - phase.planned_s),
      starts_at: run.started_at,
    };
  });
  let startsAt = laterAt(state.counted_at, isOver ? 0 : runLeftS(present));
  coming.lengths_s.forEach((nowS, offset) => {
    const index = present.index + 1 + offset;
    const phase = state.phases[index];
    const status = isOver ? "skipped" : "coming";
    lines.push({ index, phase, status, planned_s: phase.planned_s, now_s: nowS, over_s: 0, starts_at: startsAt });
    startsAt = laterAt(startsAt, nowS);
  });
  return lines;
};

const placesOf = (state, total, expected) => {
  const shares = sharesOf(state);
  const upcoming = nextUp(state);
  return state.participants.map((person) => {
    const part = partOf(runOf(state), person.id);
    const shareS = shares.get(person.id) ?? null;
    return {
      person_id: person.id,
      name: person.name,
      place_no: person.place_no,
      is_remote: person.is_remote,
      is_presenter: person.id === presenterOf(state),
      state: wordOf(state, person.id, upcoming),
      is_lit: person.id === state.holder,
      is_asked_again: isPassed(part) && part.passes === 1,
      used_s: part.floor_s,
      share_s: shareS,
      ring: shareS ? part.floor_s / shareS : null,
      total_s: total.get(person.id),
      expected_s: expected.get(person.id),
      away_at: state.away.get(person.id) ?? null,
    };
  });
};

/** The state of a place (DESIGN: states of a place); the light goes before all but absence. */
const wordOf = (state, personId, upcoming) => {
  if (state.away.has(personId)) return "away";
  const { mode } = phaseOf(state);
  const presenter = presenterOf(state);
  const isAnswerer = mode === "Q" && personId === presenter;
  if (personId === state.holder) {
    if (state.is_question || (mode === "Q" && presenter && !isAnswerer)) return "asking";
    return isAnswerer ? "answering" : "has_floor";
  }
  if (personId === state.resting) return "resting";
  if (isAnswerer && state.holder !== null) return "answering";
  if (personId === upcoming) return "next";
  const part = partOf(runOf(state), personId);
  if (isPassed(part)) return "passed";
  if (part.has_spoken) return "done";
  return hasRoom(state, personId) ? "not_yet" : "listening";
};
