/**
 * What a controlling device keeps of a round, in the browser's own database: the log it has seen and the taps that
 * wait to be sent. It outlives a reload and an empty battery, and is deleted when the round ends, when another screen
 * takes over, and when one signs out.
 *
 * @typedef {{meeting: string, no: number, id: string, kind: string, person_id: ?string, data: Object, at: number}} Tap
 *   `at` is milliseconds by this device's own clock, `no` its running number.
 */

const NAME = "rundan-live";
const HOUR_MS = 3600 * 1000;
const KEPT_MS = 12 * HOUR_MS; // another round nobody came back to; no meeting is longer
const UNSENT_MS = 30 * 24 * HOUR_MS; // with taps that wait: as long as the server keeps a log

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const done = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });

const open = () => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("rounds", { keyPath: "meeting" });
    request.result.createObjectStore("events", { keyPath: ["meeting", "seq"] });
    request.result.createObjectStore("taps", { keyPath: ["meeting", "no"] });
  };
  return asked(request);
};

const all = (meeting) => IDBKeyRange.bound([meeting], [meeting, []]);

export class Kept {
  constructor(database, meeting) {
    this.database = database;
    this.meeting = meeting;
  }

  /** Open the store of a meeting; null where the browser keeps nothing (the round then lives in the page alone). */
  static async of(meeting) {
    try {
      return new Kept(await open(), meeting);
    } catch {
      return null;
    }
  }

  change(stores, work) {
    const transaction = this.database.transaction(stores, "readwrite", { durability: "strict" });
    work(...stores.map((name) => transaction.objectStore(name)));
    return done(transaction);
  }

  /**
   * Return the log, the waiting taps and the clock's offset (ms); what another person left here is deleted first.
   * @param {string} owner
   */
  async load(owner) {
    await this.forgetOld();
    const transaction = this.database.transaction(["rounds", "events", "taps"]);
    const [round, events, taps] = await Promise.all([
      asked(transaction.objectStore("rounds").get(this.meeting)),
      asked(transaction.objectStore("events").getAll(all(this.meeting))),
      asked(transaction.objectStore("taps").getAll(all(this.meeting))),
    ]);
    if (round && round.owner === owner) return { events, taps, offset: round.offset };
    await this.forget();
    return { events: [], taps: [], offset: null };
  }

  note(owner, offset) {
    return this.change(["rounds"], (rounds) => rounds.put({ meeting: this.meeting, owner, offset, saved_at: Date.now() }));
  }

  addTap(tap) {
    return this.change(["taps"], (taps) => taps.put({ ...tap, meeting: this.meeting }));
  }

  /** Keep new events of the log and let go of the taps that were answered, in one transaction. */
  settle(events, gone) {
    return this.change(["events", "taps"], (log, taps) => {
      events.forEach((event) => log.put({ ...event, meeting: this.meeting }));
      gone.forEach((tap) => taps.delete([this.meeting, tap.no]));
    });
  }

  forget() {
    return this.change(["rounds", "events", "taps"], (rounds, events, taps) => {
      rounds.delete(this.meeting);
      events.delete(all(this.meeting));
      taps.delete(all(this.meeting));
    });
  }

  async forgetOld() {
    const rounds = await asked(this.database.transaction(["rounds"]).objectStore("rounds").getAll());
    for (const round of rounds.filter((one) => one.meeting !== this.meeting)) {
      const waiting = await asked(this.database.transaction(["taps"]).objectStore("taps").count(all(round.meeting)));
      const isOld = Date.now() - round.saved_at > (waiting ? UNSENT_MS : KEPT_MS);
      if (isOld) await new Kept(this.database, round.meeting).forget();
    }
  }
}

/**
 * This device's clock in milliseconds, which never goes back while the page is open: ages of taps are counted by it.
 */
export const deviceMs = (() => {
  let last = 0;
  let missing = 0;
  return () => {
    const read = Date.now() + missing;
    if (read < last) missing += last - read;
    last = Date.now() + missing;
    return last;
  };
})();

/** Return a new id for a tap. */
export const newId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
