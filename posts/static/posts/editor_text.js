// Marks in the text of a post: the tools above it and their keys.
"use strict";

window.evergreen = window.evergreen || {};

// Whether the key belongs to an input method: nothing of ours may look at it then.
window.evergreen.isComposing = (event) => event.isComposing || event.keyCode === 229;

// Put `text` in the place of what stands between `start` and `end`, as if it had been typed; then select from `from`
// to `to`, counted from `start`.
window.evergreen.write = (area, start, end, text, from = text.length, to = from) => {
  const wanted = (area.value.slice(0, start) + text + area.value.slice(end)).replace(/\r\n?/g, "\n");
  area.focus();
  area.setSelectionRange(start, end);
  if (text) {
    document.execCommand("insertText", false, text);
  } else if (start !== end) {
    document.execCommand("delete");
  }
  // Chromium does it to whole signs alone: to a letter with its accent, or an emoji with the tone of its skin.
  if (area.value !== wanted) {
    area.value = wanted;
    area.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
  }
  area.setSelectionRange(start + from, start + to);
};

// How much of `had` and `has`, texts or lists, is the same at the beginning, and how much of the rest at the end.
window.evergreen.sameEnds = (had, has, same = (one, other) => one === other) => {
  const most = Math.min(had.length, has.length);
  let head = 0;
  while (head < most && same(had[head], has[head])) {
    head += 1;
  }
  let tail = 0;
  while (tail < most - head && same(had[had.length - 1 - tail], has[has.length - 1 - tail])) {
    tail += 1;
  }
  return [head, tail];
};

// The one place where `had` and `text` differ: what of `had` went there, and what came. No sign is cut in two.
window.evergreen.splice = (had, text) => {
  let [head, tail] = window.evergreen.sameEnds(had, text);
  head -= /[\ud800-\udbff]/.test(had[head - 1] ?? "") ? 1 : 0;
  tail -= /[\udc00-\udfff]/.test(had[had.length - tail] ?? "") ? 1 : 0;
  return { at: head, gone: had.slice(head, had.length - tail), come: text.slice(head, text.length - tail) };
};

window.addEventListener("DOMContentLoaded", () => {
  const area = document.querySelector(".eg-body-source");
  const tools = document.querySelector(".eg-tools-write");
  if (!area || !tools || area.readOnly || area.disabled) {
    return;
  }
  const { write, isComposing } = window.evergreen;

  const picked = () => area.value.slice(area.selectionStart, area.selectionEnd);

  function around(mark) {
    const { start, end, text, from, to } = window.evergreen.marked(area.value, area.selectionStart, area.selectionEnd, mark);
    write(area, start, end, text, from, to);
  }

  function lines() {
    const text = area.value;
    const start = text.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const last = area.selectionEnd > area.selectionStart && text[area.selectionEnd - 1] === "\n" ? area.selectionEnd - 1 : area.selectionEnd;
    const end = text.indexOf("\n", last);
    return [start, end < 0 ? text.length : end];
  }

  // Change each line that the selection touches; the caret stays in its line. Among several, blank ones stay as they are.
  function eachLine(change, blank = (line) => line) {
    const [start, end] = lines();
    const had = area.value.slice(start, end).split("\n");
    const made = had.map((line, at) => (had.length > 1 && !line.trim() ? blank(line, at, had) : change(line)));
    const text = made.join("\n");
    if (had.length > 1) {
      write(area, start, end, text, 0, text.length);
    } else {
      const caret = Math.max(0, area.selectionStart - start + text.length - had[0].length);
      write(area, start, end, text, caret);
    }
  }

  const LIST = /^(\s*)(?:[-*+]|\d+[.)])\s+/;

  function list(marks, isOne) {
    const [start, end] = lines();
    const all = area.value.slice(start, end).split("\n").filter((line) => line.trim());
    const take = all.length > 0 && all.every((line) => isOne.test(line));
    let number = 0;
    eachLine((line) => {
      const bare = line.replace(LIST, "$1");
      number += 1;
      return take ? bare : bare.replace(/^\s*/, (blank) => blank + marks(number));
    });
  }

  function heading(level) {
    let next = level;
    eachLine((line) => {
      const [, marks, rest] = /^(#{0,6})\s*(.*)$/.exec(line);
      next ??= marks.length < 2 ? 2 : marks.length < 4 ? marks.length + 1 : 0;
      return next ? `${"#".repeat(next)} ${rest}` : rest;
    });
  }

  // A block of its own, with blank lines around it.
  function block(text, from, to) {
    const [start, end] = [area.selectionStart, area.selectionEnd];
    const before = area.value.slice(0, start);
    const after = area.value.slice(end);
    const lead = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const tail = !after ? "\n" : after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
    write(area, start, end, lead + text + tail, lead.length + from, lead.length + to);
  }

  const does = {
    bold: () => around("**"),
    italic: () => around("*"),
    heading: () => heading(),
    list: () => list(() => "- ", /^\s*[-*+]\s+/),
    numbers: () => list((number) => `${number}. `, /^\s*\d+[.)]\s+/),
    quote() {
      const [start, end] = lines();
      const all = area.value.slice(start, end).split("\n").filter((line) => line.trim());
      const take = all.length > 0 && all.every((line) => line.startsWith(">"));
      // The paragraphs stay one quotation.
      const between = (line, at, had) => (!take && had.slice(0, at).some((each) => each.trim()) && had.slice(at).some((each) => each.trim()) ? ">" : line);
      eachLine((line) => (take ? line.replace(/^>\s?/, "") : `> ${line}`), between);
    },
    link() {
      const text = picked();
      if (/^(?:https?:\/\/|mailto:)\S+$/.test(text)) {
        write(area, area.selectionStart, area.selectionEnd, `[](${text})`, 1);
      } else {
        const at = text.length + 3;
        write(area, area.selectionStart, area.selectionEnd, `[${text}](https://)`, text ? at : 1, text ? at + 8 : 1);
      }
    },
    table() {
      // What is picked becomes the first column; a tab parts the cells, as in what is copied from a sheet.
      const rows = picked().split("\n").filter((line) => line.trim()).map((line) => line.trim().replaceAll("|", "\\|").split("\t"));
      const wide = Math.max(2, ...rows.map((cells) => cells.length));
      const line = (cells) => `| ${Array.from({ length: wide }, (_, at) => cells[at] || "").join(" | ")} |`;
      const [head = [], ...rest] = rows;
      block([line(head), line(Array(wide).fill("---")), ...(rest.length ? rest : [[]]).map(line)].join("\n"), 2, 2);
    },
    details() {
      const text = picked().replace(/^\n+|\n+$/g, "");
      block(`<details><summary></summary>\n\n${text}\n\n</details>`, 18, 18);
    },
  };

  tools.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-does]");
    if (button) {
      does[button.dataset.does]?.();
    }
  });

  // One stop for Tab, and arrows inside, as toolbars have it.
  const buttons = [...tools.querySelectorAll("button")];
  buttons.forEach((button, at) => {
    button.tabIndex = at ? -1 : 0;
  });
  tools.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const shown = buttons.filter((button) => button.offsetParent);
    const at = shown.indexOf(document.activeElement);
    if (step && at >= 0) {
      event.preventDefault();
      const next = shown[(at + step + shown.length) % shown.length];
      shown[at].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  });

  const ITEM = /^(\s*)(?:([-*+]|\d+[.)])(\s+)(\[[ xX]\]\s+)?|(>\s?))/;

  // Enter goes on with a list or a quotation; in an empty item it ends it.
  function goesOn() {
    const at = area.selectionStart;
    const from = area.value.lastIndexOf("\n", at - 1) + 1;
    const end = area.value.indexOf("\n", at);
    const whole = area.value.slice(from, end < 0 ? undefined : end);
    const item = ITEM.exec(whole);
    if (!item || at !== area.selectionEnd || at - from < item[0].length) {
      return false;
    }
    if (whole.length === item[0].length) {
      write(area, from, at, "");
      return true;
    }
    const [, indent, mark, gap, task, quote] = item;
    const next = quote || `${/\d/.test(mark) ? parseInt(mark, 10) + 1 + mark.slice(-1) : mark}${gap}${task ? "[ ] " : ""}`;
    write(area, at, at, `\n${indent}${next}`);
    return true;
  }

  area.addEventListener("keydown", (event) => {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    if (event.key === "Enter" && plain && !isComposing(event) && goesOn()) {
      event.preventDefault();
    }
  });

  const PLAIN = { b: does.bold, i: does.italic, k: does.link };
  const SHIFTED = { Digit7: does.numbers, Digit8: does.list, Digit9: does.quote };
  const WITH_ALT = { KeyT: does.table, KeyD: does.details };

  area.addEventListener("keydown", (event) => {
    if (isComposing(event) || !(event.ctrlKey || event.metaKey) || event.getModifierState("AltGraph")) {
      return;
    }
    const level = event.altKey && /^Digit([0-6])$/.exec(event.code);
    const act = level
      ? () => heading(Number(level[1]))
      : event.altKey
        ? WITH_ALT[event.code]
        : event.shiftKey
          ? SHIFTED[event.code]
          : PLAIN[event.key.toLowerCase()];
    if (act) {
      event.preventDefault();
      act();
    }
  });
});
