/**
 * The page's sentences: translated by the server, filled in here, so that the round speaks the reader's language also
 * without a connection.
 */

const TWO = 2;

/** Fill `%(name)s` patterns. @param {string} pattern @param {Object} values @returns {string} */
export const fill = (pattern, values = {}) =>
  pattern.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole)).replace(/%%/g, "%");

/** Return a word as it stands inside a line, without its capital. */
export const inALine = (text) => text.slice(0, 1).toLowerCase() + text.slice(1);

/** Return the first letters of the first and the last part of a name. */
export const initials = (name) => {
  const parts = name.split(/\s+/).filter(Boolean);
  return ((parts[0]?.[0] ?? "?") + (parts.length > 1 ? parts[parts.length - 1][0] : "")).toUpperCase();
};

/**
 * Return what each is called at the table: the first name, with a letter of the last where two share it.
 * @param {{id: string, name: string}[]} people
 * @returns {Object<string, string>} by person id
 */
export const shortNames = (people) => {
  const firsts = people.map((person) => person.name.split(/\s+/)[0]);
  return Object.fromEntries(
    people.map((person, index) => {
      const rest = person.name.split(/\s+/).slice(1);
      const isShared = firsts.filter((one) => one === firsts[index]).length > 1 && rest.length > 0;
      return [person.id, isShared ? `${firsts[index]} ${rest[rest.length - 1][0]}` : firsts[index]];
    }),
  );
};

export class Words {
  /**
   * @param {Object} given What the server's `patterns` made: says, states, refusals, undo, language, format.
   * @param {string} zone The group's time zone, an IANA name.
   */
  constructor(given, zone) {
    this.given = given;
    this.wall = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  }

  /** Return a sentence by its key, filled in; `count` chooses between singular and plural. */
  say(key, values = {}, count = 1) {
    const pattern = this.given.says[key];
    return fill(Array.isArray(pattern) ? pattern[count === 1 ? 0 : 1] : pattern, values);
  }

  count(key, num) {
    return this.say(key, { num }, num);
  }

  /** Return why a tap was refused. */
  refusal(code, values = {}) {
    return fill(this.given.refusals[code] ?? this.given.refusals.unknown_command, values);
  }

  undo(last, names) {
    const [kind, personId] = last ?? ["", null];
    return fill(this.given.undo[kind] ?? "", { name: names[personId] ?? "" });
  }

  phase(phase) {
    return phase.name[this.given.language] ?? phase.name.sv;
  }

  /** Return the wall time of an instant (ms): 14.00, in English 14:00. */
  clock(ms) {
    const text = this.wall.format(new Date(ms));
    return this.given.language === "en" ? text : text.replace(":", ".");
  }

  /** Return a number with two decimals as the language writes it. */
  decimals(value) {
    const text = value.toFixed(TWO);
    return this.given.language === "en" ? text : text.replace(".", ",");
  }

  /** Return names as a list in a sentence. */
  listed(names) {
    if (names.length < TWO) return names.join("");
    return this.say("and", { first: names.slice(0, -1).join(", "), last: names[names.length - 1] });
  }

  /** Return a length in words: 4 minutes 30 seconds. */
  longLength(seconds) {
    const whole = Math.floor(seconds);
    const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
    const parts = minutes ? [this.count("minutes", minutes)] : [];
    if (rest || !minutes) parts.push(this.count("seconds", rest));
    return parts.join(" ");
  }

  casesLine(view) {
    const line =
      view.case_no === null
        ? this.count("cases", view.cases)
        : this.say("case_of", { case_no: view.case_no, cases: view.cases });
    if (!this.given.format) return line;
    return view.case_no ? `${this.given.format} · ${inALine(line)}` : this.given.format;
  }

  /** Return what is read out when it changes: the phase and who has the floor, never the time. */
  announce(view, names) {
    const phase = this.phase(view.phase);
    if (view.status === "paused") return this.say("said_paused", { phase });
    if (view.holder === null) return `${phase}.`;
    return this.say(view.is_question ? "said_asks" : "said_floor", { phase, name: names[view.holder] });
  }

  /** Return the reminders in words, the speaker's first; people of whom the same is true share a sentence. */
  reminders(found, names) {
    const lines = found
      .filter((one) => one.code.startsWith("share"))
      .map((one) => this.say(one.code, { name: names[one.person_id], left: this.longLength(one.seconds) }));
    for (const code of ["not_yet", "far_above", "far_below"]) {
      const people = found.filter((one) => one.code === code).map((one) => names[one.person_id]);
      if (people.length) lines.push(this.say(code, { names: this.listed(people) }, people.length));
    }
    return lines;
  }
}
