// Keys of the review page: each leads to the element that names it. Only links are followed at once.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const OFF = "eg-review-keys-off";
  const help = document.getElementById("rv-help");
  const keysOn = document.querySelector("[data-keys-on]");
  const opener = document.querySelector("[data-help]");
  if (!help || !keysOn || !opener) {
    return;
  }
  keysOn.checked = window.localStorage.getItem(OFF) !== "1";
  keysOn.addEventListener("change", () => {
    if (keysOn.checked) {
      window.localStorage.removeItem(OFF);
    } else {
      window.localStorage.setItem(OFF, "1");
    }
  });
  opener.addEventListener("click", () => help.showModal());

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || help.open || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) {
      return;
    }
    const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!found) {
      return;
    }
    event.preventDefault();
    if (found.matches("[data-go], [data-help]")) {
      found.click();
    } else {
      found.focus();
      found.scrollIntoView({ block: "center" });
    }
  });
});
