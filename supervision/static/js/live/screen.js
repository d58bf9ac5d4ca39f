/**
 * What the supervisor's table shows, in the reader's words. The twin of supervision/live/screens.py and
 * plan_screen.py, for the page that goes on by itself.
 */

import { nextUp } from "./view.js";
import { length } from "./table.js";
import { shortNames } from "./words.js";

const ON_TIME_S = 30; // so much before or after the plan is on time
const EVEN_FROM = 0.9; // a Jain index from here on is called even
const LEAST_RING = 0.001; // a ring that grows each second is drawn from the start
const SPEAKING = new Set(["has_floor", "asking", "answering", "resting"]);
const ROOM_TO_SPARE = 1.05;

/** Return the places for `paintTable`, in the order of the chairs. */
export const placesOf = (view, words) =>
  view.places.map((place) => {
    const isCounted = place.is_lit && !view.is_question;
    const hasTime = place.state === "done" || isCounted || (SPEAKING.has(place.state) && place.used_s >= 1 && !view.is_question);
    const isOut = place.state === "passed" || place.state === "away" || place.ring === null;
    const ring = isOut ? 0 : isCounted ? Math.max(place.ring, LEAST_RING) : place.ring;
    return { ...place, ring, time: hasTime ? length(place.used_s) : "", more: moreOf(place, view, words) };
  });

const moreOf = (place, view, words) => {
  if (place.is_lit && place.share_s) return words.say("of_share", { share: length(place.share_s) });
  if (place.state === "done") return words.say("done_here");
  if (place.is_asked_again) return words.say("asked_again");
  if (place.is_presenter) return words.say(view.phase.mode === "R" ? "presents_last" : "presents");
  return "";
};

/** Return the middle of the table for `paintTable`. */
export const hubOf = (view, words) => {
  const isOver = view.phase_over_s >= 1;
  const allotted = view.phase_allotted_s;
  const left = words.say("left_of", { time: length(allotted) });
  const sub = view.status === "paused" ? words.say("paused_sub") : isOver ? words.say("over_sub") : left;
  return {
    phase: words.phase(view.phase),
    time: isOver ? `+${length(view.phase_over_s)}` : length(view.phase_left_s),
    sub,
    part: allotted ? view.phase_elapsed_s / allotted : 1,
  };
};

/** Return the rest of what the page shows. */
export const shownOf = (state, view, words) => {
  const names = shortNames(state.participants);
  const of = (word) => view.places.filter((place) => place.state === word);
  const following = state.phases[view.phase_index + 1];
  return {
    names,
    status: view.status,
    mode: view.phase.mode,
    phase: words.phase(view.phase),
    phase_index: view.phase_index,
    next_phase: following ? words.phase(following) : null,
    holder: view.holder,
    resting: view.resting,
    is_question: view.is_question,
    next_up: nextUp(state),
    can_undo: view.undo !== null,
    undo: words.undo(view.undo, names),
    waiting: view.places.filter((place) => place.state === "not_yet" || place.state === "next"),
    passed: of("passed"),
    away: of("away"),
    present: view.places.filter((place) => place.state !== "away"),
    unknown_cases: state.presenters.flatMap((person, index) => (person === null ? [index + 1] : [])),
    reminders: words.reminders(view.nudges, names),
    announce: words.announce(view, names),
    balance: view.balance,
    is_even: view.balance !== null && view.balance >= EVEN_FROM,
  };
};

/** Return the table of minutes in the order of places, never of minutes (DESIGN: never a ranking). */
export const minutesOf = (view, names, words) => {
  const longest = ROOM_TO_SPARE * Math.max(1, ...view.places.map((place) => Math.max(place.total_s, place.expected_s)));
  return view.places.map((place) => ({
    name: names[place.person_id],
    note: { passed: words.say("note_passed"), away: words.say("note_away") }[place.state] ?? "",
    used: (100 * place.total_s) / longest,
    expected: place.expected_s ? (100 * place.expected_s) / longest : null,
    total_s: place.total_s,
    expected_s: place.expected_s,
  }));
};

/** Return the plan: the strip's phases in per cent, the sentence, and the rows of the table. */
export const planOf = (view, lengthS, words, nowMs) => {
  const sumOf = (key) => view.plan.reduce((sum, line) => sum + line[key], 0);
  const whole = Math.max(sumOf("planned_s"), sumOf("now_s"), 1);
  const part = (seconds) => (100 * seconds) / whole;
  let [at, was, pointer] = [0, 0, null];
  const phases = view.plan.map((line) => {
    const over = line.now_s ? Math.min(1, line.over_s / line.now_s) : 0;
    const [x, w] = [part(at), part(line.now_s)];
    if (line.status === "now") pointer = Math.min(100, part(at + view.phase_elapsed_s));
    const phase = {
      name: words.phase(line.phase),
      short: words.phase(line.phase).split(/\s+/)[0],
      case_no: line.phase.case_no,
      state: line.status === "skipped" ? "coming" : line.status,
      was_x: part(was),
      was_w: part(line.planned_s),
      x,
      w,
      over_x: x + w * (1 - over),
      over_w: w * over,
    };
    at += line.now_s;
    was += line.planned_s;
    return phase;
  });
  const ends = words.clock(view.ends_at);
  return {
    phases,
    pointer,
    now_text: words.say("now_at", { time: words.clock(nowMs) }),
    end_x: part(lengthS),
    end_text: words.say("ends", { time: ends }),
    label: inWords(view, ends, words),
    span: `${words.clock(view.started_at)}–${ends}`,
    standing: standingOf(view, ends, words),
    rows: rowsOf(view, words),
  };
};

const inWords = (view, ends, words) => {
  const count = (status) => view.plan.filter((line) => line.status === status).length;
  const phase = words.phase(view.phase);
  return words.say("plan_in_words", { done: count("done"), phase, coming: count("coming"), ends });
};

const standingOf = (view, ends, words) => {
  if (view.overrun_s >= 1) return words.say("longer", { time: words.longLength(view.overrun_s), ends });
  if (Math.abs(view.behind_s) < ON_TIME_S) return words.say("on_time", { ends });
  const key = view.behind_s > 0 ? "behind" : "ahead";
  return words.say(key, { time: words.longLength(Math.abs(view.behind_s)), ends });
};

const rowsOf = (view, words) => {
  let heading = null;
  return view.plan.map((line) => {
    const { block, case_no } = line.phase;
    const part = { opening: words.say("beginning"), closing: words.say("closing") }[block] ?? words.say("case", { case_no });
    const isHeld = line.status !== "skipped";
    const row = {
      heading: part === heading ? null : part,
      name: words.phase(line.phase),
      status: line.status,
      planned: length(line.planned_s),
      now: isHeld ? length(line.now_s) : "–",
      starts: isHeld ? words.clock(line.starts_at) : "–",
    };
    heading = part;
    return row;
  });
};
