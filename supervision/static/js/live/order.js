/** Who may speak in a phase, and in which order a round goes. The twin of supervision/live/rules/order.py. */

/**
 * Say whether the mode gives this person room (PRODUCT: formats, speaking modes).
 *
 * While a case has no known presenter, a presenter's phase is open to all.
 */
export const maySpeak = (mode, personId, presenterId) => {
  if (mode === "P" || mode === "SP") return presenterId === null || personId === presenterId;
  if (mode === "G") return personId !== presenterId;
  return mode === "Q" || mode === "R" || mode === "A";
};

/**
 * Return the order of a round: from the place after the presenter, moved `turn` places on; presenter last.
 *
 * Without a presenter it starts `turn` places from the first. Those at a distance come first when the group is mixed,
 * keeping the order among themselves (PRODUCT: live round, the order in R).
 * @param {import("./events.js").Participant[]} people  in the order of places
 * @returns {string[]} ids
 */
export const roundOrder = (people, presenterId, turn) => {
  const presenterAt = people.findIndex((person) => person.id === presenterId);
  const after = presenterAt + 1;
  let others = [...people.slice(after), ...people.slice(0, after)].filter((person) => person.id !== presenterId);
  if (others.length > 0) {
    const first = turn % others.length;
    others = [...others.slice(first), ...others.slice(0, first)];
  }
  const ordered = [...others.filter((person) => person.is_remote), ...others.filter((person) => !person.is_remote)];
  return [...ordered.map((person) => person.id), ...(presenterAt >= 0 ? [presenterId] : [])];
};
