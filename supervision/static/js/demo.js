/**
 * The demonstration page: plays a recorded meeting at the round table. The same engine and the same painting as on the
 * supervisor's live page; only the taps come from a file.
 */

import { EMPTY, fold, viewAt } from "./live/engine.js";
import { instant } from "./live/events.js";
import { h, icon, morph } from "./live/draw.js";
import { hubOf, minutesOf, placesOf, planOf, shownOf } from "./live/screen.js";
import { paintBalance, paintPlan } from "./live/sections.js";
import { length, paintTable, write } from "./live/table.js";
import { Words } from "./live/words.js";

const TICK_MS = 250;
const PANELS_EVERY = 4; // ticks: the panels below the table need no quarter of a second
const SECOND = 1000;

const root = document.getElementById("demo");
const words = new Words(JSON.parse(root.dataset.words), root.dataset.zone);
const at = (id) => document.getElementById(id);
const play = at("play");
const where = at("where");
const speeds = [...document.querySelectorAll("[data-speed][aria-pressed]")];

let events = []; // the log, `at` in ms
let startedMs = 0;
let endMs = 0; // of the meeting, from its start
let state = EMPTY;
let folded = 0; // so many events are in the state
let placeMs = 0; // where in the meeting we are
let speed = Number(root.dataset.speed);
let lastMs = null; // when time was last counted; null while paused
let ticks = 0;

/** Make the events of a log from the start event and the taps `[ms, kind, person]`. */
const logOf = ({ start, taps }) => {
  startedMs = instant(start.at);
  const made = taps.map(([ms, kind, person_id], index) => ({
    seq: index + 2,
    kind,
    at: startedMs + ms,
    device_id: "demo",
    device_event_id: String(index + 2),
    person_id,
    data: {},
  }));
  return [{ ...start, at: startedMs }, ...made];
};

/** Bring the state to a place in the meeting; back only by folding anew, which takes a moment at most. */
const go = (ms) => {
  if (ms < placeMs) [state, folded] = [EMPTY, 0];
  placeMs = Math.min(Math.max(0, ms), endMs);
  let upTo = folded;
  while (upTo < events.length && events[upTo].at <= startedMs + placeMs) upTo += 1;
  state = fold(events.slice(folded, upTo), state);
  folded = upTo;
};

const paint = (isWhole) => {
  const nowMs = startedMs + placeMs;
  const view = viewAt(state, nowMs);
  const shown = shownOf(state, view, words);
  paintTable(document.querySelector(".roundtable"), placesOf(view, words), hubOf(view, words), words.given.states);
  write(at("live-now"), words.clock(nowMs));
  write(at("live-ends"), words.say("ends", { time: words.clock(view.ends_at) }));
  where.value = Math.floor(placeMs / SECOND);
  where.setAttribute("aria-valuetext", length(placeMs / SECOND));
  if (!isWhole) return;
  at("reminders").hidden = shown.reminders.length === 0;
  morph(at("reminders"), shown.reminders.length ? [icon("bell"), h("p", {}, shown.reminders.join(" "))] : []);
  paintPlan(at("plan-panel"), planOf(view, state.length_s, words, nowMs), words);
  paintBalance(at("balance-panel"), shown, minutesOf(view, shown.names, words), words);
};

const paintPlay = () => {
  const label = play.querySelector("[data-label]");
  const isOver = placeMs >= endMs;
  const word = lastMs !== null ? "pause" : isOver ? "again" : "play";
  write(label, label.dataset[word]);
  morph(play.querySelector("[data-icon-here]"), [icon({ pause: "pause", again: "undo", play: "play" }[word])]);
};

const tick = () => {
  if (lastMs === null) return;
  const now = performance.now();
  go(placeMs + (now - lastMs) * speed);
  lastMs = placeMs >= endMs ? null : now;
  ticks += 1;
  paint(lastMs === null || ticks % PANELS_EVERY === 0);
  if (lastMs === null) paintPlay();
};

const setPlaying = (isPlaying) => {
  if (isPlaying && placeMs >= endMs) go(0);
  lastMs = isPlaying ? performance.now() : null;
  paint(true);
  paintPlay();
};

play.addEventListener("click", () => setPlaying(lastMs === null));
where.addEventListener("input", () => {
  go(Number(where.value) * SECOND);
  paint(true);
  paintPlay();
});
speeds.forEach((button) =>
  button.addEventListener("click", () => {
    speed = Number(button.dataset.speed);
    speeds.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
  }),
);

try {
  const answer = await fetch(root.dataset.timeline);
  if (!answer.ok) throw new Error(String(answer.status));
  events = logOf(await answer.json());
  endMs = events[events.length - 1].at - startedMs;
  go(0);
  play.disabled = false;
  where.disabled = false;
  setPlaying(!matchMedia("(prefers-reduced-motion: reduce)").matches); // whoever wants less motion starts it themselves
  setInterval(tick, TICK_MS);
} catch (failure) {
  at("failed").hidden = false;
  console.warn(failure);
}
