// Ticks all hits of a post, or of the page, at once. Without it each hit has its own tick.
(() => {
  "use strict";
  const show = (box, hits) => {
    const on = hits.filter((hit) => hit.checked).length;
    box.checked = on > 0 && on === hits.length;
    box.indeterminate = on > 0 && on < hits.length;
  };
  const start = () => {
    const whole = document.querySelector("[data-tick-all]");
    const boxes = [...document.querySelectorAll("[data-hits]")].map((post) => ({
      box: post.querySelector("[data-tick-post]"),
      hits: [...post.querySelectorAll("input[name=hit]")],
    }));
    if (!whole || !boxes.length) {
      return;
    }
    const all = boxes.flatMap((each) => each.hits);
    const renew = () => {
      for (const each of boxes) {
        show(each.box, each.hits);
      }
      show(whole, all);
    };
    const ticking = (box, hits) => {
      box.addEventListener("change", () => {
        for (const hit of hits) {
          hit.checked = box.checked;
        }
        renew();
      });
    };
    for (const each of boxes) {
      each.box.hidden = false;
      ticking(each.box, each.hits);
    }
    whole.closest("[hidden]").hidden = false;
    ticking(whole, all);
    for (const hit of all) {
      hit.addEventListener("change", renew);
    }
    // The browser brings back its own ticks when one comes back to the page.
    window.addEventListener("pageshow", renew);
    renew();
  };
  // How far a worker is with counting; the page stays, and with it what was ticked on it.
  const count = () => {
    const place = document.querySelector("[data-counting]");
    if (!place) {
      return;
    }
    const bar = place.querySelector("[data-bar]");
    const ask = async () => {
      const answer = await fetch(place.dataset.counting, { headers: { Accept: "application/json" } }).catch(() => null);
      if (answer && (answer.redirected || answer.status === 403 || answer.status === 404)) {
        return;
      }
      const told = answer && answer.ok ? await answer.json() : null;
      if (told) {
        place.querySelector("[data-words]").textContent = told.words;
        bar.style.width = `${told.percent}%`;
        bar.parentElement.setAttribute("aria-valuenow", String(told.percent));
        if (told.complete) {
          for (const part of place.querySelectorAll("[data-meanwhile]")) {
            part.hidden = true;
          }
          return;
        }
      }
      window.setTimeout(ask, 1000);
    };
    ask();
  };
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("DOMContentLoaded", count);
})();
