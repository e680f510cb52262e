// The form of a post: the text and its preview, leaving with unsaved changes.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("post_form");
  if (!form) {
    return;
  }
  panes(document.querySelector(".eg-panes"));
  growing(form);
  unsaved(form);
});

// --- The text and its preview

function panes(place) {
  if (!place) {
    return;
  }
  const source = place.querySelector(".markdownx-editor");
  const preview = place.querySelector(".markdownx-preview");
  const said = place.querySelector(".eg-body-said");
  const buttons = document.querySelectorAll(".eg-switch button");

  function show(which) {
    place.dataset.panes = which;
    buttons.forEach((button) => button.setAttribute("aria-pressed", button.dataset.panes === which));
  }
  buttons.forEach((button) =>
    button.addEventListener("click", () => {
      show(button.dataset.panes);
      localStorage.setItem("evergreenPanes", button.dataset.panes);
    }),
  );
  show(localStorage.getItem("evergreenPanes") || "both");

  // markdownx takes Tab away from the keyboard's user, and Ctrl+D, Ctrl+[ and Ctrl+] from the browser, and some of
  // what it does then harms the text. It listens on the text area itself: here the key has not come there yet.
  place.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Tab" || ((event.ctrlKey || event.metaKey) && ["d", "[", "]"].includes(event.key))) {
        event.stopPropagation();
      }
    },
    true,
  );

  // It would also put the server's answer to a pasted image into the text, be it a refusal.
  for (const [type, files] of [
    ["paste", (event) => event.clipboardData],
    ["drop", (event) => event.dataTransfer],
  ]) {
    place.addEventListener(
      type,
      (event) => {
        const given = files(event);
        if (given && given.files.length) {
          event.preventDefault();
          event.stopPropagation();
          tell(place.dataset.noImages);
        } else if (type === "drop") {
          event.stopPropagation(); // text that is dropped is the browser's to insert
        }
      },
      true,
    );
  }

  function tell(words) {
    said.textContent = words;
    said.hidden = !words;
  }
  place.addEventListener("markdownx.update", () => tell(""), true);
  place.addEventListener("markdownx.updateError", () => tell(place.dataset.noPreview), true);

  // Both panes at about the same place of the text.
  source.addEventListener("scroll", () => {
    const hidden = source.scrollHeight - source.clientHeight;
    if (hidden > 0 && place.dataset.panes === "both") {
      preview.scrollTop = (source.scrollTop / hidden) * (preview.scrollHeight - preview.clientHeight);
    }
  });

  preview.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link) {
      event.preventDefault();
      const target = document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
      if (target && preview.contains(target)) {
        target.scrollIntoView();
      }
    }
  });
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
  const now = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
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
    if (!saving && opened !== null && (form.dataset.unsaved || now() !== opened)) {
      event.preventDefault();
    }
  });
}
