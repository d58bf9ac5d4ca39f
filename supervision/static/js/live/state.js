/**
 * The state of a round: always the fold of the log, with no clock running inside.
 *
 * The twin of supervision/live/rules/state.py, with the same names. States are never changed, only replaced.
 *
 * @typedef {{floor_s: number, question_s: number, expected_s: number, has_spoken: boolean, is_done: boolean,
 *   passes: number}} Part  one person in one phase, seconds counted up to the state's `counted_at`
 * @typedef {{index: number, started_at: number, allotted_s: number, elapsed_s: number, parts: Map<string, Part>}} Run
 *   a phase that was begun: `allotted_s` as planned when it began, `elapsed_s` without pauses
 * @typedef {Object} RoundState  `holder` has the floor; during an interposed question `is_question` is true and
 *   `resting` is the speaker who waits. `last` is the kind and person of the last event that had an effect, `before`
 *   the state an undo goes back to.
 */

import { maySpeak, roundOrder } from "./order.js";
import { sum } from "./shares.js";

/** @type {Part} */
export const NO_PART = { floor_s: 0, question_s: 0, expected_s: 0, has_spoken: false, is_done: false, passes: 0 };

/** The state before the first event. @type {RoundState} */
export const EMPTY = {
  status: "not_started",
  format_key: "",
  length_s: 0,
  phases: [],
  participants: [],
  presenters: [],
  meeting_no: 0,
  started_at: null,
  counted_at: null,
  ended_at: null,
  paused_s: 0,
  runs: [],
  away: new Map(),
  holder: null,
  resting: null,
  is_question: false,
  last: null,
  before: null,
  last_seq: 0,
  seen: new Set(),
};

const NOT_COMPARED = new Set(["before", "last_seq", "seen"]);

/** All time with the floor in a phase, interposed questions included; seconds. */
export const partSpokenS = (part) => part.floor_s + part.question_s;

/** True for someone who passed and has not taken the floor after all. */
export const isPassed = (part) => part.passes > 0 && !part.has_spoken;

/** The person's part in a phase so far. */
export const partOf = (run, personId) => run.parts.get(personId) ?? NO_PART;

/** Seconds left of a phase, never negative. */
export const runLeftS = (run) => Math.max(0, run.allotted_s - run.elapsed_s);

/** The present phase; only of a round that was started. @returns {Run} */
export const runOf = (state) => state.runs[state.runs.length - 1];

/** The present phase as it was planned. */
export const phaseOf = (state) => state.phases[runOf(state).index];

/** Seconds since the start, without pauses. */
export const elapsedS = (state) => sum(state.runs.map((run) => run.elapsed_s));

/** Seconds left of the meeting; negative when it has run over. */
export const leftS = (state) => state.length_s - elapsedS(state);

/** Who presents in the present phase, or null where that is not known. */
export const presenterOf = (state) => {
  const { case_no } = phaseOf(state);
  if (case_no === null || case_no > state.presenters.length) return null;
  return state.presenters[case_no - 1];
};

/** The participant, or null for someone who has no place at the table. */
export const personOf = (state, personId) => state.participants.find((person) => person.id === personId) ?? null;

/** Say whether the present phase's mode gives this person room to speak. */
export const hasRoom = (state, personId) => maySpeak(phaseOf(state).mode, personId, presenterOf(state));

/** Those a share is expected of now: with room in this phase, present, not passed; in the order of places. */
export const sharersOf = (state) =>
  state.participants.filter(
    (person) =>
      !state.away.has(person.id) && hasRoom(state, person.id) && !isPassed(partOf(runOf(state), person.id)),
  );

/** The order of the present round (mode R): moved on for each earlier round of its kind. */
export const orderOf = (state) => {
  const present = phaseOf(state);
  const earlier = state.phases
    .slice(0, runOf(state).index)
    .filter((phase) => phase.mode === "R" && phase.case_no === present.case_no);
  // Inside a case the presenter's place turns the round; the rounds before and after turn with the meetings.
  const turn = earlier.length + (present.case_no ? 0 : state.meeting_no);
  return roundOrder(state.participants, presenterOf(state), turn);
};

/**
 * Who is still to be offered the floor in this round, in order; the away are left out.
 *
 * First those who have not had it, then, once more, those who passed.
 */
export const waitingOf = (state) => {
  const order = orderOf(state).filter((personId) => !state.away.has(personId));
  const part = (personId) => partOf(runOf(state), personId);
  return [
    ...order.filter((personId) => !part(personId).has_spoken && !part(personId).passes),
    ...order.filter((personId) => isPassed(part(personId)) && part(personId).passes === 1),
  ];
};

const sameValue = (one, other) => {
  if (Object.is(one, other)) return true;
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return one === other;
  if (one instanceof Set) return one.size === other.size && [...one].every((item) => other.has(item));
  if (one instanceof Map) {
    return one.size === other.size && [...one].every(([key, item]) => other.has(key) && sameValue(item, other.get(key)));
  }
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => sameValue(one[key], other[key]));
};

/** Say whether two states are the same round, whatever was seen and what an undo goes back to. */
export const sameState = (one, other) =>
  Object.keys(EMPTY).every((key) => NOT_COMPARED.has(key) || sameValue(one[key], other[key]));
