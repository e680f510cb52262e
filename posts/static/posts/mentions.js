// While a name is typed behind an @ in a remark, who may be meant is offered below: arrows, Enter or Tab, Escape, a click.
// The focus stays in the text; aria-activedescendant says which one is chosen.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  // As the server reads names: an @ that follows a letter or a digit is a mail address.
  const BEHIND_AT = /(?:^|[^A-Za-z0-9_])@([^\s，。；：！？、（）]{0,100})$/u;
  const PAUSE = 120;

  const list = document.createElement("ul");
  list.id = "cm-names";
  list.className = "cm-names";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  const said = document.createElement("div");
  said.className = "eg-unseen";
  said.setAttribute("role", "status");
  let field = null;
  let timer = 0;
  let asked = 0;

  const close = () => {
    window.clearTimeout(timer);
    asked += 1;
    list.hidden = true;
    if (field) {
      field.removeAttribute("aria-controls");
      field.removeAttribute("aria-activedescendant");
    }
    said.textContent = "";
  };
  const typed = () => {
    const found = field.selectionStart === field.selectionEnd && BEHIND_AT.exec(field.value.slice(0, field.selectionStart));
    return found ? found[1] : null;
  };
  const point = (option) => {
    for (const each of list.children) {
      each.setAttribute("aria-selected", String(each === option));
    }
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const take = (option) => {
    const end = field.selectionStart;
    const start = end - typed().length;
    close();
    field.focus();
    field.setSelectionRange(start, end);
    // So that the browser can undo it.
    document.execCommand("insertText", false, `${option.dataset.username} `);
  };
  const show = (people) => {
    list.replaceChildren(
      ...people.map((person, number) => {
        const option = document.createElement("li");
        option.id = `cm-name-${number}`;
        option.dataset.username = person.username;
        option.setAttribute("role", "option");
        const name = document.createElement("strong");
        name.textContent = person.name || person.username;
        const username = document.createElement("span");
        username.textContent = `@${person.username}`;
        option.append(name, " ", username);
        return option;
      }),
    );
    if (!people.length) {
      close();
      return;
    }
    list.setAttribute("aria-label", field.dataset.namesLabel);
    list.style.top = `${field.offsetTop + field.offsetHeight + 2}px`;
    list.hidden = false;
    field.setAttribute("aria-controls", list.id);
    said.textContent = `${field.dataset.namesLabel}: ${people.length}`;
    list.scrollIntoView({ block: "nearest" });
    point(list.firstElementChild);
  };
  const ask = async () => {
    asked += 1;
    const mine = asked;
    const address = new URL(field.dataset.names, window.location.href);
    address.searchParams.set("q", typed() ?? "");
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
      const told = answer.ok ? await answer.json() : { people: [] };
      if (mine === asked && typed() !== null) {
        show(told.people);
      }
    } catch {
      // Without an answer a name is typed as it always could be.
      close();
    }
  };
  const look = (event) => {
    // What an input method is still composing is no name yet.
    if (event.isComposing || event.target !== field) {
      return;
    }
    window.clearTimeout(timer);
    if (typed() === null) {
      close();
    } else {
      timer = window.setTimeout(ask, PAUSE);
    }
  };
  // The place that is read aloud must stand before anything is said in it.
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea[data-names]")) {
      field = event.target;
      field.after(list, said);
    }
  });
  document.addEventListener("input", look);
  document.addEventListener("compositionend", look);

  document.addEventListener(
    "keydown",
    (event) => {
      if (list.hidden || event.target !== field || event.isComposing || event.keyCode === 229) {
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) {
        return;
      }
      const options = [...list.children];
      const now = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown") {
        point(options[(now + 1) % options.length]);
      } else if (event.key === "ArrowUp") {
        point(options[(now + options.length - 1) % options.length]);
      } else if (event.key === "Enter" || event.key === "Tab") {
        take(options[now]);
      } else if (event.key === "Escape") {
        close();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  // Where the cursor leaves the name, nothing is offered any more.
  document.addEventListener("keyup", (event) => {
    if (!list.hidden && event.target === field && !event.isComposing && typed() === null) {
      close();
    }
  });
  document.addEventListener("focusout", (event) => {
    if (event.target === field) {
      close();
    }
  });
  // A press would take the focus out of the text.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) {
      take(option);
    }
  });
});
