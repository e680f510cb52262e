// Opens and closes all differences of a bulk step at once, and renews what a worker has counted so far. Without it each
// opens by itself, and the page is loaded again.
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
  // The counts alone are put in anew: what is ticked on the page stays.
  const count = () => {
    const place = document.querySelector("[data-counting]");
    if (!place) {
      return;
    }
    place.classList.add("is-asked");
    const ask = async () => {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
      if (answer && (answer.redirected || answer.status === 403 || answer.status === 404)) {
        return;
      }
      const page = answer && answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
      const told = page && page.querySelector("[data-counts]");
      if (told) {
        place.replaceChildren(...told.children);
      }
      if (!told || "counting" in told.dataset) {
        window.setTimeout(ask, 2000);
      }
    };
    window.setTimeout(ask, 1000);
  };
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("DOMContentLoaded", count);
})();
