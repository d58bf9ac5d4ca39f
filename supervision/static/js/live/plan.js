/** How the rest of a meeting is planned anew. The twin of supervision/live/rules/plan.py. */

import { sum } from "./shares.js";

/**
 * Fit the coming phases into `leftS` seconds; the lengths sum to `leftS + overrun_s` (PRODUCT: overrun).
 *
 * Too little time: each keeps its minimum, the rest shrinks in proportion. Not even the minimums fit: they are kept and
 * the overrun says how many seconds the meeting runs over. Time gained is given out in proportion to the plan.
 * @param {import("./events.js").PlannedPhase[]} phases
 * @param {number} leftS  seconds
 * @returns {{lengths_s: number[], overrun_s: number}}
 */
export const refit = (phases, leftS) => {
  const plannedS = sum(phases.map((phase) => phase.planned_s));
  const leastS = sum(phases.map((phase) => phase.min_s));
  if (leftS < leastS || phases.length === 0) {
    return { lengths_s: phases.map((phase) => phase.min_s), overrun_s: Math.max(0, leastS - leftS) };
  }
  if (leftS >= plannedS) {
    const factor = plannedS ? leftS / plannedS : 0;
    return { lengths_s: phases.map((phase) => phase.planned_s * factor), overrun_s: 0 };
  }
  const factor = (leftS - leastS) / (plannedS - leastS);
  return { lengths_s: phases.map((phase) => phase.min_s + (phase.planned_s - phase.min_s) * factor), overrun_s: 0 };
};
