// All over the site: the keys of the sheet that `?` opens, where the focus is when a page comes, names for what scrolls.
"use strict";

{
  const TYPED = "input, textarea, select, [contenteditable]:not([contenteditable=false]), [role=textbox], [role=combobox], [role=searchbox]";
  const PAUSE = 1500;
  let first = "";
  let ends = 0;

  const forget = () => {
    first = "";
    clearTimeout(ends);
  };

  const search = () => {
    const bar = document.getElementById("searchbar");
    if (bar) {
      bar.focus();
      bar.select();
    } else {
      window.dispatchEvent(new CustomEvent("opencommand"));
    }
  };

  // Before the keys of a page itself: the second of two is not its.
  window.addEventListener(
    "keydown",
    (event) => {
      const sheet = document.getElementById("looks-keys");
      const from = event.target instanceof Element ? event.target : document.body;
      const composing = event.isComposing || event.keyCode === 229;
      if (!sheet || composing || event.ctrlKey || event.metaKey || event.altKey || from.closest(TYPED)) {
        forget();
        return;
      }
      if (sheet.dataset.on === undefined) {
        // Unfold listens for it as well.
        if (event.key === "/") {
          event.stopImmediatePropagation();
        }
        return;
      }
      if (document.querySelector("dialog[open]") || event.key === "Shift") {
        return;
      }
      const keys = first ? `${first} ${event.key}` : event.key;
      const link = sheet.querySelector(`[data-keys="${CSS.escape(keys)}"]`);
      if (first) {
        forget();
        event.preventDefault();
        event.stopImmediatePropagation();
        if (link) {
          link.click();
        }
      } else if (keys === "?") {
        event.preventDefault();
        event.stopImmediatePropagation();
        sheet.showModal();
      } else if (keys === "/") {
        event.preventDefault();
        event.stopImmediatePropagation();
        search();
      } else if (sheet.querySelector(`[data-keys^="${CSS.escape(event.key)} "]`)) {
        first = event.key;
        ends = setTimeout(forget, PAUSE);
      }
    },
    true,
  );
}

// Simplebar reads its names when the page is ready, and this comes before it.
document.addEventListener("DOMContentLoaded", () => {
  const words = document.getElementById("looks-words");
  if (words) {
    document.querySelectorAll("[data-simplebar]").forEach((each, number) => {
      const name = each.id === "nav-sidebar-apps" ? words.dataset.sidebar : `${words.dataset.scrolls} ${number}`;
      each.setAttribute("data-simplebar-aria-label", name);
    });
  }
  document.querySelectorAll("[data-opens-keys]").forEach((opener) =>
    opener.addEventListener("click", () => document.getElementById("looks-keys").showModal()),
  );
});

// What a step did is read out: only what comes into a live region once the page is there is.
document.addEventListener("DOMContentLoaded", () => {
  const said = document.getElementById("looks-said");
  if (said && said.childElementCount) {
    said.style.visibility = "hidden";
    setTimeout(() => {
      said.style.visibility = "";
    }, 100);
  }
});

// What opens Unfold's filters is a link without an address: here it becomes a button, for the keyboard as well. The
// filters take the focus, and give it back when they close, as they do when it goes on to what lies under them.
document.addEventListener("DOMContentLoaded", () => {
  const panel = document.getElementById("changelist-filter");
  const opener = document.querySelector("[x-on\\:click='filterOpen = true']");
  if (!panel || !opener) {
    return;
  }
  const isOpen = () => getComputedStyle(panel).display !== "none";
  const shown = (field) => field.tabIndex >= 0 && field.getClientRects().length > 0;
  let was = false;
  const say = () => opener.setAttribute("aria-expanded", String(was));
  Object.entries({ role: "button", tabindex: 0, "aria-controls": panel.id }).forEach(([name, value]) => opener.setAttribute(name, value));
  opener.querySelector(".material-symbols-outlined")?.setAttribute("aria-hidden", "true");
  say();
  opener.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      opener.click();
    }
  });
  panel.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !panel.contains(event.relatedTarget) && !event.relatedTarget.closest(".select2-container")) {
      document.getElementById("changelist-filter-close").click();
    }
  });
  new MutationObserver(() => {
    if (isOpen() === was) {
      return;
    }
    was = isOpen();
    say();
    const within = panel.contains(document.activeElement) || document.activeElement === document.body;
    if (was) {
      [...panel.querySelectorAll("input, select, button, a[href], .select2-selection")].find(shown)?.focus();
    } else if (within) {
      opener.focus();
    }
  }).observe(panel, { attributes: true, attributeFilter: ["style"] });
});

const takeFocus = (element) => {
  if (element.tabIndex < 0) {
    element.tabIndex = -1;
  }
  element.focus({ preventScroll: true });
};

// What the address names is where one goes on, else what is wrong; on the page of a step, what it is about; and behind
// a step, what it did.
window.addEventListener("load", () => {
  const free = !document.activeElement || document.activeElement === document.body;
  if (!free) {
    return;
  }
  if (location.hash) {
    const named = document.querySelector(`#content [id="${CSS.escape(location.hash.slice(1))}"]`);
    if (named) {
      named.closest("details:not([open])")?.setAttribute("open", "");
      named.scrollIntoView({ block: "nearest" });
      takeFocus(named);
    }
    return;
  }
  const wrong = document.querySelector("#content [aria-invalid=true], #content .errors :is(input, select, textarea):not([type=hidden])");
  const heading = document.querySelector("[data-focus]");
  const said = document.getElementById("looks-said");
  if (wrong && wrong.offsetParent) {
    wrong.focus();
  } else if (heading) {
    takeFocus(heading);
  } else if (said && said.childElementCount) {
    takeFocus(said);
  }
});

// What select2 names after its choice has no name while nothing is chosen. It may come late: each is waited for.
document.addEventListener("DOMContentLoaded", () => {
  const name = (select) => {
    const choice = document.getElementById(`select2-${select.id}-container`);
    const box = choice && choice.closest(".select2-selection");
    const words = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    const label = words ? words.textContent.trim() : select.getAttribute("aria-label");
    if (box && label) {
      box.removeAttribute("aria-labelledby");
      [box, choice].forEach((each) => each.setAttribute("aria-label", label));
    }
  };
  const nameSearch = (select) => {
    const field = select.parentElement.querySelector(".select2-search__field");
    const words = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (field && words && !field.hasAttribute("aria-label")) {
      field.setAttribute("aria-label", words.textContent.trim());
    }
  };
  document.querySelectorAll("select").forEach((select) => {
    const named = new MutationObserver(() => setTimeout(select.multiple ? nameSearch : name, 0, select));
    (select.multiple ? nameSearch : name)(select);
    named.observe(select, { attributes: true, attributeFilter: ["class", "data-select2-id"] });
  });
});
