/**
 * What can happen in a round: the events of the log and the commands that ask for them.
 *
 * The twin of supervision/live/rules/events.py. The server is the judge; this device decides with the same rules, so
 * that the table answers at once and goes on without a connection.
 *
 * Instants are milliseconds since 1970 in UTC (`_at` holds such a number), durations are seconds (`_s`).
 *
 * @typedef {{seq: number, kind: string, at: string|number, device_id: string, device_event_id: string,
 *   person_id: ?string, data: Object}} LogEvent  one line of the log as the server sends it; `at` in ISO 8601
 * @typedef {{kind: string, at: number, person_id?: ?string, data?: Object}} Command  a wish of this device
 * @typedef {{id: string, name: string, place_no: number, is_remote: boolean, weight: number}} Participant
 * @typedef {{key: string, mode: string, planned_s: number, min_s: number, name: Object<string, string>,
 *   block: string, case_no: ?number}} PlannedPhase
 */

/** PRODUCT: live round, the kinds of the log. */
export const KINDS = new Set([
  "start",
  "next_phase",
  "floor",
  "release",
  "interpose",
  "pass",
  "away",
  "back",
  "presenter",
  "pause",
  "resume",
  "correct",
  "undo",
  "end",
]);

const MICRO_PER_MS = 1000;
const MICRO_PER_S = 1e6;

/** A rule says no: `code` has a sentence on the page, `params` the values it names. */
export class Refused extends Error {
  constructor(code, params = {}) {
    super(code);
    this.name = "Refused";
    this.code = code;
    this.params = params;
  }
}

/**
 * Read an instant, microseconds included, which `Date.parse` would leave out.
 * @param {string|number} at  ISO 8601 with a zone, or milliseconds already
 * @returns {number} milliseconds since 1970
 */
export const instant = (at) => {
  if (typeof at === "number") return at;
  const fraction = /\.(\d+)/.exec(at);
  if (!fraction) return Date.parse(at);
  const micro = Number(fraction[1].padEnd(6, "0").slice(0, 6));
  return (Date.parse(at.replace(fraction[0], "")) * MICRO_PER_MS + micro) / MICRO_PER_MS;
};

/** Seconds between two instants, counted in whole microseconds as the server counts. */
export const secondsBetween = (fromMs, untilMs) =>
  (Math.round(untilMs * MICRO_PER_MS) - Math.round(fromMs * MICRO_PER_MS)) / MICRO_PER_S;

/** Round to a whole number, halves to the even one, as the server does. */
const wholeEven = (number) => {
  const whole = Math.round(number);
  return whole - number === 0.5 && whole % 2 !== 0 ? whole - 1 : whole;
};

/** The instant so many seconds later, to the microsecond. */
export const later = (atMs, seconds) => {
  const whole = Math.trunc(seconds);
  const micro = whole * MICRO_PER_S + wholeEven((seconds - whole) * MICRO_PER_S);
  return (Math.round(atMs * MICRO_PER_MS) + micro) / MICRO_PER_MS;
};

/**
 * What an event asked for; the person may stand in the data, as the log's table keeps it.
 * @param {LogEvent} event
 * @returns {Command}
 */
export const commandOf = (event) => {
  const data = event.data ?? {};
  return { kind: event.kind, at: instant(event.at), person_id: event.person_id ?? data.person_id ?? null, data };
};

const need = (data, names) => {
  for (const name of names) if (data[name] === undefined) throw new Refused("start_incomplete");
};

const readParticipant = (data) => {
  need(data, ["id", "name", "place_no"]);
  return {
    id: String(data.id),
    name: String(data.name),
    place_no: Math.trunc(Number(data.place_no)),
    is_remote: Boolean(data.remote ?? false),
    weight: Number(data.weight ?? 1),
  };
};

const readPhase = (data) => {
  need(data, ["key", "mode", "planned_s", "min_s", "name", "block", "case_no"]);
  const { key, mode, planned_s, min_s, name, block, case_no } = data;
  return { key, mode, planned_s, min_s, name: { ...name }, block, case_no };
};

/**
 * Read the snapshot in the start event; participants are put in the order of their places.
 * @throws {Refused} start_incomplete
 */
export const readStart = (data) => {
  need(data, ["format_key", "phases", "length_s", "participants", "presenters"]);
  const participants = [...data.participants].map(readParticipant);
  return {
    format_key: data.format_key,
    phases: [...data.phases].map(readPhase),
    length_s: data.length_s,
    participants: participants.sort((one, other) => one.place_no - other.place_no),
    presenters: [...data.presenters],
    meeting_no: data.meeting_no ?? 0,
    away: [...(data.away ?? [])],
  };
};

/** Write a snapshot as plain data for the event. */
export const writeStart = (start) => ({
  ...start,
  participants: start.participants.map(({ id, name, place_no, is_remote, weight }) => ({
    id,
    name,
    place_no,
    remote: is_remote,
    weight,
  })),
});
