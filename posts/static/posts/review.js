// Keys of the review page: each leads to the element that names it. Only links are followed at once.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const sheet = document.getElementById("looks-keys");
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (!sheet || sheet.dataset.on === undefined || document.querySelector("dialog[open]")) {
      return;
    }
    const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!found) {
      return;
    }
    event.preventDefault();
    if (found.matches("[data-go]")) {
      found.click();
    } else {
      found.focus();
      found.scrollIntoView({ block: "center" });
    }
  });
});
