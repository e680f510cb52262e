// The front matter as fields and as text, kept in step by the server; and what Save would change, before it is pressed.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("post_form");
  const card = form && form.querySelector(".eg-front");
  if (!card) {
    return;
  }
  const area = document.getElementById("id_front_matter");
  const shown = form.elements.namedItem("front_matter_shown");
  const remarks = document.getElementById("eg-front-remarks");
  const numbers = card.querySelector(".eg-front-lines");
  const buttons = document.querySelectorAll(".eg-front-switch [data-front]");
  const readOnly = area.readOnly;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const opened = area.disabled ? area.defaultValue : null; // null: what the server sent back says more already
  let asked = 0;
  let waiting = 0;

  const send = (address) =>
    fetch(address, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" },
      credentials: "same-origin",
    });

  async function ask() {
    const answer = await send(card.dataset.address);
    if (!answer.ok) {
      throw new TypeError(String(answer.status));
    }
    return answer.json();
  }

  // --- Which of the two is in force

  function take(view, focus) {
    const text = view === "text";
    card.hidden = !text;
    form.classList.toggle("eg-as-text", text);
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.front === view)));
    shown.value = view;
    // As fields the text is sent only where it says something that no field can.
    area.disabled = shown.disabled = readOnly || (!text && area.value === opened);
    if (readOnly) {
      area.disabled = false; // to be read and copied; it has no name then
    }
    number();
    if (focus) {
      [...buttons].find((button) => button.dataset.front === view && button.offsetParent)?.focus();
    }
  }

  async function change(view) {
    if (view === shown.value) {
      return;
    }
    if (readOnly) {
      take(view, true);
      return;
    }
    let told;
    try {
      told = await ask();
    } catch (error) {
      if (!(error instanceof TypeError)) {
        throw error;
      }
      tell([{ words: card.dataset.failed }], [], view);
      return;
    }
    if (told.text === undefined) {
      complain(told);
      return;
    }
    if (view === "text") {
      if (area.value !== told.text) {
        area.value = told.text;
      }
    } else {
      fill(told);
    }
    tell([], told.doubtful);
    take(view, true);
  }

  // What is wrong in the fields, or in the text, must be corrected where it stands.
  function complain(told) {
    const inFields = Object.entries(told.fields).flatMap(([key, errors]) => errors.map((words) => ({ words: `${key}: ${words}` })));
    const first = Object.keys(told.fields).map((key) => form.elements.namedItem(key)).find((each) => each && each.focus);
    if (inFields.length) {
      tell([{ words: card.dataset.fieldsFirst }, ...inFields], []);
      first?.focus();
    } else {
      tell(told.wrong, []);
      if (told.wrong[0]?.line) {
        go(told.wrong[0].line);
      }
    }
  }

  // --- The fields as the text has them

  function fill(told) {
    for (const [key, value] of Object.entries(told.values)) {
      const field = document.getElementById(`id_${key}`);
      if (!field) {
        continue;
      }
      if (field.matches("select.eg-names")) {
        names(field, Array.isArray(value) ? value : value ? [value] : []);
      } else if (field.value !== value) {
        const wide = field.tagName === "INPUT" && value.includes("\n") ? several(field) : field;
        wide.value = value;
        wide.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
    const others = form.querySelector(".eg-group-other");
    others.querySelectorAll("[data-other]").forEach((each) => each.remove());
    others.hidden = !told.others.length;
    for (const [, lines] of told.others) {
      const shownLines = document.createElement("pre");
      shownLines.className = "eg-lines";
      shownLines.dataset.other = "";
      shownLines.textContent = lines;
      others.append(shownLines);
    }
  }

  function names(field, wanted) {
    const had = [...field.selectedOptions].map((option) => option.value);
    if (had.length === wanted.length && had.every((name, at) => name === wanted[at])) {
      return;
    }
    field.replaceChildren(...wanted.map((name) => new Option(name, name, true, true)));
    window.django.jQuery(field).trigger("change");
  }

  // A single line would lose the line ends of its text.
  function several(field) {
    const wide = document.createElement("textarea");
    Object.assign(wide, { id: field.id, name: field.name, className: `${field.className} eg-growing`, rows: 2 });
    field.replaceWith(wide);
    return wide;
  }

  // --- The text, its lines, and what is wrong in them

  function number() {
    const count = area.value.split("\n").length;
    if (numbers.childElementCount !== count) {
      numbers.replaceChildren(
        ...Array.from({ length: count }, (_, at) => {
          const line = document.createElement("span");
          line.textContent = `${at + 1}\n`;
          return line;
        }),
      );
    }
    area.rows = Math.min(Math.max(count + 1, 8), 32);
    numbers.scrollTop = area.scrollTop;
  }

  function go(line) {
    const lines = area.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area).lineHeight));
  }

  // Show the line of the file that has `key`, or its line number `line`, in the front matter as text.
  window.evergreen.frontMatterAt = async (line, key) => {
    await change("text");
    const at = area.value.split("\n").findIndex((each) => key && each.startsWith(`${key}:`)) + 1;
    if (!card.hidden) {
      go(at || Math.max(1, (line || 1) - 1)); // the file begins with a fence
    }
  };

  function tell(wrong, doubtful = [], where = shown.value) {
    number();
    [...numbers.children].forEach((line, at) => {
      line.classList.toggle("eg-front-wrong", wrong.some((remark) => remark.line === at + 1));
      line.classList.toggle("eg-front-doubtful", doubtful.some((remark) => remark.line === at + 1));
    });
    const entries = [...wrong.map((remark) => ["eg-error", remark]), ...doubtful.map((remark) => ["eg-problem", remark])];
    remarks.replaceChildren(
      ...entries.map(([look, { line, words }]) => {
        const entry = document.createElement("li");
        entry.className = look;
        if (line) {
          const leads = document.createElement("button");
          leads.type = "button";
          leads.textContent = card.dataset.line.replace("{line}", line);
          leads.addEventListener("click", () => go(line));
          entry.append(leads, " ");
        }
        entry.append(words);
        return entry;
      }),
    );
    const aside = form.querySelector(".eg-front-aside") || document.createElement("div");
    aside.className = "eg-front-aside eg-notice eg-notice-red eg-row-wide";
    aside.setAttribute("role", "alert");
    aside.replaceChildren(...(card.hidden ? wrong.map(({ words }) => Object.assign(document.createElement("p"), { textContent: words })) : []));
    aside.hidden = !aside.childElementCount;
    if (!aside.hidden) {
      form.querySelector(".eg-group-main .eg-front-switch").after(aside);
    }
  }

  async function check() {
    const mine = ++asked;
    try {
      const told = await ask();
      if (mine === asked && shown.value === "text") {
        tell(told.wrong, told.doubtful);
      }
    } catch (error) {
      if (!(error instanceof TypeError)) {
        throw error;
      }
      tell([{ words: card.dataset.failed }]);
    }
  }

  area.addEventListener("input", (event) => {
    number();
    if (!event.isComposing) {
      clearTimeout(waiting);
      waiting = setTimeout(check, 350);
    }
  });
  area.addEventListener("compositionend", () => area.dispatchEvent(new Event("input")));
  area.addEventListener("scroll", () => {
    numbers.scrollTop = area.scrollTop;
  });
  buttons.forEach((button) => button.addEventListener("click", () => change(button.dataset.front)));

  if (readOnly) {
    area.removeAttribute("name");
  }
  const wrong = [...remarks.children].map((entry) => ({ line: Number(entry.dataset.line) || null, words: entry.textContent.replace(/^[^:：]*\d[:：]\s*/, "") }));
  take(!card.hidden || (!area.disabled && shown.value === "text") ? "text" : "fields", false);
  if (wrong.length) {
    tell(wrong);
  }

  // --- What will change

  document.querySelector("[data-will-change]")?.addEventListener("click", async (event) => {
    const button = event.currentTarget;
    event.preventDefault();
    let answer;
    try {
      answer = await send(button.formAction);
    } catch (error) {
      answer = { ok: false };
    }
    const dialog = document.createElement("dialog");
    dialog.className = "eg-will-change";
    const close = Object.assign(document.createElement("button"), { type: "button", className: "eg-button", textContent: document.querySelector("#eg-find [data-part=close]").ariaLabel });
    close.addEventListener("click", () => dialog.close());
    const content = document.createElement("div");
    if (answer.ok) {
      content.innerHTML = await answer.text();
    } else {
      content.textContent = card.dataset.failed;
    }
    dialog.append(content, close);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (click) => {
      if (click.target === dialog) {
        dialog.close();
      }
    });
    dialog.setAttribute("aria-label", button.textContent.trim());
    document.body.append(dialog);
    dialog.showModal();
  });
});
