// Terms that the saved text mentions: fetched once the form is there, added to their field, or ignored.
"use strict";

window.addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("eg-suggestions");
  const form = document.getElementById("post_form");
  if (!place || !form) {
    return;
  }

  const answer = await fetch(place.dataset.from, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (answer && answer.ok && !answer.redirected) {
    place.innerHTML = await answer.text();
  }

  function gone(button) {
    const row = button.closest("[data-suggestion]");
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    const count = place.querySelector(".desk-count");
    if (count) {
      count.textContent = place.querySelectorAll("[data-suggestion]").length;
    }
    (next || place.querySelector("summary")).querySelector?.("button")?.focus();
  }

  function add(key, name) {
    const select = form.querySelector(`select.eg-names[name="${key}"]`);
    if (!select) {
      return false;
    }
    if (![...select.options].some((each) => each.value === name && each.selected)) {
      select.append(new Option(name, name, true, true));
      const $ = window.django && window.django.jQuery;
      if ($) {
        $(select).trigger("change");
      }
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    return true;
  }

  place.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) {
      return;
    }
    if ("accept" in button.dataset) {
      if (add(button.dataset.key, button.dataset.name)) {
        gone(button);
      }
      return;
    }
    const asked = new FormData();
    asked.append("vocabulary", button.dataset.vocabulary);
    asked.append("term", button.dataset.term);
    asked.append("where", button.dataset.ignore);
    asked.append("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
    button.disabled = true;
    const told = await fetch(place.dataset.from, { method: "POST", body: asked }).catch(() => null);
    if (told && told.ok && !told.redirected) {
      gone(button);
    } else {
      button.disabled = false;
    }
  });
});
