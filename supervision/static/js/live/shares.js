/** How a round's time is divided, and how even it became. The twin of supervision/live/rules/shares.py. */

/** PRODUCT: live round, shares >= 45 s. */
export const MIN_SHARE_S = 45;

/** The sum of numbers, from the left, as the server adds. */
export const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

/**
 * Divide `leftS` seconds so that the smallest total (had + share, per weight) is as large as possible.
 *
 * Every share is at least `leastS`, the shares sum to `leftS`. When there is not enough for that, everyone gets the
 * same part of what is left.
 * @param {{had_s: number, weight: number}[]} claims  those who wait: seconds of free time already had, and weight
 * @param {number} leftS  seconds to divide
 * @returns {number[]} seconds for each claim, in their order
 */
export const waterFill = (claims, leftS, leastS = MIN_SHARE_S) => {
  const count = claims.length;
  const whole = Math.max(0, leftS);
  if (whole <= count * leastS) return claims.map(() => whole / count);
  // Like water in vessels of uneven depth: those over the level keep the least share, the others reach it.
  const dryUntil = claims.map((claim) => (leastS + claim.had_s) / claim.weight);
  const order = claims.map((_, index) => index).sort((one, other) => dryUntil[one] - dryUntil[other]);
  let had = 0;
  let weight = 0;
  let level = 0;
  for (let reached = 1; reached <= count; reached += 1) {
    const claim = claims[order[reached - 1]];
    had += claim.had_s;
    weight += claim.weight;
    level = (whole - leastS * (count - reached) + had) / weight;
    if (reached === count || level <= dryUntil[order[reached]]) break;
  }
  return claims.map((claim) => Math.max(leastS, claim.weight * level - claim.had_s));
};

/** Divide `wholeS` seconds equally by weight: the expected share in Q, G and A phases. */
export const equalParts = (weights, wholeS) => {
  const total = sum(weights);
  return weights.map((weight) => (wholeS * weight) / total);
};

/** Jain's index of `time / expected share`: 1 for perfectly even, 1/n at worst; null without data. */
export const jain = (ratios) => {
  const squares = sum(ratios.map((ratio) => ratio * ratio));
  if (!squares) return null;
  const total = sum(ratios);
  return Math.min(1, (total * total) / (ratios.length * squares));
};
