// Copies the calendar address. Without script the field is there to be marked and copied by hand.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.querySelector("[data-copy-said]");
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue; // not on a page without https
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      button.querySelector("span").textContent = button.dataset.copied;
      said.textContent = button.dataset.copied;
    } catch {
      field.focus();
    }
  });
}
