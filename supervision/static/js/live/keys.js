/** The round from a keyboard: 1–8 give the floor, space pauses, n is the large button, u undoes, ? shows the list. */

const PLACES = /^[1-8]$/;

const wantedBy = (event) => {
  if (PLACES.test(event.key)) return document.querySelector(`button.place.i-${Number(event.key) - 1}`);
  if (event.key === " ") return event.target.closest("button, a, summary") ? null : document.querySelector('[data-key="space"]');
  if (event.key === "n") return document.getElementById("deck-main");
  return event.key === "u" ? document.querySelector('[data-key="u"]') : null;
};

/** Listen to the keys, and write each place's digit where a screen is wide enough to have a keyboard. */
export const listen = () => {
  const help = document.getElementById("keys");
  document.querySelectorAll("button.place").forEach((place, index) => {
    place.dataset.digit = index + 1;
    place.setAttribute("aria-keyshortcuts", index + 1);
  });
  document.querySelectorAll("[data-opens-keys]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    if (event.key === "?") help.showModal();
    const wanted = wantedBy(event);
    if (!wanted || wanted.disabled) return;
    event.preventDefault();
    wanted.click();
  });
};
