/**
 * The supervisor's live page. Each tap is decided and shown here at once by the same rules as the server's, kept, and
 * sent; the server's log then takes the place of what was guessed. Without a connection the round goes on here.
 * A second screen of the supervisor runs the same page without the buttons and follows the log.
 */

import { EMPTY, decide, fold, Refused, viewAt } from "./engine.js";
import { instant } from "./events.js";
import { h, icon, morph } from "./draw.js";
import { listen } from "./keys.js";
import { forgetPage, keepPage, stayAwake } from "./offline.js";
import { deviceMs, Kept, newId } from "./queue.js";
import { hubOf, minutesOf, placesOf, planOf, shownOf } from "./screen.js";
import { paintAround, paintBalance, paintDeck, paintPlan } from "./sections.js";
import { paintTable, write } from "./table.js";
import { Words } from "./words.js";

const SECOND = 1000;
const POLL_MS = { control: 4000, follow: 2000 };
const WAIT_MS = 8000; // an answer that takes longer counts as no connection
const DOUBLE_MS = 700; // a second tap on the same button within this time is a double tap
const MOST_TAPS = 200; // sent at a time
const OFFSET_SLACK_MS = 150;
const SILENT = new Set(["already_has_floor", "phase_already_left"]); // a tap too many, which changes nothing

/** The session has run out; what waits is kept until someone signs in again in this browser. */
class SignedOut extends Error {}

const root = document.getElementById("round");
const page = {
  meeting: root.dataset.meeting,
  owner: root.dataset.owner,
  urls: { events: root.dataset.events, log: root.dataset.log, here: location.pathname, end: root.dataset.end, after: root.dataset.after },
  hasControl: root.dataset.control === "1",
};
const words = new Words(JSON.parse(root.dataset.words), root.dataset.zone);
const at = (id) => document.getElementById(id);

let kept = null;
let token = document.querySelector('input[name="csrf_token"]').value;
let base = EMPTY; // the fold of the server's log
let state = EMPTY; // the same, with the waiting taps on top
let taps = [];
let no = 0;
let offset = instant(root.dataset.now) - deviceMs(); // the server's clock minus this device's, in ms
let connection = { isUp: true, isSignedOut: false };
let isAsking = false;
let isSending = false;
let isWanted = false; // something was tapped while an answer was waited for
let refusedUntil = 0;
let announced = null;
let tapped = { element: null, at: 0 };

const nowMs = () => deviceMs() + offset;
const shownMs = () => Math.max(nowMs(), state.counted_at ?? 0);

const asEvent = (tap) => ({
  seq: 0,
  kind: tap.kind,
  at: Math.max(tap.at + offset, base.counted_at ?? 0),
  device_id: "",
  device_event_id: tap.id,
  person_id: tap.person_id,
  data: { ...tap.data, ...(tap.person_id ? { person_id: tap.person_id } : {}) },
});
const refold = () => {
  state = fold(taps.map(asEvent), base);
};

/* ------------------------------------------------------------------------------------------------ painting */

const paint = () => {
  const view = viewAt(state, shownMs());
  if (!view) return;
  const shown = shownOf(state, view, words);
  const hub = hubOf(view, words);
  paintTable(document.querySelector(".roundtable"), placesOf(view, words), hub, words.given.states);
  write(at("live-now"), words.clock(nowMs()));
  write(at("live-ends"), words.say("ends", { time: words.clock(view.ends_at) }));
  write(at("live-case"), words.casesLine(view));
  if (document.querySelector("h1").firstChild.data !== shown.phase) titles(shown.phase);
  if (page.hasControl) paintDeck(at("deck"), shown, words, { isAsking, endHref: page.urls.end });
  paintAround(at("around-panel"), shown, words, page.hasControl, { method: "post", action: root.dataset.command });
  paintPlan(at("plan-panel"), planOf(view, state.length_s, words, nowMs()), words);
  paintBalance(at("balance-panel"), shown, minutesOf(view, shown.names, words), words);
  paintNotices(shown);
  announce(shown.announce);
};

const titles = (phase) => {
  const text = `${phase}, ${root.dataset.group}`;
  write(document.querySelector("h1"), text);
  document.title = `${text} – Rundan`;
};

const paintNotices = (shown) => {
  const notice = (id, drawn, nodes, isShown) => {
    at(id).hidden = !isShown;
    morph(at(id), isShown ? [icon(drawn), h("div", {}, ...nodes())] : []);
  };
  notice("paused", "pause", () => [h("p", {}, words.say("paused_notice"))], shown.status === "paused");
  notice("ended", "done", () => [h("p", {}, words.say("ended_here"))], shown.status === "ended");
  notice("asking", "question", () => [h("p", {}, h("strong", {}, words.say("who_asks")), " ", words.say("tap_place"))], isAsking);
  const lines = page.hasControl ? shown.reminders : [];
  notice("reminders", "bell", () => [h("p", {}, h("strong", {}, lines[0]), ...lines.slice(1).map((line) => ` ${line}`)), h("p", { class: "tiny" }, words.say("only_you"))], lines.length);
  if (refusedUntil && performance.now() > refusedUntil) refuse("");
  root.dataset.waits = taps.length;
  paintConnection();
};

const paintConnection = () => {
  const isFine = connection.isUp && !connection.isSignedOut;
  const waits = taps.length ? ` ${words.count("waits", taps.length)}` : "";
  const what = words.say(connection.isSignedOut ? "signed_out" : "offline");
  const link = connection.isSignedOut ? [" ", h("a", { href: root.dataset.signIn }, words.say("sign_in"))] : [];
  at("connection").hidden = isFine;
  morph(at("connection"), isFine ? [] : [icon("offline"), h("p", {}, h("strong", {}, what), ` ${words.say("goes_on")}${waits}`, ...link)]);
};

/* Say a change of speaker or phase, never the time. */
const announce = (text) => {
  if (announced !== null && announced !== text) write(at("announce"), text);
  announced = text;
};

const refuse = (text) => {
  at("refused").hidden = !text;
  morph(at("refused"), text ? [icon("warning"), h("p", {}, text)] : []);
  refusedUntil = text ? performance.now() + WAIT_MS : 0;
};

/* ------------------------------------------------------------------------------------------------ taps */

const give = (kind, personId = null, data = {}) => {
  refuse("");
  const wish = { kind, at: shownMs(), person_id: personId, data };
  try {
    decide(state, wish);
  } catch (refusal) {
    if (!(refusal instanceof Refused)) throw refusal;
    if (!SILENT.has(refusal.code)) refuse(words.refusal(refusal.code, refusal.params));
    return;
  }
  no += 1;
  const tap = { no, id: newId(), kind, person_id: personId, data, at: deviceMs() };
  taps.push(tap);
  state = fold([asEvent(tap)], state);
  isAsking = false;
  paint();
  Promise.resolve(kept?.addTap(tap)).then(sync, sync);
};

const isDouble = (element) => {
  const is = tapped.element === element && performance.now() - tapped.at < DOUBLE_MS;
  if (!is) tapped = { element, at: performance.now() };
  return is;
};

const onSubmit = (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== root.dataset.command) return;
  event.preventDefault();
  if (state === EMPTY || isDouble(event.submitter)) return;
  const sent = new FormData(form, event.submitter);
  const [kind, person] = String(event.submitter?.classList.contains("place") ? "floor" : (sent.get("act") ?? "")).split(":");
  const personId = person || sent.get("person_id") || null;
  const data = {};
  if (kind === "next_phase") data.from = viewAt(state, shownMs()).phase_index;
  if (sent.has("case_no")) data.case_no = Number(sent.get("case_no"));
  give(kind === "floor" && isAsking ? "interpose" : kind, personId, data);
};

const onClick = (event) => {
  if (event.target.closest("#deck-ask")) {
    event.preventDefault();
    isAsking = !isAsking;
    paint();
    return;
  }
  const link = event.target.closest("a[href]");
  if (!link || connection.isUp) return;
  if (link.hasAttribute("data-end")) {
    event.preventDefault();
    at("end-here").showModal();
  } else if (link.closest("main")) {
    event.preventDefault();
    refuse(words.say("needs_network"));
  }
};

/* ------------------------------------------------------------------------------------------------ the server */

const ask = (url, options = {}) =>
  fetch(url, { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(WAIT_MS), ...options });

/* A new token after signing in again in this browser; null when signed out. */
const freshToken = async () => {
  const answer = await ask(page.urls.here);
  if (!answer.ok) return null;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('input[name="csrf_token"]');
  return found?.value ?? null;
};

const send = async (waiting) => {
  const body = { sent_at: deviceMs(), after: base.last_seq, events: waiting.map(({ id, kind, person_id, data, at: when, no: number }) => ({ id, kind, person_id, data, at: when, no: number })) };
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  return ask(page.urls.events, { method: "POST", headers, body: JSON.stringify(body) });
};

const exchange = async () => {
  const waiting = taps.slice(0, MOST_TAPS);
  const sentAt = deviceMs();
  let answer = waiting.length ? await send(waiting) : await ask(`${page.urls.log}?after=${base.last_seq}`);
  if (answer.status === 400 && waiting.length) {
    token = (await freshToken()) ?? token;
    answer = await send(waiting);
  }
  if (answer.status >= 500 || answer.status === 429) throw new TypeError("the server is not itself");
  if (answer.status === 403 || answer.status === 404) return follow("");
  if (!answer.ok) throw new SignedOut();
  return takeIn(await answer.json(), waiting, sentAt);
};

const takeIn = async (answer, waiting, sentAt) => {
  keepTime(instant(answer.now), sentAt, deviceMs());
  const fresh = answer.events.filter((event) => event.seq > base.last_seq);
  base = fold(fresh, base);
  const refused = new Map((answer.refused ?? []).map((one) => [one.id, one]));
  const answered = new Set([...(answer.applied ?? []), ...refused.keys()]);
  const gone = waiting.filter((tap) => answered.has(tap.id));
  taps = taps.filter((tap) => !answered.has(tap.id));
  refold();
  await Promise.resolve(kept?.settle(fresh, gone)).catch(() => {});
  const sentence = refused.size ? `${words.count("not_counted", refused.size)} ${[...refused.values()][0].sentence}` : "";
  if (answer.status !== "live" && !taps.length) await leave(page.urls.after);
  else if (answer.control.is_mine !== page.hasControl) await follow(sentence);
  else if (sentence) refuse(sentence);
};

/* Trust the first answer; later ones only when they show that the clocks have drifted, so that nothing jumps. */
const keepTime = (serverMs, sentAt, gotAt) => {
  const found = serverMs - (sentAt + gotAt) / 2;
  if (Math.abs(found - offset) <= (gotAt - sentAt) / 2 + OFFSET_SLACK_MS) return;
  offset = found;
  kept?.note(page.owner, offset);
};

const clear = async () => {
  await Promise.allSettled([kept?.forget(), forgetPage()]);
};

/* The round is over: nothing of it stays on this device. */
const leave = async (url) => {
  await clear();
  location.assign(url);
};

/* The control has moved: this screen is drawn anew, without buttons or with them, and says what was not counted. */
const follow = async (sentence) => {
  await clear();
  if (sentence) sessionStorage.setItem("said", sentence);
  location.reload();
};

const sync = async () => {
  isWanted = true;
  if (isSending) return;
  isSending = true;
  try {
    while (isWanted) {
      isWanted = false;
      await exchange();
      connection = { isUp: true, isSignedOut: false };
      if (taps.length > 0) isWanted = true;
    }
  } catch (fault) {
    connection = fault instanceof SignedOut ? { isUp: true, isSignedOut: true } : { ...connection, isUp: false };
  } finally {
    isSending = false;
    paint();
  }
};

/* Ask again when the last answer is some seconds old; sooner where this screen only follows. */
const poll = async () => {
  if (document.visibilityState === "visible" || taps.length) await sync();
  setTimeout(poll, page.hasControl ? POLL_MS.control : POLL_MS.follow);
};

/* The stream says at once that another screen took the control, or that a followed round went on; asking goes on too. */
const hear = () => {
  const stream = new EventSource(root.dataset.stream);
  stream.addEventListener("control", sync);
  if (!page.hasControl) stream.addEventListener("message", sync);
};

/* ------------------------------------------------------------------------------------------------ begin */

const begin = async () => {
  if (page.hasControl) {
    kept = await Kept.of(page.meeting);
    const found = kept ? await kept.load(page.owner) : { events: [], taps: [], offset: null };
    base = fold(found.events, EMPTY);
    taps = found.taps;
    no = Math.max(0, ...taps.map((tap) => tap.no), Math.floor(Date.now() / SECOND) - 1_700_000_000);
    if (found.offset !== null) offset = found.offset;
    else await kept?.note(page.owner, offset);
    refold();
  }
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  at("end-here")?.addEventListener("close", (event) => event.target.returnValue === "end" && give("end"));
  window.addEventListener("online", sync);
  window.addEventListener("offline", () => {
    connection = { ...connection, isUp: false };
    paint();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sync());
  const said = sessionStorage.getItem("said");
  sessionStorage.removeItem("said");
  if (said) refuse(said);
  listen();
  paint();
  setInterval(paint, SECOND / 2);
  stayAwake();
  hear();
  await poll();
  if (page.hasControl) await keepPage().catch(() => {});
  root.dataset.ready = "1";
};

begin();
