// Find and replace in the text of a post. The browser's own search opens with a second Ctrl+F.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const area = document.querySelector(".eg-body-source");
  const bar = document.getElementById("eg-find");
  const opener = document.querySelector("[data-does=find]");
  if (!area || !bar || !opener) {
    return;
  }
  const { write, isComposing } = window.evergreen;
  const part = (name) => bar.querySelector(`[data-part=${name}]`);
  const [wanted, said, withCase] = [part("find"), part("said"), part("case")];

  function places() {
    const sought = wanted.value;
    if (!sought) {
      return [];
    }
    const pattern = new RegExp(sought.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), withCase.checked ? "gu" : "giu");
    return [...area.value.matchAll(pattern)].map((found) => [found.index, found.index + found[0].length]);
  }

  function tell(words, facts = {}) {
    said.textContent = words.replace(/\{(\w+)\}/g, (all, name) => facts[name]);
  }

  function go(to, all) {
    const [start, end] = all[to];
    const keeper = document.activeElement;
    // A text area scrolls to its selection only when it has the focus and something is about to happen to it.
    area.blur();
    area.setSelectionRange(start, start);
    area.focus();
    area.setSelectionRange(start, end);
    window.evergreen.scrollTo(start);
    window.evergreen.mark(start, end);
    if (bar.contains(keeper)) {
      keeper.focus();
    }
    tell(bar.dataset.found, { at: to + 1, count: all.length });
  }

  function step(forward, from = forward ? area.selectionEnd : area.selectionStart) {
    const all = places();
    if (!all.length) {
      tell(wanted.value ? bar.dataset.none : "");
      window.evergreen.unmark();
      return;
    }
    const ahead = forward ? all.findIndex(([start]) => start >= from) : all.findLastIndex(([, end]) => end <= from);
    go(ahead >= 0 ? ahead : forward ? 0 : all.length - 1, all);
  }

  function one() {
    const [start, end] = [area.selectionStart, area.selectionEnd];
    if (places().some(([from, to]) => from === start && to === end)) {
      const keeper = document.activeElement;
      write(area, start, end, part("replace").value);
      keeper.focus();
    }
    step(true);
  }

  function all() {
    const found = places();
    if (!found.length) {
      tell(bar.dataset.none);
      return;
    }
    const keeper = document.activeElement;
    const [first, last] = [found[0][0], found[found.length - 1][1]];
    const put = part("replace").value;
    let text = "";
    let at = first;
    for (const [start, end] of found) {
      text += area.value.slice(at, start) + put;
      at = end;
    }
    write(area, first, last, text); // one step to undo
    keeper.focus();
    tell(bar.dataset.replaced, { count: found.length });
  }

  function open() {
    const picked = area.value.slice(area.selectionStart, area.selectionEnd);
    bar.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    if (picked && picked.length < 200 && !picked.includes("\n")) {
      wanted.value = picked;
    }
    wanted.focus();
    wanted.select();
    step(true, area.selectionStart);
  }

  function close() {
    bar.hidden = true;
    window.evergreen.unmark();
    opener.setAttribute("aria-expanded", "false");
    area.focus();
  }

  opener.addEventListener("click", () => (bar.hidden ? open() : close()));
  part("close").addEventListener("click", close);
  part("next").addEventListener("click", () => step(true));
  part("previous").addEventListener("click", () => step(false));
  part("one")?.addEventListener("click", one);
  part("all")?.addEventListener("click", all);
  withCase.addEventListener("change", () => step(true, area.selectionStart));
  wanted.addEventListener("input", (event) => {
    if (!event.isComposing) {
      step(true, area.selectionStart);
    }
  });
  wanted.addEventListener("compositionend", () => step(true, area.selectionStart));
  area.addEventListener("keydown", (event) => {
    if (!isComposing(event) && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "f") {
      event.preventDefault();
      open();
    }
  });
  bar.addEventListener("keydown", (event) => {
    if (isComposing(event)) {
      return;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && event.target.matches("input[type=text]")) {
      event.preventDefault(); // it would save the form
      if (event.target === wanted) {
        step(!event.shiftKey);
      } else {
        one();
      }
    }
  });
});
