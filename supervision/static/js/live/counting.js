/** Counting time into the state, and the shares that follow. The twin of supervision/live/rules/counting.py. */

import { secondsBetween } from "./events.js";
import { equalParts, sum, waterFill } from "./shares.js";
import { NO_PART, partOf, partSpokenS, phaseOf, runLeftS, runOf, sharersOf } from "./state.js";

/** PRODUCT: live round, P SP S I have no share. */
const FREE_MODES = new Set(["R", "Q", "G", "A"]);
const TALK_MODES = new Set(["Q", "G", "A"]);

/**
 * Count the time from `counted_at` up to `at` into the phase, the floor and the expected shares.
 *
 * An instant before `counted_at` counts nothing. A pause counts into nothing but `paused_s`; before the start and after
 * the end nothing is counted.
 * @param {import("./state.js").RoundState} state
 * @param {number} at  milliseconds
 */
export const settle = (state, at) => {
  if (state.counted_at === null || at <= state.counted_at) return state;
  if (state.status !== "live" && state.status !== "paused") return state;
  const seconds = secondsBetween(state.counted_at, at);
  if (state.status === "paused") return { ...state, counted_at: at, paused_s: state.paused_s + seconds };
  const run = runOf(state);
  const parts = new Map(run.parts);
  if (TALK_MODES.has(phaseOf(state).mode)) {
    const sharers = sharersOf(state);
    const expected = equalParts(
      sharers.map((one) => one.weight),
      seconds,
    );
    sharers.forEach((person, index) => {
      const part = partOf(run, person.id);
      parts.set(person.id, { ...part, expected_s: part.expected_s + expected[index] });
    });
  }
  if (state.holder !== null) {
    const part = parts.get(state.holder) ?? NO_PART;
    const counted = state.is_question
      ? { question_s: part.question_s + seconds }
      : { floor_s: part.floor_s + seconds };
    parts.set(state.holder, { ...part, ...counted });
  }
  const counted = { ...run, elapsed_s: run.elapsed_s + seconds, parts };
  return { ...state, counted_at: at, runs: [...state.runs.slice(0, -1), counted] };
};

/** Whose turn it is: who has the floor, or who rests while a question is asked; null for nobody. */
export const speakerOf = (state) => (state.is_question ? state.resting : state.holder);

/** The state with the person's part in a begun phase (the present one) replaced. */
export const withPart = (state, personId, part, index = state.runs.length - 1) => {
  const runs = [...state.runs];
  runs[index] = { ...runs[index], parts: new Map(runs[index].parts).set(personId, part) };
  return { ...state, runs };
};

/** The person's seconds with the floor in the earlier phases that are free to all (R, Q, G, A). */
const freeS = (state, personId) =>
  sum(
    state.runs
      .slice(0, -1)
      .filter((run) => FREE_MODES.has(state.phases[run.index].mode))
      .map((run) => partSpokenS(partOf(run, personId))),
  );

/**
 * Everyone's share of the present phase in seconds; people without a share are left out.
 *
 * Q, G, A: equal by weight. R: what is left is divided among those who have not yet spoken or passed, with the
 * speaker's used time given back to the pool; those who are done keep the share they had (PRODUCT: live round).
 * @returns {Map<string, number>}
 */
export const sharesOf = (state) => {
  const run = runOf(state);
  const { mode } = phaseOf(state);
  if (TALK_MODES.has(mode)) {
    const sharers = sharersOf(state);
    const parts = equalParts(
      sharers.map((person) => person.weight),
      Math.max(run.allotted_s, run.elapsed_s),
    );
    return new Map(sharers.map((person, index) => [person.id, parts[index]]));
  }
  if (mode !== "R") return new Map();
  const had = [...run.parts].filter(([, part]) => part.is_done).map(([personId, part]) => [personId, part.expected_s]);
  return new Map([...had, ...sharesLeft(state)]);
};

const sharesLeft = (state) => {
  const run = runOf(state);
  const weights = new Map(state.participants.map((person) => [person.id, person.weight]));
  const waiting = sharersOf(state)
    .map((person) => person.id)
    .filter((personId) => !partOf(run, personId).has_spoken);
  let turn = speakerOf(state);
  if (turn !== null && partOf(run, turn).is_done) turn = null;
  const pool = turn === null ? waiting : [turn, ...waiting];
  const claims = pool.map((personId) => ({ had_s: freeS(state, personId), weight: weights.get(personId) }));
  const usedS = turn === null ? 0 : partOf(run, turn).floor_s;
  // Not cut at zero: a speaker who goes past the phase keeps the share they had, and the ring goes past full.
  const filled = waterFill(claims, run.allotted_s - run.elapsed_s + usedS);
  const divided = new Map(pool.map((personId, index) => [personId, filled[index]]));
  if (turn !== null && usedS > divided.get(turn)) {
    const rest = waterFill(claims.slice(1), runLeftS(run));
    waiting.forEach((personId, index) => divided.set(personId, rest[index]));
  }
  return divided;
};

/** End a person's turn in the present phase; in a round the share they had is kept. */
export const closeTurn = (state, personId) => {
  if (personId === null) return state;
  const part = partOf(runOf(state), personId);
  if (part.is_done || !part.has_spoken) return state;
  const expectedS = phaseOf(state).mode === "R" ? (sharesOf(state).get(personId) ?? 0) : part.expected_s;
  return withPart(state, personId, { ...part, is_done: true, expected_s: expectedS });
};

/** End the present phase: the turn ends, and in a round those never asked get an equal part as their share. */
export const closePhase = (state) => {
  let closed = closeTurn(state, speakerOf(state));
  if (phaseOf(closed).mode === "R") {
    const sharers = sharersOf(closed);
    const parts = equalParts(
      sharers.map((person) => person.weight),
      runOf(closed).elapsed_s,
    );
    sharers.forEach((person, index) => {
      const part = partOf(runOf(closed), person.id);
      if (!part.has_spoken) closed = withPart(closed, person.id, { ...part, expected_s: parts[index] });
    });
  }
  return { ...closed, holder: null, resting: null, is_question: false };
};
