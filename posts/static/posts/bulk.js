// Opens and closes all differences of a bulk step at once. Without it each opens by itself.
(() => {
  "use strict";
  const start = () => {
    const button = document.querySelector("[data-open-all]");
    const folds = [...document.querySelectorAll(".eg-bulk-fold")];
    if (!button || folds.length < 2) {
      return;
    }
    button.hidden = false;
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") !== "true";
      for (const fold of folds) {
        fold.open = open;
      }
      button.setAttribute("aria-expanded", String(open));
    });
  };
  document.addEventListener("DOMContentLoaded", start);
})();
