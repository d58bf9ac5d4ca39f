/* Shows a page's print button. Without this script the browser's own menu prints the same page. */
"use strict";

(() => {
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
