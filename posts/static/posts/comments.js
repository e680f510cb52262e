// A passage that is selected in the text goes into the form of remarks; what is typed over it is a suggestion.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("cm-form");
  const body = document.querySelector("[data-remark-body]");
  for (const address of document.querySelectorAll(".cm-address")) {
    address.addEventListener("focus", () => address.select());
  }
  if (!form) {
    return;
  }
  const { start, quote, field, suggests, replacement, text } = form.elements;
  const about = form.querySelector(".cm-about");

  const other = form.querySelector(".cm-take");
  let waiting = null;

  // Typed by whoever sits there, and not put there by a selection or a field: nothing replaces it unasked.
  const isTyped = (area) => area.value !== (area.dataset.offered ?? "");
  const put = (area, value) => {
    area.value = area.dataset.offered = value;
  };
  const offer = (value) => {
    about.open = true;
    if (isTyped(replacement)) {
      replacement.dataset.offered = value;
    } else {
      put(replacement, value);
      suggests.checked = false;
    }
  };
  const use = ({ first, said }) => {
    start.value = first ?? "";
    put(quote, said);
    field.value = "";
    offer(said);
    other.hidden = true;
  };
  other.addEventListener("click", () => {
    use(waiting);
    replacement.focus();
  });
  // Lines are counted as the server counts them: in characters, not in the halves of JavaScript's.
  const selectedLines = (range) => {
    const lines = [...body.querySelectorAll(".cm-line")];
    let before = 0;
    let first = null;
    let said = "";
    for (const line of lines) {
      const whole = line.textContent;
      if (range.intersectsNode(line)) {
        const inside = document.createRange();
        inside.selectNodeContents(line);
        const upTo = document.createRange();
        upTo.selectNodeContents(line);
        let from = 0;
        if (range.compareBoundaryPoints(Range.START_TO_START, inside) > 0) {
          upTo.setEnd(range.startContainer, range.startOffset);
          from = upTo.toString().length;
        }
        let to = whole.length;
        if (range.compareBoundaryPoints(Range.END_TO_END, inside) < 0) {
          const till = document.createRange();
          till.selectNodeContents(line);
          till.setEnd(range.endContainer, range.endOffset);
          to = till.toString().length;
        }
        if (first === null) {
          first = before + [...whole.slice(0, from)].length;
          said = whole.slice(from, to);
        } else {
          said += `\n${whole.slice(from, to)}`;
        }
      }
      before += [...whole].length + 1;
    }
    return { first, said };
  };
  // In a text with differences: what was taken out is no part of the text as it is now.
  const selectedInDifference = (range) => {
    const part = range.cloneContents();
    for (const gone of part.querySelectorAll("del, .rv-old, .rv-removed, .eg-unseen, summary")) {
      gone.remove();
    }
    const lines = [...part.querySelectorAll(".rv-line, .rv-new")];
    return lines.length ? lines.map((line) => line.textContent).join("\n") : part.textContent;
  };

  // In the text as the site shows it, the server finds the words among the marks of Markdown.
  const selectedAsShown = (range) => {
    const part = document.createElement("div");
    part.append(range.cloneContents());
    for (const gone of part.querySelectorAll(".rv-old, .eg-unseen, summary")) {
      gone.remove();
    }
    for (const block of part.querySelectorAll("p, li, h1, h2, h3, h4, h5, h6, tr, pre, blockquote")) {
      block.append("\n");
    }
    return part.textContent.replace(/\s*\n\s*/g, "\n").trim();
  };
  const HOW = { difference: selectedInDifference, shown: selectedAsShown };

  const take = () => {
    const selection = document.getSelection();
    if (!body || !selection || selection.rangeCount === 0 || selection.isCollapsed) {
      return;
    }
    const range = selection.getRangeAt(0);
    if (!body.contains(range.commonAncestorContainer)) {
      return;
    }
    const how = HOW[body.dataset.remarkBody];
    const { first, said } = how ? { first: "", said: how(range) } : selectedLines(range);
    if (!said.trim()) {
      return;
    }
    if (said === quote.value) {
      start.value = first ?? ""; // the same words may stand in two places
      other.hidden = true;
      return;
    }
    if (isTyped(replacement) || isTyped(quote)) {
      waiting = { first, said };
      about.open = true;
      other.hidden = false;
    } else {
      use({ first, said });
    }
  };
  document.addEventListener("mouseup", () => window.setTimeout(take, 0));
  document.addEventListener("touchend", () => window.setTimeout(take, 300));
  document.addEventListener("keyup", (event) => {
    if (event.shiftKey || event.key === "Shift") {
      take();
    }
  });
  quote.addEventListener("input", () => {
    start.value = "";
    if (field.value && quote.value) {
      field.value = ""; // a remark is about the one or the other
      if (!isTyped(replacement)) {
        put(replacement, "");
      }
    }
  });
  field.addEventListener("change", () => {
    if (field.value) {
      if (!isTyped(quote)) {
        put(quote, "");
      }
      start.value = "";
      offer(field.selectedOptions[0].dataset.value);
    }
  });
  replacement.addEventListener("input", () => {
    suggests.checked = replacement.value !== replacement.dataset.offered;
  });
  for (const button of document.querySelectorAll("[data-remark-field]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      field.value = button.dataset.remarkField;
      field.dispatchEvent(new Event("change"));
      text.focus();
    });
  }
  for (const mark of document.querySelectorAll("mark[data-remarks]")) {
    mark.addEventListener("click", () => {
      if (document.getSelection().isCollapsed) {
        window.location.hash = `remark-${mark.dataset.remarks.split(" ")[0]}`;
      }
    });
  }
  for (const thread of document.querySelectorAll("[data-remark]")) {
    const marks = document.querySelectorAll(`mark[data-remarks~="${CSS.escape(thread.dataset.remark)}"]`);
    const light = (on) => marks.forEach((mark) => mark.classList.toggle("cm-lit", on));
    thread.addEventListener("mouseenter", () => light(true));
    thread.addEventListener("mouseleave", () => light(false));
  }
});
