// Moves the bar of a run: asks once a second how far it is, and loads the page again when it is over.
// Without it the page is right as it was loaded, and a link loads it again.
(() => {
  "use strict";
  const EVERY = 1000;
  const SLOWEST = 15000;

  const watch = (place) => {
    const bar = place.querySelector("[data-bar]");
    const numbers = place.querySelector("[data-numbers]");
    const label = document.querySelector("[data-run-state] > *");
    const waiting = place.querySelector("[data-waiting]");
    const stopping = place.querySelector("[data-stopping]");
    let wait = EVERY;

    const show = (told) => {
      const known = told.percent !== null;
      bar.parentElement.classList.toggle("is-unknown", !known);
      bar.style.width = known ? `${told.percent}%` : "";
      if (known) {
        bar.parentElement.setAttribute("aria-valuenow", String(told.percent));
      } else {
        bar.parentElement.removeAttribute("aria-valuenow");
      }
      numbers.textContent = told.total === null ? "" : `${told.done} / ${told.total}`;
      if (label) {
        label.textContent = told.label;
      }
      stopping.hidden = !told.stopping;
      waiting.hidden = told.state !== "waiting";
      for (const step of place.querySelectorAll("[data-step]")) {
        step.dataset.state = told.steps[step.dataset.step] || "ahead";
        step.querySelector("[data-took]").textContent = told.took[step.dataset.step] || "";
      }
    };

    const ask = async () => {
      try {
        const answer = await fetch(place.dataset.progress, {
          credentials: "same-origin",
          headers: { Accept: "application/json" },
        });
        // Logged out meanwhile: the login page says so better than a bar that stands still.
        if (answer.redirected || answer.status === 403 || answer.status === 404) {
          window.location.reload();
          return;
        }
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        const told = await answer.json();
        if (!told.unfinished) {
          window.location.reload();
          return;
        }
        show(told);
        wait = EVERY;
      } catch {
        // The server is away for a moment: ask less and less often.
        wait = Math.min(wait * 2, SLOWEST);
      }
      window.setTimeout(ask, wait);
    };

    window.setTimeout(ask, EVERY);
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const place of document.querySelectorAll("[data-progress]")) {
      watch(place);
    }
  });
})();
