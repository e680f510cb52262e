// Terms that the saved text mentions, shown at their fields: added there, or ignored.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const to = document.getElementById("eg-suggesting")?.dataset.to;
  const form = document.getElementById("post_form");
  if (!to || !form) {
    return;
  }

  function selectOf(button) {
    const key = button.closest(".eg-suggested").dataset.key;
    return form.querySelector(`select.eg-names[name="${key}"]`);
  }

  function has(select, name) {
    return [...select.options].some((each) => each.value === name && each.selected);
  }

  function gone(button) {
    const row = button.closest("[data-suggestion]");
    const place = row.closest(".eg-suggested");
    const list = row.parentElement;
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    if (!list.children.length && list.previousElementSibling?.tagName === "P" && list.nextElementSibling?.tagName !== "DETAILS") {
      list.previousElementSibling.remove();
      list.remove();
    }
    (next || place.parentElement).querySelector("button, input, textarea")?.focus();
    if (!place.querySelector("[data-suggestion]")) {
      place.remove();
    }
  }

  function add(select, name) {
    if (has(select, name)) {
      return;
    }
    select.append(new Option(name, name, true, true));
    const $ = window.django && window.django.jQuery;
    if ($) {
      $(select).trigger("change");
    }
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What was typed before, and comes back with the form, has some already.
  for (const button of form.querySelectorAll("[data-accept]")) {
    const select = selectOf(button);
    if (select && has(select, button.dataset.accept)) {
      button.closest("[data-suggestion]").hidden = true;
    }
  }

  form.addEventListener("click", async (event) => {
    const button = event.target.closest(".eg-suggested button");
    if (!button) {
      return;
    }
    if ("accept" in button.dataset) {
      const select = selectOf(button);
      if (select) {
        add(select, button.dataset.accept);
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
    const told = await fetch(to, { method: "POST", body: asked }).catch(() => null);
    if (told && told.ok && !told.redirected) {
      gone(button);
    } else {
      button.disabled = false;
      button.focus();
    }
  });
});
