// The form of a post: the text and its preview, leaving with unsaved changes.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("post_form");
  if (!form) {
    return;
  }
  panes(document.querySelector(".eg-panes"));
  growing(form);
  goingOn(form);
  unsaved(form);
});

// --- Saved and gone on with: the text is where it was

function goingOn(form) {
  const area = form.querySelector(".eg-body-source");
  const kept = `evergreenPlace:${window.location.pathname}`;
  if (!area) {
    return;
  }
  let last = null; // where one was before the button was pressed
  form.addEventListener("focusout", (event) => {
    last = event.target;
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "_continue") {
      const within = last === area || document.activeElement === area;
      sessionStorage.setItem(kept, JSON.stringify([area.selectionStart, area.selectionEnd, area.scrollTop, window.scrollY, within]));
    }
  });
  document.addEventListener("keydown", (event) => {
    const saves = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s";
    const button = document.querySelector(".eg-foot [name=_continue]");
    if (saves && button && !window.evergreen.isComposing(event)) {
      event.preventDefault();
      if (!event.repeat && !document.querySelector("dialog[open]")) {
        button.click();
      }
    }
  });
  const told = JSON.parse(sessionStorage.getItem(kept) || "null");
  sessionStorage.removeItem(kept);
  if (told && !form.querySelector(".eg-error")) {
    const [start, end, top, scrolled, within] = told;
    // At once, so that the first key goes to the text; only where things are on the page is known late.
    area.setSelectionRange(start, end);
    if (within) {
      area.focus({ preventScroll: true });
    }
    window.addEventListener("load", () => {
      const saved = document.getElementById("looks-said");
      const inSight = document.querySelector(".eg-foot .eg-kept");
      if (area.selectionStart === start && area.selectionEnd === end) {
        area.scrollTop = top;
        window.scrollTo(0, scrolled);
      }
      if (saved && inSight && saved.getBoundingClientRect().bottom < 0) {
        inSight.textContent = saved.textContent.trim();
      }
    });
  }
}

// --- What is shown of the text

function panes(place) {
  if (!place) {
    return;
  }
  const said = place.querySelector(".eg-body-said");
  const card = place.closest(".eg-body");
  const buttons = card.querySelectorAll(".eg-switch button");
  place.querySelector(".eg-side").hidden = false;

  function show(which) {
    place.dataset.panes = which;
    buttons.forEach((button) => button.setAttribute("aria-pressed", button.dataset.panes === which));
    place.dispatchEvent(new CustomEvent("eg-panes"));
  }
  buttons.forEach((button) =>
    button.addEventListener("click", () => {
      show(button.dataset.panes);
      localStorage.setItem("evergreenPanes", button.dataset.panes);
    }),
  );
  const chosen = localStorage.getItem("evergreenPanes") || "both";
  // On a phone there is room for one of the two.
  show(chosen === "both" && window.matchMedia("(max-width: 640px)").matches ? "source" : chosen);

  place.addEventListener("eg-said", (event) => {
    said.textContent = event.detail;
    said.hidden = !event.detail;
  });

  // Files are for whoever asks for them by taking `eg-files`. A copy from a word processor is text with its picture.
  for (const [type, given] of [
    ["paste", (event) => event.clipboardData],
    ["drop", (event) => event.dataTransfer],
  ]) {
    place.addEventListener(
      type,
      (event) => {
        const what = given(event);
        if (!what || !what.files.length || what.getData("text/plain").trim()) {
          return;
        }
        event.preventDefault();
        event.stopPropagation();
        const files = new CustomEvent("eg-files", { bubbles: true, cancelable: true, detail: [...what.files] });
        if (place.dispatchEvent(files)) {
          place.dispatchEvent(new CustomEvent("eg-said", { detail: place.dataset.noImages }));
        }
      },
      true,
    );
  }
}

// --- Text areas as high as their text, where the style sheet alone cannot do it

function growing(form) {
  if (CSS.supports("field-sizing", "content")) {
    return;
  }
  document.querySelectorAll("textarea.eg-growing").forEach((area) => {
    const grow = () => {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight + 2}px`;
    };
    area.addEventListener("input", grow);
    grow();
  });
}

// --- Leaving with unsaved changes

function unsaved(form) {
  if (form.dataset.readOnly) {
    return;
  }
  let saving = false;
  let opened = null;
  const changed = () => opened !== null && (form.dataset.unsaved || now() !== opened);
  // The front matter's text counts where it was changed: to have looked at it is no change.
  const same = (name, value) => {
    const field = form.elements.namedItem(name);
    return name === "front_matter" && value.replace(/\r\n/g, "\n") === field.defaultValue.replace(/\r\n/g, "\n");
  };
  const kept = ([name, value]) => !["csrfmiddlewaretoken", "front_matter_shown", "then"].includes(name) && !same(name, value);
  const now = () => JSON.stringify([...new FormData(form)].filter(kept));
  window.addEventListener("load", () => {
    opened = now();
  });
  form.addEventListener("submit", () => {
    saving = true;
  });
  window.addEventListener("pageshow", () => {
    saving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!saving && changed()) {
      event.preventDefault();
    }
  });

  // A step is taken with what is saved. What is typed and not saved is saved first; the page of the step comes then.
  const steps = document.querySelector(".eg-desk .eg-steps");
  const saveThen = (event, address) => {
    const button = document.querySelector("[name=_continue][form=post_form]");
    if (button && changed()) {
      event.preventDefault();
      const told = new FormData(steps);
      ["csrfmiddlewaretoken", "looked_at"].forEach((name) => told.delete(name));
      const then = document.createElement("input");
      Object.assign(then, { type: "hidden", name: "then", value: `${address}?${new URLSearchParams(told)}` });
      form.append(then);
      form.requestSubmit(button);
    }
  };
  if (steps) {
    steps.addEventListener("submit", (event) => saveThen(event, event.submitter.getAttribute("formaction")));
    steps.querySelectorAll("a[href]").forEach((link) =>
      link.addEventListener("click", (event) => saveThen(event, link.getAttribute("href"))),
    );
  }
}
