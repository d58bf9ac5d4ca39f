/** The parts of the supervisor's page round the table, made as the server's templates make them. */

import { h, icon, morph, rich } from "./draw.js";
import { length } from "./table.js";

const GAP = 0.26; // room between two phases, in per cent of the strip
const HATCH = Array.from({ length: 53 }, (_, index) => `M${6 * index - 16} 34 ${6 * index} 0`).join("");
const pct = (value) => `${value.toFixed(2)}%`;

const act = (kind, person, label, drawn, cls = "btn-quiet") =>
  h("button", { type: "submit", form: "act", class: `btn ${cls}`, name: "act", value: `${kind}:${person}` }, icon(drawn), label);

/** Paint the deck: the main action names the person, each of the rest says what it will do. */
export const paintDeck = (deck, shown, words, { isAsking, endHref }) => {
  const main = mainOf(shown, words);
  const isPaused = shown.status === "paused";
  const isOver = shown.status === "ended";
  deck.hidden = isOver;
  if (isOver) return;
  const wide = { id: "deck-main", class: "btn btn-primary btn-l btn-wide" };
  const mainButton = main.kind
    ? h("button", { type: "submit", form: "act", ...wide, name: "act", value: main.value, "data-key": main.key }, icon(main.icon), h("span", {}, main.label))
    : h("a", { ...wide, href: endHref, "data-end": true, "data-key": "n" }, icon("done"), h("span", {}, words.say("end_meeting")));
  morph(deck, [mainButton, skipRow(shown, words), h("div", { class: "deck-row" }, ...smallButtons(shown, words, { isAsking, isPaused, endHref }))]);
};

const mainOf = (shown, words) => {
  const name = shown.names[shown.next_up];
  const floor = { kind: "floor", value: `floor:${shown.next_up}`, icon: "arrow", key: "n" };
  if (shown.status === "paused") return { kind: "resume", value: "resume", label: words.say("go_on"), icon: "play", key: "space" };
  if (shown.is_question) {
    const label = shown.resting ? words.say("back_to", { name: shown.names[shown.resting] }) : words.say("answered");
    return { kind: "release", value: "release", label, icon: "arrow", key: "n" };
  }
  if (shown.next_up) return { ...floor, label: words.say(shown.holder ? "floor_on" : "floor_to", { name }) };
  if (shown.next_phase) {
    return { kind: "next_phase", value: "next_phase", label: words.say("on_to", { phase: shown.next_phase }), icon: "skip", key: "n" };
  }
  return { kind: "" };
};

const skipRow = (shown, words) => {
  const canSkip = shown.next_up && shown.status === "live" && !shown.is_question;
  const name = shown.names[shown.next_up];
  const pass = () => act("pass", shown.next_up, words.say("stands_over", { name }), "pass", "btn-text");
  return h(
    "div",
    { class: "deck-skip", hidden: !canSkip },
    ...(canSkip && shown.mode === "R" ? [pass()] : []),
    ...(canSkip ? [act("away", shown.next_up, words.say("is_away", { name }), "door", "btn-text")] : []),
  );
};

const smallButtons = (shown, words, { isAsking, isPaused, endHref }) => {
  const small = (kind, label, line, drawn, key, disabled) =>
    h("button", { type: "submit", form: "act", id: `deck-${kind}`, class: "btn btn-quiet", name: "act", value: kind, "data-key": key, disabled }, icon(drawn), h("span", {}, label, h("small", {}, line)));
  const canAsk = !isPaused && shown.mode !== "I" && !shown.is_question;
  const meanwhile = shown.holder ? words.say("rests", { name: shown.names[shown.holder] }) : words.say("no_turn");
  const ask = h("button", { type: "button", id: "deck-ask", class: "btn btn-quiet", disabled: !canAsk, "aria-pressed": String(isAsking) }, icon("question"), h("span", {}, words.say("question"), h("small", {}, canAsk ? meanwhile : words.say("not_now"))));
  const last = shown.next_phase
    ? small("next_phase", words.say("next_phase"), shown.next_phase, "skip", null, isPaused)
    : h("a", { id: "deck-end", class: "btn btn-quiet", href: endHref, "data-end": true }, icon("done"), h("span", {}, words.say("end"), h("small", {}, words.say("over"))));
  return [
    ask,
    small("pause", words.say("pause"), words.say("stops"), "pause", isPaused ? null : "space", isPaused),
    small("undo", words.say("undo"), shown.undo, "undo", "u", !shown.can_undo),
    last,
  ];
};

/** Paint how it stands round the table: who waits, who stood over, who is away since when. */
export const paintAround = (panel, shown, words, hasControl, form) => {
  const { names } = shown;
  const row = (drawn, term, value) => h("div", {}, icon(drawn), h("dt", {}, term), h("dd", {}, ...value));
  const tiny = (text) => h("span", { class: "tiny" }, text);
  const listed = (places, note) =>
    places.flatMap((place, index) => [index ? `, ${names[place.person_id]}` : names[place.person_id], ...note(place)]);
  const brings = () => words.say(shown.mode === "R" ? "case_last" : "brings");
  const since = (place) => (place.away_at ? [" ", tiny(words.say("since", { time: words.clock(place.away_at) }))] : []);
  const lines = [];
  if (shown.waiting.length) lines.push(row("open", words.say("waiting"), listed(shown.waiting, (p) => (p.is_presenter ? [" ", tiny(`(${brings()})`)] : []))));
  if (shown.passed.length) lines.push(row("pass", words.say("stood_over"), listed(shown.passed, (p) => (p.is_asked_again ? [" ", tiny(`– ${words.say("once_more")}`)] : []))));
  if (shown.away.length) lines.push(row("door", words.say("away"), listed(shown.away, since)));
  if (!lines.length) lines.push(row("done", words.say("in_phase"), [words.say("all_here")]));
  morph(panel.querySelector(".who-now"), lines);
  if (hasControl) paintChoices(panel, shown, words, form);
};

const paintChoices = (panel, shown, words, form) => {
  const { names } = shown;
  const isLive = shown.status === "live";
  const buttons = shown.away.map((place) => act("back", place.person_id, words.say("is_back", { name: names[place.person_id] }), "person"));
  if (isLive && shown.holder && !shown.is_question && !shown.next_up) {
    buttons.unshift(h("button", { type: "submit", form: "act", class: "btn btn-quiet", name: "act", value: "release" }, icon("done"), words.say("is_done", { name: names[shown.holder] })));
  }
  morph(panel.querySelector(".around-buttons"), buttons);
  const options = () => shown.present.map((place) => h("option", { value: place.person_id }, names[place.person_id]));
  const cases = shown.unknown_cases.map((number) => {
    const id = `brings-${number}`;
    const choice = h("div", { class: "two" }, h("select", { class: "form-select", id, name: "person_id" }, ...options()), h("button", { type: "submit", class: "btn btn-quiet", name: "act", value: "presenter" }, words.say("choose")));
    return h("form", { ...form, class: "mt-3 field" }, h("input", { type: "hidden", name: "case_no", value: number }), h("label", { class: "form-label", for: id }, words.say("who_brings", { case_no: number })), choice);
  });
  morph(panel.querySelector(".around-cases"), cases);
  const someone = panel.querySelector("#someone");
  morph(someone, options());
  panel.querySelector("[data-pass]").hidden = shown.mode !== "R" || !isLive;
};

/** Paint the plan: the sentence, the strip and the table of phases. */
export const paintPlan = (panel, plan, words) => {
  morph(panel.querySelector(".plan-span"), [plan.span]);
  morph(panel.querySelector(".plan-says"), rich(plan.standing));
  const strip = panel.querySelector(".plan-svg");
  strip.setAttribute("aria-label", plan.label);
  morph(strip, stripOf(plan, words));
  morph(panel.querySelector("tbody"), plan.rows.flatMap((row) => phaseRow(row, words)));
};

const stripOf = (plan, words) => {
  const of = (test) => plan.phases.filter(test);
  const rect = (cls, x, y, width, height, rx) => h("rect", { class: cls, x: pct(x), y, width: pct(Math.max(0.1, width)), height, rx });
  const label = (phase) =>
    phase.short.length * 7.2 + 12 <= phase.w * 6.4 + 8
      ? h("svg", { class: "wide-only", x: pct(phase.x), y: 49, width: pct(phase.w), height: 40 }, h("text", { class: `pl-text${phase.state === "now" ? " pl-text-now" : ""}`, x: 7, y: 21 }, phase.short))
      : null;
  return [
    h("text", { class: "pl-cap", x: 0, y: 11 }, words.say("planned")),
    ...plan.phases.map((phase) => rect("pl-was", phase.was_x, 18, phase.was_w, 8)),
    ...of((phase) => phase.state !== "now").map((phase) => rect(phase.state === "done" ? "pl-done" : "pl-next", phase.x, 52, phase.w - GAP, 34, 4)),
    ...of((phase) => phase.state === "now").map((phase) => rect("pl-now", phase.x, 49, phase.w - GAP, 40, 7)),
    ...of((phase) => phase.over_w > 0).map((phase) => h("svg", { x: pct(phase.over_x), y: 52, width: pct(Math.max(0.1, phase.over_w - GAP)), height: 34 }, h("path", { class: "pl-hatch", d: HATCH }))),
    ...plan.phases.map(label).filter(Boolean),
    ...pointerOf(plan),
    ...bracesOf(plan, words),
    ...(plan.end_x < 100 ? [h("line", { class: "pl-end", x1: pct(plan.end_x), x2: pct(plan.end_x), y1: 28, y2: 94, "stroke-dasharray": "4 4" })] : []),
    h("text", { class: "pl-cap-strong", x: "100%", y: 11, "text-anchor": "end" }, plan.end_text),
  ];
};

const pointerOf = (plan) => {
  if (plan.pointer === null) return [];
  const side = plan.pointer > 20 ? { x: -11, "text-anchor": "end" } : { x: 11 };
  const text = h("text", { class: "pl-cap-strong", ...side, y: 8, "dominant-baseline": "middle" }, plan.now_text);
  return [h("svg", { x: pct(plan.pointer), y: 30, overflow: "visible" }, h("path", { class: "pl-ptr", d: "M0 17-6 8H6z" }), text)];
};

const bracesOf = (plan, words) =>
  [...new Set(plan.phases.map((phase) => phase.case_no).filter(Boolean))].flatMap((case_no) => {
    const own = plan.phases.filter((phase) => phase.case_no === case_no);
    const [first, last] = [own[0], own[own.length - 1]];
    const end = last.x + last.w - GAP;
    return [
      h("line", { class: "pl-brace", x1: pct(first.x), x2: pct(end), y1: 98, y2: 98 }),
      h("text", { class: "pl-cap", x: pct(first.x), y: 115 }, words.say("case", { case_no })),
    ];
  });

const phaseRow = (row, words) => {
  const word = { done: words.say("done"), now: words.say("now"), skipped: words.say("not_held") }[row.status];
  const end = (text) => h("td", { class: "end" }, text);
  const name = h("th", { scope: "row" }, row.name, word ? " " : "", word ? h("span", { class: "tiny" }, `(${word})`) : "");
  const line = h("tr", { class: row.status === "now" ? "is-now" : null }, name, end(row.planned), end(row.now), end(row.starts));
  const heading = () => h("tr", { class: "grp" }, h("th", { colspan: 4, scope: "colgroup" }, row.heading));
  return row.heading ? [heading(), line] : [line];
};

/** Paint the balance and the minutes, in the order of places. */
export const paintBalance = (panel, shown, minutes, words) => {
  const isNone = shown.balance === null;
  const figure = [h("b", { class: "num" }, isNone ? "–" : words.decimals(shown.balance))];
  if (!isNone) figure.push(" ", h("span", {}, words.say("of_most", { most: words.decimals(1) })));
  morph(panel.querySelector(".balance"), figure);
  const says = isNone ? words.say("no_count") : `${words.say("near_one")} ${words.say(shown.is_even ? "even" : "uneven")}`;
  morph(panel.querySelector(".balance-says"), [says]);
  morph(panel.querySelector("tbody"), minutes.map(minuteRow));
};

const minuteRow = (row) => {
  const name = h("th", { scope: "row" }, row.name, row.note ? " " : "", row.note ? h("span", { class: "tiny" }, row.note) : "");
  return h("tr", {}, name, h("td", {}, pairBar(row)), h("td", { class: "end" }, length(row.total_s)), h("td", { class: "end" }, length(row.expected_s)));
};

const pairBar = ({ used, expected }) => {
  const cut = (value) => Math.min(100, Math.max(0, value)).toFixed(2);
  const mark = expected === null ? [] : [h("path", { class: "pb-mark", d: `M${cut(expected)} 0v14`, "vector-effect": "non-scaling-stroke" })];
  const rect = (cls, width) => h("rect", { class: cls, width, height: 14, rx: 2 });
  return h("svg", { class: "pair-bar", viewBox: "0 0 100 14", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" }, rect("pb-track", 100), rect("pb-used", cut(used)), ...mark);
};

