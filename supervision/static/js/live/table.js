/**
 * The round table: patches what the server has drawn (templates/_layout/macros/table.html), never builds it anew, so
 * that places and light glide and a focused button keeps its focus. Writes classes and attributes, no styles.
 */

const SVG = "http://www.w3.org/2000/svg";

/** How each state of a place is drawn: the class, and the icon's one line on a grid of 24 (DESIGN: states of a place). */
export const DRAWN = {
  has_floor: { cls: "is-speaking", icon: "M4 5h16v11h-9l-4 4v-4H4z" },
  asking: {
    cls: "is-speaking",
    icon: "M5 5h14v10h-6l-4 4v-4H5zM10 8.6a2 2 0 1 1 2.6 1.9c-.5.2-.6.5-.6.9M12 13.1v.01",
  },
  resting: { cls: "is-asking", icon: "M8.5 5v14M15.5 5v14" },
  answering: { cls: "is-waiting", icon: "M4 5h16v11h-9l-4 4v-4H4z" },
  next: { cls: "is-next", icon: "m9 5 7 7-7 7" },
  not_yet: { cls: "is-waiting", icon: "M19 12a7 7 0 1 1-14 0 7 7 0 0 1 14 0z" },
  done: { cls: "is-done", icon: "m5 12.5 4.5 4.5L19 7.5" },
  passed: { cls: "is-passed", icon: "M4 15c2-6 12-6 15 0M19 9v6h-6" },
  away: { cls: "is-away", icon: "M13 4H5v16h8M10 12h11M17 8l4 4-4 4" },
};
const CLASSES = [...new Set(Object.values(DRAWN).map((one) => one.cls))];
const FULL = 100; // the length of every circle, as its pathLength says

/**
 * One place to paint. `ring` is the part of the share that is used (1 is full, more is drawn as a second ring), null for
 * none; `time` stands after the word, `more` is read out and not shown; `word` replaces the state's word.
 * @typedef {{person_id: string, state: string, is_lit: boolean, ring?: number|null, time?: string, more?: string,
 *   word?: string}} Place
 */

/**
 * The middle of the table: `time` as it is shown, `part` of the phase's time that is used (0 to 1).
 * @typedef {{phase: string, time: string, sub: string, part: number}} Hub
 */

/**
 * Paint the places, the light and the middle.
 * @param {Element} root The `.roundtable`; its places carry `data-place` with the person's id.
 * @param {Place[]} places In the order of the chairs, clockwise from the top.
 * @param {Hub|null} hub
 * @param {Object<string, string>} words The word of each state; a state without one shows no word.
 */
export function paintTable(root, places, hub, words) {
  const found = new Map([...root.querySelectorAll("[data-place]")].map((one) => [one.dataset.place, one]));
  places.forEach((place) => {
    const element = found.get(place.person_id);
    if (element) paintPlace(element, place, words);
  });
  paintBeam(root, places.findIndex((place) => place.is_lit));
  if (hub) paintHub(root, hub);
}

/**
 * Write a text where it has changed; a text that stays is left alone, so that nothing is read out twice.
 * @param {Element|null} element
 * @param {string} text
 */
export function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/**
 * Paint the middle of the table.
 * @param {Element} root
 * @param {Hub} hub
 */
export function paintHub(root, hub) {
  write(root.querySelector(".hub-phase"), hub.phase);
  write(root.querySelector(".hub-time"), hub.time);
  write(root.querySelector(".hub-sub"), hub.sub);
  arc(root.querySelector(".hub-used"), hub.part);
}

/**
 * Return a length as m:ss, seconds cut off as everywhere in the round.
 * @param {number} seconds
 * @returns {string}
 */
export function length(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function paintPlace(element, place, words) {
  const drawn = DRAWN[place.state] ?? { cls: "", icon: "" };
  CLASSES.forEach((cls) => element.classList.toggle(cls, cls === drawn.cls));
  if (element.hasAttribute("aria-pressed")) set(element, "aria-pressed", String(place.is_lit));
  paintRing(element, place.ring ?? 0);
  paintState(element, drawn.icon, place.word ?? words[place.state] ?? "", place.time ?? "");
  paintMore(element, place.more ?? "");
}

function paintRing(element, ring) {
  const picture = element.querySelector(".ring");
  if (!picture) return;
  circle(picture, "ring-used", 46, Math.min(ring, 1));
  circle(picture, "ring-over", 40, Math.min(Math.max(0, ring - 1), 1));
}

function circle(picture, cls, radius, part) {
  let element = picture.querySelector(`.${cls}`);
  if (part <= 0) {
    element?.remove();
    return;
  }
  if (!element) {
    element = document.createElementNS(SVG, "circle");
    const values = { class: cls, cx: 50, cy: 50, r: radius, pathLength: FULL, transform: "rotate(-90 50 50)" };
    Object.entries(values).forEach(([name, value]) => element.setAttribute(name, String(value)));
    picture.append(element);
  }
  arc(element, part);
}

function arc(element, part) {
  if (element) set(element, "stroke-dasharray", `${(FULL * Math.min(1, Math.max(0, part))).toFixed(2)} ${FULL}`);
}

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/* The chip under a name: icon, word, time. It is made anew only when the state changes; the time is only written. */
function paintState(element, icon, word, time) {
  let chip = element.querySelector(".place-state");
  if (!word && !time) {
    chip?.remove();
    return;
  }
  const shape = `${icon}|${word}|${time ? "t" : ""}`;
  if (!chip || chip.dataset.shape !== shape) {
    const fresh = document.createElement("span");
    fresh.className = "place-state";
    fresh.dataset.shape = shape;
    if (icon) fresh.append(line(icon));
    fresh.append(word ? (time ? `${word} ` : word) : "");
    if (time) fresh.append(Object.assign(document.createElement("span"), { className: word ? "t" : "" }));
    if (chip) chip.replaceWith(fresh);
    else element.querySelector(".place-name")?.after(fresh);
    chip = fresh;
  }
  if (time) write(chip.lastElementChild, time);
}

function line(path) {
  const picture = document.createElementNS(SVG, "svg");
  const values = { class: "ic", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" };
  Object.entries(values).forEach(([name, value]) => picture.setAttribute(name, value));
  picture.append(document.createElementNS(SVG, "path"));
  picture.firstElementChild.setAttribute("d", path);
  return picture;
}

/* What is read out after a place's words: always the last child, and only there when there is something to say. */
function paintMore(element, text) {
  let more = element.querySelector(":scope > .visually-hidden");
  if (!text) {
    more?.remove();
    return;
  }
  if (!more) {
    more = Object.assign(document.createElement("span"), { className: "visually-hidden" });
    element.append(more);
  }
  write(more, text);
}

function paintBeam(root, index) {
  let beam = root.querySelector(".beam");
  if (index < 0) {
    beam?.remove();
    return;
  }
  if (!beam) {
    beam = document.createElement("div");
    beam.setAttribute("aria-hidden", "true");
    beam.id = "place-beam";
    root.querySelector(".roundtable-top").after(beam);
  }
  set(beam, "class", `beam i-${index}`);
}
