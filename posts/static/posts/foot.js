// The foot of a form stays in sight. What it would come to cover when it grows, because it has something to say, is
// scrolled free of it: no line is hidden while one types.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const foot = document.querySelector(".eg-foot");
  const form = document.getElementById("post_form");
  if (!foot || !form) {
    return;
  }
  let high = foot.offsetHeight;
  new ResizeObserver(() => {
    const grown = foot.offsetHeight - high;
    high = foot.offsetHeight;
    document.documentElement.style.scrollPaddingBottom = `${high + 8}px`;
    const typedIn = document.activeElement;
    if (grown > 0 && form.contains(typedIn) && typedIn.getBoundingClientRect().bottom > foot.getBoundingClientRect().top) {
      window.scrollBy({ top: grown, behavior: "instant" });
    }
  }).observe(foot);
});
