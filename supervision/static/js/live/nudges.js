/** Quiet reminders for the supervisor, as codes. The twin of supervision/live/rules/nudges.py. */

import { sharesOf, speakerOf } from "./counting.js";
import { MIN_SHARE_S } from "./shares.js";
import { partOf, partSpokenS, phaseOf, runOf, sharersOf } from "./state.js";

/** PRODUCT: live round, nudges at 80 % and 100 % of a share, above 2 x or below 0.4 x of the expected share. */
const NEARLY_USED = 0.8;
const FAR_ABOVE = 2;
const FAR_BELOW = 0.4;
/** Others than the speaker are worth a reminder when half of a phase has gone and there has been time for a turn. */
const WORTH_FROM = 0.5;
const FREE = new Set(["R", "Q", "G", "A"]);

const nudge = (code, personId, seconds = 0) => ({ code, person_id: personId, seconds: Math.trunc(seconds) });

/**
 * The reminders of this instant: the speaker's first, then the others' in the order of places.
 * @param {Map<string, number>} spoken  seconds of each person over the rounds and talks so far
 * @param {Map<string, number>} expected  the expected seconds over the same
 * @returns {{code: string, person_id: string, seconds: number}[]}
 */
export const nudgesOf = (state, spoken, expected) => {
  if (state.status !== "live") return [];
  const present = state.participants.filter((person) => !state.away.has(person.id));
  const found = present.map((person) => ofTable(state, person.id, spoken.get(person.id), expected.get(person.id)));
  return [ofSpeaker(state), ...found].filter((one) => one !== null);
};

const ofSpeaker = (state) => {
  const personId = speakerOf(state);
  const shareS = personId === null ? 0 : (sharesOf(state).get(personId) ?? 0);
  if (!shareS) return null;
  const usedS = partOf(runOf(state), personId).floor_s;
  if (usedS >= shareS) return nudge("share_used", personId, usedS - shareS);
  if (usedS >= NEARLY_USED * shareS) return nudge("share_nearly_used", personId, shareS - usedS);
  return null;
};

const ofTable = (state, personId, spokenS, expectedS) => {
  const run = runOf(state);
  const isEarly = run.elapsed_s < Math.max(WORTH_FROM * run.allotted_s, MIN_SHARE_S);
  if (isEarly || !FREE.has(phaseOf(state).mode)) return null;
  const isSharer = sharersOf(state).some((person) => person.id === personId);
  if (isSharer && !partSpokenS(partOf(run, personId))) return personId === state.holder ? null : nudge("not_yet", personId);
  if (expectedS < MIN_SHARE_S) return null; // too little has happened to compare
  if (spokenS > FAR_ABOVE * expectedS) return nudge("far_above", personId);
  if (spokenS < FAR_BELOW * expectedS && personId !== state.holder) return nudge("far_below", personId);
  return null;
};
