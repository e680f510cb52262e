// A path for a new post: the server suggests one, from collection, date and title, until somebody writes their own.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("post_form");
  const path = form && form.elements.namedItem("path");
  const address = document.querySelector("[data-suggests]");
  if (!path || !address) {
    return;
  }
  let suggested = path.value ? null : "";
  let timer = 0;
  let newest = 0;

  async function suggest() {
    const asked = new URLSearchParams();
    for (const name of ["collection", "date", "title"]) {
      asked.set(name, form.elements.namedItem(name).value);
    }
    newest += 1;
    const mine = newest;
    try {
      const answer = await fetch(`${address.dataset.suggests}?${asked}`, { redirect: "manual" });
      const told = answer.ok ? await answer.json() : null;
      if (told && mine === newest && suggested !== null && path.value === suggested) {
        suggested = told.path;
        path.value = told.path;
        path.dispatchEvent(new Event("input", { bubbles: true }));
      }
    } catch (unreachable) {
      // The server makes the path when the post is saved.
    }
  }

  path.addEventListener("input", () => {
    if (path.value === "") {
      suggested = "";
    } else if (path.value !== suggested) {
      suggested = null;
    }
  });
  for (const name of ["title", "date", "collection"]) {
    form.elements.namedItem(name).addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(suggest, 250);
    });
  }
});
