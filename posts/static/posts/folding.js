// What an editor folds away around the text stays folded. It runs where it stands, before the part is drawn: nothing jumps.
"use strict";

for (const button of document.querySelectorAll("[data-folds][hidden]")) {
  const part = document.getElementById(button.getAttribute("aria-controls"));
  const kept = `evergreenFolds:${button.dataset.folds}`;
  const show = (open) => {
    part.toggleAttribute("data-folded", !open);
    button.setAttribute("aria-expanded", String(open));
  };
  // What is wrong is never hidden.
  const first = "open" in button.dataset ? "open" : "folded";
  show(Boolean(part.querySelector(".eg-wrong")) || (localStorage.getItem(kept) ?? first) === "open");
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = part.hasAttribute("data-folded");
    show(open);
    localStorage.setItem(kept, open ? "open" : "folded");
  });
  part.addEventListener("eg-unfold", () => show(true));
}
