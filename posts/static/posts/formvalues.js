// The fields of the post form, read and filled: for its working copy and for what others saved meanwhile.
"use strict";

window.evergreenForm = (() => {
  const NOT_TYPED = new Set(["csrfmiddlewaretoken", "onto", "copy_window", "copy_mark"]);

  // JSON of what stands in the form: lists of values by name.
  function read(form) {
    const values = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !NOT_TYPED.has(name)) {
        (values[name] = values[name] || []).push(value);
      }
    }
    return JSON.stringify(values);
  }

  // Puts values, one or a list by name, into the fields that have others.
  function fill(form, values) {
    for (const [name, value] of Object.entries(values)) {
      const fields = [...form.elements].filter((field) => field.name === name && field.type !== "hidden" && !field.disabled);
      const field = fields[0];
      if (!field) {
        continue;
      }
      const list = (Array.isArray(value) ? value : [value]).map(String);
      if (field.tagName === "SELECT" && field.multiple) {
        fillNames(field, list.filter((each) => each));
      } else if (field.type !== "checkbox" && field.type !== "file") {
        const text = (list[0] || "").replace(/\r\n?/g, "\n");
        if (field.value !== text) {
          put(field, text);
          told(field);
        }
      }
    }
  }

  // What differs is written as if it had been typed, so that the browser can take it back, and what was typed before it.
  function put(field, text) {
    const had = field.value;
    if (!field.matches("textarea, input[type=text]") || !field.offsetParent || !window.evergreen?.write) {
      field.value = text;
      return;
    }
    const { at, gone, come } = window.evergreen.splice(had, text);
    const [keeper, top] = [document.activeElement, field.scrollTop];
    const [start, end] = [field.selectionStart, field.selectionEnd];
    const moved = (mark) => (mark <= at ? mark : Math.max(at, mark + text.length - had.length));
    window.evergreen.write(field, at, at + gone.length, come);
    if (field.value !== text) {
      field.value = text;
    }
    field.setSelectionRange(moved(start), moved(end));
    field.scrollTop = top;
    keeper?.focus({ preventScroll: true });
  }

  function fillNames(select, names) {
    const before = [...select.selectedOptions].map((option) => option.value);
    if (JSON.stringify(before) === JSON.stringify(names)) {
      return;
    }
    select.replaceChildren(...names.map((name) => new Option(name, name, true, true)));
    const $ = window.django && window.django.jQuery;
    if ($) {
      $(select).trigger("change");
    } else {
      told(select);
    }
  }

  function told(field) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // A login in another tab renews the token that the page came with.
  function token(form) {
    const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
    return found ? decodeURIComponent(found[1]) : form.elements.namedItem("csrfmiddlewaretoken").value;
  }

  return { read, fill, token };
})();
