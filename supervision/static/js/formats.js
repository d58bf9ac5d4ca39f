/* The sum of a format while one edits it. Without this script the button "Count again" asks the server. */
"use strict";

(() => {
  const form = document.getElementById("format-form");
  const sum = document.getElementById("format-sum");
  if (!form || !sum) return;

  const whole = (name) => {
    const value = Number(form.elements.namedItem(name)?.value);
    return Number.isInteger(value) && value > 0 ? value : 0;
  };

  const total = () => {
    const cases = whole("cases");
    return [...form.querySelectorAll(".format-phase")].reduce((minutes, phase) => {
      const own = Number(phase.querySelector('input[name$="-minutes"]').value) || 0;
      return minutes + own * (phase.dataset.block === "case" ? cases : 1);
    }, 0);
  };

  form.addEventListener("input", () => {
    const minutes = total();
    const apart = minutes - whole("length_min");
    const pattern = apart === 0 ? sum.dataset.fits : apart > 0 ? sum.dataset.over : sum.dataset.under;
    const text = pattern.replace("%(total)s", minutes).replace("%(apart)s", Math.abs(apart));
    if (sum.textContent !== text) sum.textContent = text;
  });
})();
