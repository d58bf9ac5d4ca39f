/**
 * The fold of the log, and the decision whether a command may become an event.
 *
 * The twin of supervision/live/rules/engine.py; a test feeds both the same logs and compares what they say. Both go
 * through the same change functions: what `decide` lets through changes the state in `fold`, and an event that no
 * longer fits changes nothing, so the fold never fails on a log.
 */

import { closePhase, closeTurn, settle, sharesOf, speakerOf, withPart } from "./counting.js";
import { commandOf, KINDS, readStart, Refused, writeStart } from "./events.js";
import { refit } from "./plan.js";
import { sum } from "./shares.js";
import {
  EMPTY,
  hasRoom,
  leftS,
  partOf,
  partSpokenS,
  personOf,
  phaseOf,
  runOf,
  sameState,
} from "./state.js";

export { Refused } from "./events.js";
export { EMPTY } from "./state.js";
export { forRoom, spokenS, viewAt } from "./view.js";

/** A corrected time may be rounded to the second on the screen; so much over the phase is cut, more is refused. */
const ROUNDING_S = 1;
/** PRODUCT: live round, those who passed are offered the floor once more. */
const PASSES_AT_MOST = 2;
const DAY_S = 86400;

const WHEN_ENDED = new Set(["undo", "correct"]);
const NOT_PAUSED = new Set(["next_phase", "floor", "release", "interpose", "pass", "pause"]);

/**
 * Return the state the events make of `state`, in their order.
 *
 * An event whose `device_event_id` was seen before, or that does not fit the state, changes nothing.
 * `fold(rest, fold(first))` is `fold([...first, ...rest])`; an undo gives back the state before the last event that had
 * an effect.
 * @param {Iterable<import("./events.js").LogEvent>} events
 * @param {import("./state.js").RoundState} state
 * @returns {import("./state.js").RoundState}
 */
export const fold = (events, state = EMPTY) => {
  const seen = new Set(state.seen);
  let lastSeq = state.last_seq;
  let folded = state;
  for (const event of events) {
    lastSeq = Math.max(lastSeq, event.seq);
    if (!seen.has(event.device_event_id)) folded = taken(folded, commandOf(event));
    seen.add(event.device_event_id);
  }
  return { ...folded, last_seq: lastSeq, seen };
};

const taken = (state, command) => {
  try {
    return after(state, command);
  } catch (refusal) {
    if (refusal instanceof Refused) return state;
    throw refusal;
  }
};

/**
 * Return the data of the event the command becomes, ready for JSON.
 * @param {import("./state.js").RoundState} state
 * @param {import("./events.js").Command} command
 * @throws {Refused} with the codes of the server's `decide`
 */
export const decide = (state, command) => {
  const wish = { person_id: null, data: {}, ...command };
  after(state, wish);
  let data = { ...wish.data };
  if (wish.kind === "start") data = writeStart(readStart(wish.data));
  else if (wish.kind === "undo" && state.last !== null) data = { undoes: state.last[0] };
  if (wish.person_id !== null) data.person_id = wish.person_id;
  return data;
};

const after = (state, command) => {
  const { kind, person_id } = command;
  if (!KINDS.has(kind)) throw new Refused("unknown_command");
  if (kind === "start") return { ...start(state, command), last: [kind, person_id] };
  checkStatus(state, kind);
  if (kind === "undo") {
    if (state.before === null) throw new Refused("nothing_to_undo");
    return state.before;
  }
  const counted = settle(state, command.at);
  const changed = CHANGES[kind](counted, command);
  if (sameState(changed, counted)) return state; // the same once more: nothing an undo should have to take back
  return { ...changed, last: [kind, person_id], before: state };
};

const checkStatus = (state, kind) => {
  if (state.status === "not_started") throw new Refused("round_not_started");
  if (state.status === "ended" && !WHEN_ENDED.has(kind)) throw new Refused("round_ended");
  if (state.status === "paused" && NOT_PAUSED.has(kind)) throw new Refused("round_paused");
};

/** Begin the meeting and its first phase (`round_already_started`, `start_incomplete`). */
const start = (state, command) => {
  if (state.status !== "not_started") throw new Refused("round_already_started");
  let begun;
  try {
    begun = readStart(command.data);
  } catch (broken) {
    throw new Refused("start_incomplete");
  }
  const ids = begun.participants.map((person) => person.id);
  const isWhole =
    begun.phases.length > 0 &&
    begun.length_s > 0 &&
    ids.length > 0 &&
    new Set(ids).size === ids.length &&
    begun.participants.every((person) => person.weight > 0) &&
    [...begun.presenters, ...begun.away].every((personId) => personId === null || ids.includes(personId));
  if (!isWhole) throw new Refused("start_incomplete");
  const allotted = refit(begun.phases, begun.length_s).lengths_s[0];
  return {
    ...state,
    ...begun,
    away: new Map(begun.away.map((personId) => [personId, command.at])),
    status: "live",
    started_at: command.at,
    counted_at: command.at,
    runs: [runFrom(0, command.at, allotted)],
  };
};

const runFrom = (index, startedAt, allottedS) => ({
  index,
  started_at: startedAt,
  allotted_s: allottedS,
  elapsed_s: 0,
  parts: new Map(),
});

/**
 * Go on to the next phase and fit the rest into the time left (`last_phase`, `phase_already_left`).
 *
 * A `from` in the data names the phase the device showed, so that a tap too many skips nothing.
 */
const nextPhase = (state, { data, at }) => {
  const { index } = runOf(state);
  if (data.from !== undefined && data.from !== index) throw new Refused("phase_already_left");
  if (index + 1 === state.phases.length) throw new Refused("last_phase");
  const closed = closePhase(state);
  const allotted = refit(closed.phases.slice(index + 1), leftS(closed)).lengths_s[0];
  return { ...closed, runs: [...closed.runs, runFrom(index + 1, closed.counted_at ?? at, allotted)] };
};

const participant = (state, command) => {
  const person = personOf(state, command.person_id);
  if (person === null) throw new Refused("unknown_participant");
  return person.id;
};

const present = (state, command) => {
  const personId = participant(state, command);
  if (state.away.has(personId)) throw new Refused("participant_away", { person_id: personId });
  return personId;
};

/**
 * Give the floor; tapping another hands over, tapping the resting speaker ends the question.
 *
 * Codes: `participant_away`, `already_has_floor`, `silent_phase`, `not_their_phase`.
 */
const floor = (state, command) => {
  const personId = present(state, command);
  if (phaseOf(state).mode === "I") throw new Refused("silent_phase");
  if (state.is_question && personId === state.resting) return resumeSpeaker(state);
  if (personId === state.holder && !state.is_question) {
    throw new Refused("already_has_floor", { person_id: personId });
  }
  if (!hasRoom(state, personId)) throw new Refused("not_their_phase", { person_id: personId });
  const closed = closeTurn(state, speakerOf(state));
  const spoken = withPart(closed, personId, { ...partOf(runOf(closed), personId), has_spoken: true });
  return { ...spoken, holder: personId, resting: null, is_question: false };
};

const resumeSpeaker = (state) => ({ ...state, holder: state.resting, resting: null, is_question: false });

/** Let the floor go; after an interposed question the speaker goes on (`nobody_has_floor`). */
const release = (state) => {
  if (state.holder === null) throw new Refused("nobody_has_floor");
  if (state.is_question) return resumeSpeaker(state);
  return { ...closeTurn(state, state.holder), holder: null };
};

/**
 * Let someone ask in between: the speaker rests, the asker's turn is not used up.
 *
 * Codes: `participant_away`, `already_has_floor`, `silent_phase`.
 */
const interpose = (state, command) => {
  const personId = present(state, command);
  if (phaseOf(state).mode === "I") throw new Refused("silent_phase");
  if (personId === state.holder || personId === state.resting) {
    throw new Refused("already_has_floor", { person_id: personId });
  }
  return { ...state, holder: personId, resting: speakerOf(state), is_question: true };
};

/**
 * Stand over in a round, with or without the floor in hand; it is offered once more at the end.
 *
 * Codes: `pass_only_in_round`, `participant_away`, `already_spoken`, `already_passed`.
 */
const pass = (state, command) => {
  const personId = present(state, command);
  if (phaseOf(state).mode !== "R") throw new Refused("pass_only_in_round");
  const part = partOf(runOf(state), personId);
  if (part.is_done || (part.has_spoken && personId !== speakerOf(state))) {
    throw new Refused("already_spoken", { person_id: personId });
  }
  if (part.passes >= PASSES_AT_MOST) throw new Refused("already_passed", { person_id: personId });
  const passed = { ...part, passes: part.passes + 1, has_spoken: false };
  return without(withPart(state, personId, passed), personId);
};

/** Take the floor, or the place of the resting speaker, from a person. */
const without = (state, personId) => {
  if (personId === state.resting) return { ...state, resting: null };
  if (personId !== state.holder) return state;
  return state.is_question ? resumeSpeaker(state) : { ...state, holder: null };
};

/** Note that someone left the table; nobody is told why (`participant_away`). */
const away = (state, command) => {
  const personId = present(state, command);
  const closed = personId === speakerOf(state) ? closeTurn(state, personId) : state;
  return { ...without(closed, personId), away: new Map(closed.away).set(personId, closed.counted_at ?? command.at) };
};

/** Note that someone is at the table again (`participant_not_away`). */
const back = (state, command) => {
  const personId = participant(state, command);
  if (!state.away.has(personId)) throw new Refused("participant_not_away", { person_id: personId });
  return { ...state, away: new Map([...state.away].filter(([one]) => one !== personId)) };
};

/** Name who presents a case, where the group chooses it in the meeting (`unknown_case`). */
const presenter = (state, command) => {
  const personId = participant(state, command);
  const caseNo = command.data.case_no;
  if (!Number.isInteger(caseNo) || caseNo < 1 || caseNo > state.presenters.length) throw new Refused("unknown_case");
  return { ...state, presenters: state.presenters.map((one, index) => (index === caseNo - 1 ? personId : one)) };
};

/** Stop the clock. */
const pause = (state) => ({ ...state, status: "paused" });

/** Let the clock go on (`round_not_paused`). */
const resume = (state) => {
  if (state.status !== "paused") throw new Refused("round_not_paused");
  return { ...state, status: "live" };
};

/**
 * Set the seconds (`floor_s`) a person had the floor in a begun phase (`phase`, counted from 0).
 *
 * Codes: `command_incomplete`, `phase_not_begun`, `more_than_phase` (possible_s).
 */
const correct = (state, command) => {
  const personId = participant(state, command);
  const { phase: index, floor_s: floorS } = command.data;
  if (!Number.isInteger(index) || typeof floorS !== "number" || !(floorS >= 0 && floorS < DAY_S)) {
    throw new Refused("command_incomplete");
  }
  if (index < 0 || index >= state.runs.length) throw new Refused("phase_not_begun");
  const run = state.runs[index];
  const part = partOf(run, personId);
  const spoken = sum([...run.parts.values()].map(partSpokenS));
  const possibleS = Math.max(0, run.elapsed_s - spoken + part.floor_s);
  if (floorS > possibleS + ROUNDING_S) throw new Refused("more_than_phase", { possible_s: Math.trunc(possibleS) });
  const corrected = { ...part, floor_s: Math.min(floorS, possibleS) };
  return withPart(state, personId, withTurn(state, index, personId, corrected), index);
};

/** Let a corrected time decide whether the person has had a turn, unless the turn is going on. */
const withTurn = (state, index, personId, part) => {
  const isPresent = index === state.runs.length - 1 && state.status !== "ended";
  if (isPresent && personId === speakerOf(state)) return part;
  const hasSpoken = part.floor_s > 0;
  let expectedS = part.expected_s;
  if (isPresent && phaseOf(state).mode === "R" && hasSpoken !== part.has_spoken) {
    expectedS = hasSpoken ? (sharesOf(state).get(personId) ?? 0) : 0;
  }
  return { ...part, has_spoken: hasSpoken, is_done: hasSpoken, expected_s: expectedS };
};

/** End the meeting; times can still be corrected and the end taken back. */
const end = (state) => ({ ...closePhase(state), status: "ended", ended_at: state.counted_at });

const CHANGES = {
  next_phase: nextPhase,
  floor,
  release,
  interpose,
  pass,
  away,
  back,
  presenter,
  pause,
  resume,
  correct,
  end,
};
