// Settling a conflict: what is chosen, counted and kept in this browser until it is saved. Without this script the
// page works as well: every button is a submit button, and the server fills in what it says.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("cf-form");
  if (!form || "refused" in form.dataset) {
    return;
  }
  const questions = [...form.querySelectorAll(".cf-question")].map((place) => new Question(place));
  const kept = new Kept(`evergreenConflict-${form.dataset.key}`, questions);
  forgetOld();

  if (!("bound" in form.dataset) && kept.restore()) {
    tell(form.dataset.kept);
  }
  function changed() {
    count(questions);
    kept.keep();
  }
  form.addEventListener("change", changed);
  form.addEventListener("input", (event) => {
    const place = event.target.closest(".cf-write");
    if (place) {
      questions.find((each) => each.place.contains(place)).choose("third");
    }
    changed();
  });
  form.querySelectorAll("button[name=fill]").forEach((button) =>
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const [side, rest] = button.value.split(":");
      for (const each of questions) {
        if (!rest || (each.isPassage && !each.chosen)) {
          each.choose(side);
        }
      }
      changed();
    }),
  );

  // Enter in a line of text would press the first button there is, which fills in a side.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=radio])")) {
      event.preventDefault();
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit(document.querySelector(".cf-save button[type=submit]"));
    }
  });

  document.getElementById("cf-next")?.addEventListener("click", (event) => {
    event.preventDefault();
    const open = questions.filter((each) => !each.chosen);
    const here = questions.findIndex((each) => each.place.contains(document.activeElement));
    const next = open.find((each) => questions.indexOf(each) > here) || open[0];
    next?.place.scrollIntoView({ block: "center", behavior: "instant" });
    next?.place.querySelector("input[type=radio]").focus({ preventScroll: true });
  });
  changed();
});

class Question {
  constructor(place) {
    this.place = place;
    this.name = place.dataset.name;
    this.seen = place.dataset.seen;
    this.isPassage = "passage" in place.dataset;
    this.radios = [...place.querySelectorAll("input[type=radio]")];
    this.text = place.querySelector(".cf-write textarea, .cf-write input:not([type=hidden]), .cf-write select");
  }

  get chosen() {
    return this.radios.find((each) => each.checked)?.value || "";
  }

  choose(side) {
    const radio = this.radios.find((each) => each.value === side);
    if (radio) {
      radio.checked = true;
    }
  }

  get written() {
    if (!this.text) {
      return null;
    }
    return this.text.multiple ? [...this.text.selectedOptions].map((each) => each.value) : this.text.value;
  }

  set written(value) {
    if (!this.text || value === null || value === undefined) {
      return;
    }
    if (this.text.multiple) {
      this.text.replaceChildren(...value.map((name) => new Option(name, name, true, true)));
      window.django?.jQuery?.(this.text).trigger("change"); // for select2, which shows what it knew before
    } else {
      this.text.value = value;
    }
  }
}

// What was chosen and typed, kept in this browser: only for the texts that it was chosen between.
class Kept {
  constructor(key, questions) {
    this.key = key;
    this.questions = questions;
    this.opened = new Map(questions.map((each) => [each.name, JSON.stringify(each.written)]));
  }

  keep() {
    const told = {};
    for (const each of this.questions) {
      const typed = JSON.stringify(each.written) !== this.opened.get(each.name);
      if (each.chosen || typed) {
        told[each.name] = { seen: each.seen, chosen: each.chosen, written: each.written };
      }
    }
    try {
      if (Object.keys(told).length) {
        localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), told }));
      } else {
        localStorage.removeItem(this.key);
      }
    } catch {
      // A full or forbidden store only means that nothing is remembered.
    }
  }

  restore() {
    let told = {};
    try {
      told = JSON.parse(localStorage.getItem(this.key) || "{}").told || {};
    } catch {
      return false;
    }
    let found = false;
    for (const each of this.questions) {
      const kept = told[each.name];
      if (kept && kept.seen === each.seen) {
        each.written = kept.written;
        each.choose(kept.chosen);
        found = true;
      }
    }
    return found;
  }
}

function count(questions) {
  const place = document.getElementById("cf-count");
  if (!place) {
    return;
  }
  const chosen = questions.filter((each) => each.chosen).length;
  const words = chosen === questions.length ? place.dataset.all : place.dataset.some;
  place.textContent = words.replace("{chosen}", chosen).replace("{all}", questions.length);
  document.getElementById("cf-next").hidden = chosen === questions.length;
}

function tell(words) {
  const said = document.getElementById("cf-said");
  said.textContent = words;
  said.hidden = false;
}

// What was chosen for conflicts that were settled long ago.
function forgetOld() {
  const month = 30 * 24 * 3600 * 1000;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("evergreenConflict-")) {
      const at = Number((/"at":(\d+)/.exec(localStorage.getItem(key)) || [])[1] || 0);
      if (Date.now() - at > month) {
        localStorage.removeItem(key);
      }
    }
  }
}
