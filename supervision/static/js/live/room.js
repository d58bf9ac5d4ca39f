/**
 * The room's screen and the members' phones: paints each change that comes down the stream, and counts on by itself
 * between two of them. When the stream cannot be had, it asks every three seconds instead.
 */
import { length, paintHub, paintTable, write } from "./table.js";

const SECOND = 1000; // all instants and waits in milliseconds, lengths from the server in seconds
const ASK_EVERY = 3 * SECOND;
const STREAM_AGAIN = 60 * SECOND;
const FAILURES = 2; // so often the stream may fail before the page asks instead

const room = document.getElementById("room");
const words = JSON.parse(room.dataset.words ?? "null");
const phases = [...room.querySelectorAll("template[data-name]")];
const table = document.querySelector(".roundtable");
const names = new Map(
  [...(table?.querySelectorAll("[data-place]") ?? [])].map((one) => [
    one.dataset.place,
    one.querySelector(".place-name").textContent,
  ]),
);
const clock = new Intl.DateTimeFormat("en-GB", { timeZone: room.dataset.zone, hour: "2-digit", minute: "2-digit" });

let shown = null; // the last message
let ahead = null; // how far the server's clock is before ours
let said = null;

/** Return the server's present instant as well as we know it. */
const serverNow = () => Date.now() + (ahead ?? 0);

const fill = (pattern, values) => pattern.replace(/%\((\w+)\)s/g, (_all, name) => values[name] ?? "");

const wall = (at) => clock.format(at).replace(":", words?.colon ?? ".");

/* A message that took long to arrive says less about the server's clock than a quick one: the quickest counts. */
function setClock(message) {
  const found = Date.parse(message.now) - Date.now();
  ahead = ahead === null ? found : Math.max(ahead, found);
}

function take(message) {
  const isNew = shown === null || message.seq >= shown.seq;
  setClock(message);
  if (!isNew) return;
  if (message.status === "ended" || (message.status !== "not_started" && !table)) {
    location.reload();
    return;
  }
  if (!message.places) return;
  shown = { ...message, at: Date.parse(message.now) };
  paint();
}

function paint() {
  const phase = phases[shown.phase_index].dataset;
  const isPaused = shown.status === "paused";
  document.title = document.title.replace(/^.*(?= – )/, phase.name);
  write(document.querySelector("h1"), phase.name);
  write(document.querySelector(".room-kicker"), phase.kicker);
  write(document.querySelector(".room-say"), isPaused ? words.pause : phase.says);
  write(document.getElementById("room-ends"), fill(words.meeting_ends, { time: wall(Date.parse(shown.ends_at)) }));
  paintTable(table, shown.places, hub(phase), words.states);
  paintOrder();
  paintStrip();
  say(phase.name);
}

/** Return the middle of the table at this instant: the time that is left goes on until the next message. */
function hub(phase) {
  const passed = shown.status === "live" ? Math.max(0, (serverNow() - shown.at) / SECOND) : 0;
  const left = shown.phase_left_s - shown.phase_over_s - passed;
  const isOver = left <= -1;
  const ends = fill(words.ends, { time: wall(shown.at + shown.phase_left_s * SECOND) });
  return {
    phase: phase.name,
    time: isOver ? `+${length(-left)}` : length(left),
    sub: shown.status === "paused" ? words.paused : isOver ? words.over : ends,
    part: shown.phase_allotted_s ? 1 - left / shown.phase_allotted_s : 1,
  };
}

function paintOrder() {
  const list = document.querySelector(".room-order");
  const icons = document.getElementById("order-icons").content;
  const shape = JSON.stringify(shown.order);
  if (list.dataset.shape === shape) return;
  list.dataset.shape = shape;
  list.hidden = shown.order.length === 0;
  list.replaceChildren(
    ...shown.order.map((line, index) => {
      const item = document.createElement("li");
      if (line.state === "now") item.setAttribute("aria-current", "step");
      item.className = { now: "is-now", done: "is-done" }[line.state] ?? "";
      const mark = Object.assign(document.createElement("span"), { className: "o-mark" });
      const icon = icons.querySelector(`[data-state="${line.state}"]`);
      mark.append(icon ? icon.firstElementChild.cloneNode(true) : String(index + 1));
      item.append(mark, names.get(line.person_id) ?? "", ...note(line));
      return item;
    }),
  );
}

function note(line) {
  const word = words[line.note] ?? words.states[line.note] ?? "";
  if (!word && line.state !== "done") return [];
  const small = document.createElement("small");
  small.textContent = word ? word[0].toLowerCase() + word.slice(1) : words.done;
  if (!word) small.className = "visually-hidden";
  return [small];
}

function paintStrip() {
  const strip = document.getElementById("room-strip");
  if (strip.dataset.phase === String(shown.phase_index)) return;
  strip.dataset.phase = shown.phase_index;
  strip.replaceChildren(phases[shown.phase_index].content.cloneNode(true));
}

/* Read out a change of phase or speaker, never the time; what stands when the page opens is read as the page. */
function say(phase) {
  const place = shown.places.find((one) => one.is_lit);
  const values = { phase, name: names.get(place?.person_id) ?? "" };
  const isOwn = place?.person_id === room.dataset.own;
  let text = `${phase}.`;
  if (shown.status === "paused") text = fill(words.say_paused, values);
  else if (isOwn) text = fill(words.say_own, values);
  else if (place) text = fill(place.state === "asking" ? words.say_asks : words.say_floor, values);
  if (said !== null && said !== text) write(document.getElementById("announce"), text);
  said = text;
}

function tick() {
  if (ahead !== null) write(document.getElementById("live-now"), wall(serverNow()));
  if (shown) paintHub(table, hub(phases[shown.phase_index].dataset));
  // On the server's whole seconds, so that all screens in a room count together.
  setTimeout(tick, SECOND - (serverNow() % SECOND) + 5);
}

/** Follow by the stream; `source` ends for good when the reader may not follow any more or the round is over. */
function follow() {
  const source = new EventSource(room.dataset.stream);
  let failures = 0;
  source.addEventListener("message", (event) => {
    failures = 0;
    take(JSON.parse(event.data));
  });
  source.addEventListener("gone", () => {
    source.close();
    location.replace(room.dataset.start);
  });
  source.addEventListener("ended", () => {
    source.close();
    location.reload();
  });
  source.addEventListener("error", () => {
    failures += 1;
    if (source.readyState !== EventSource.CLOSED && failures < FAILURES) return;
    source.close();
    ask(Date.now() + STREAM_AGAIN);
  });
}

/** Ask for the round every three seconds, until it is time to try the stream again. */
async function ask(until) {
  try {
    const answer = await fetch(`${room.dataset.stream}?once=1`, { headers: { Accept: "application/json" } });
    if (answer.redirected || [401, 403, 404].includes(answer.status)) {
      location.replace(room.dataset.start);
      return;
    }
    if (answer.ok) take(await answer.json());
  } catch {
    // Without a network the page counts on and asks again.
  }
  setTimeout(() => (Date.now() < until ? ask(until) : follow()), ASK_EVERY);
}

follow();
tick();
