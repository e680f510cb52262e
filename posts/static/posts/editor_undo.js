// Undo and redo for the text of a post. The browser's own forgets everything whenever the page is loaded, so also when
// the text is saved and gone on with; this one is taken along for as long as the tab is open.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const area = document.querySelector(".eg-body-source");
  const tools = document.querySelector(".eg-tools-write");
  if (!area || !tools || area.readOnly || area.disabled) {
    return;
  }
  const { write, splice, isComposing } = window.evergreen;
  const PAUSE = 1000; // ms: what is typed without one is taken back at once
  const MOST = 500;
  const person = document.getElementById("eg-copy")?.dataset.person;
  const place = `evergreenUndo:${person}:${location.pathname}`;
  let past = []; // { at, gone, come }: at that place of the text, what went and what came
  let future = [];
  let text = area.value; // as the last of `past` left it
  let typed = 0; // when something was typed last
  let steps = false; // whether the text is being changed from here

  const forget = (but = "") =>
    Object.keys(sessionStorage)
      .filter((key) => key.startsWith("evergreenUndo:") && !(but && key.startsWith(but)))
      .forEach((key) => sessionStorage.removeItem(key));
  // Whoever had this tab before may have gone without logging out: their login can end by itself.
  forget(`evergreenUndo:${person}:`);

  // What an earlier page of this tab left, for the moment when the text is what it was then.
  let left = JSON.parse(sessionStorage.getItem(place) || "null");

  function takeUp() {
    if (left && area.value === left.text) {
      [past, future, left] = [left.past, left.future, null];
      show();
    }
  }

  function record() {
    if (area.value !== text) {
      const change = splice(text, area.value);
      text = area.value;
      const last = past.at(-1);
      if (last && goesOn(last, change)) {
        last.come += change.come;
      } else {
        past.push(change);
        past.splice(0, past.length - MOST);
      }
      typed = Date.now();
      future = [];
      show();
    }
    takeUp();
  }

  const goesOn = (last, change) =>
    Date.now() - typed < PAUSE && !change.gone && change.at === last.at + last.come.length && change.come !== "\n";

  function step(from, to, gone, come) {
    const change = from.pop();
    if (change) {
      steps = true;
      write(area, change.at, change.at + change[gone].length, change[come]);
      steps = false;
      text = area.value;
      typed = 0;
      to.push(change);
      show();
    }
  }

  function undo() {
    record();
    step(past, future, "come", "gone");
  }

  function redo() {
    record();
    step(future, past, "gone", "come");
  }

  function show() {
    for (const [name, changes] of [["undo", past], ["redo", future]]) {
      tools.querySelector(`[data-does=${name}]`).setAttribute("aria-disabled", String(!changes.length));
    }
  }

  area.addEventListener("input", (event) => {
    if (!steps && !event.isComposing) {
      record();
    }
  });
  area.addEventListener("compositionend", record);
  area.addEventListener("beforeinput", (event) => {
    const act = { historyUndo: undo, historyRedo: redo }[event.inputType]; // from the browser's menu
    if (act) {
      event.preventDefault();
      act();
    }
  });
  area.addEventListener("keydown", (event) => {
    if (isComposing(event) || !(event.ctrlKey || event.metaKey) || event.altKey) {
      return;
    }
    const key = event.key.toLowerCase();
    if (key === "z" || (key === "y" && event.ctrlKey && !event.shiftKey)) {
      event.preventDefault();
      (key === "y" || event.shiftKey ? redo : undo)();
    }
  });
  tools.addEventListener("click", (event) => {
    const does = event.target.closest("button")?.dataset.does;
    ({ undo, redo })[does]?.();
  });

  window.addEventListener("load", () => {
    text = area.value; // the browser fills a form in again before this
    takeUp();
  });
  window.addEventListener("pagehide", () => {
    record(); // what an input method is still at is no step yet
    sessionStorage.removeItem(place);
    if (!past.length && !future.length) {
      return;
    }
    const keep = () => sessionStorage.setItem(place, JSON.stringify({ text: area.value, past, future }));
    try {
      keep();
    } catch (full) {
      forget(); // the other posts' first: one goes on with this one
      try {
        keep();
      } catch (tooLong) {
        // There is no room for so much.
      }
    }
  });
  show();
});
