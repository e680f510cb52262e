// Unfold's command palette listens to keys alone. What is pasted counts too, and what an input method brings; Enter takes
// the first of what was found; and where nothing was found, it says so. Ctrl+K opens it from any field that has no use of
// its own for these keys, as the text of a post has, and Escape leads back there.
"use strict";

// The page is read, and neither htmx nor Alpine has looked at it yet.
document.addEventListener("readystatechange", () => {
  const field = document.getElementById("search-input-command");
  const results = document.getElementById("command-results");
  if (document.readyState !== "interactive" || !field || !results) {
    return;
  }
  field.setAttribute("hx-trigger", "input changed delay:300ms");

  let from = null;
  window.addEventListener("keydown", (event) => {
    const asked = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!asked || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) {
      return;
    }
    event.preventDefault();
    // Unfold would open it once more.
    event.stopImmediatePropagation();
    if (!field.offsetParent) {
      from = document.activeElement;
      window.dispatchEvent(new CustomEvent("opencommand"));
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !field.value && from) {
      const back = from;
      from = null;
      // Once the palette is gone.
      window.setTimeout(() => back.focus(), 50);
    }
  });

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") {
      return;
    }
    const chosen = document.querySelector("#command-results-list .active, #command-history .active");
    if (event.isComposing || event.keyCode === 229 || (!chosen && !results.querySelector("li"))) {
      event.stopImmediatePropagation();
    } else if (!chosen) {
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === results && field.value.trim() && !results.querySelector("li")) {
      const nothing = document.createElement("p");
      nothing.className = "px-4 py-4 text-font-subtle-light dark:text-font-subtle-dark";
      nothing.setAttribute("role", "status");
      nothing.textContent = document.getElementById("looks-words").dataset.nothing;
      results.replaceChildren(nothing);
    }
  });
});
