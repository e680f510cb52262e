// Puts the rows of a vocabulary in order by dragging or by keys; the form tells their order when it is saved.
(() => {
  "use strict";
  const start = () => {
    const form = document.querySelector("[data-order]");
    const list = form?.querySelector(".to-rows");
    if (!list || !list.querySelector("[data-row]")) {
      return;
    }
    const said = form.querySelector("[data-said]");
    const unsaved = form.querySelector("[data-unsaved]");
    const places = form.elements.namedItem("places");
    const rows = () => [...list.querySelectorAll("[data-row]")];
    const told = () => rows().map((row) => row.dataset.row).join(" ");
    const before = places.value;
    let saving = false;

    const heads = (row) => row.classList.contains("to-head-row");
    const nested = rows().some(heads);
    // What moves with a row: an area takes its categories along.
    const block = (row) => {
      const all = rows();
      const at = all.indexOf(row);
      if (!heads(row)) {
        return [row];
      }
      const next = all.findIndex((each, place) => place > at && heads(each));
      return all.slice(at, next < 0 ? all.length : next);
    };
    const areas = () => rows().filter(heads);
    const areaOf = (row) => {
      const all = rows();
      return all.slice(0, all.indexOf(row)).reverse().find(heads);
    };
    const fellows = (row) => {
      if (heads(row)) {
        return areas().filter((each) => each.querySelector("[data-handle]"));
      }
      return nested ? block(areaOf(row)).slice(1) : rows();
    };

    const tell = (row) => {
      const same = fellows(row);
      const area = heads(row) || !nested ? null : areaOf(row);
      said.textContent = (area ? form.dataset.in : form.dataset.place)
        .replace("{name}", row.dataset.name)
        .replace("{place}", String(same.indexOf(row) + 1))
        .replace("{count}", String(same.length))
        .replace("{area}", area ? area.dataset.name : "");
    };
    const moved = (row) => {
      unsaved.hidden = told() === before;
      for (const each of list.querySelectorAll(".is-moved")) {
        each.classList.remove("is-moved");
      }
      row.classList.add("is-moved");
      tell(row);
    };
    const put = (row, target) => {
      // Before `target`, or at the end without one.
      for (const each of block(row)) {
        list.insertBefore(each, target);
      }
      moved(row);
    };
    const behind = (part) => part[part.length - 1].nextElementSibling;

    // Where a step leads: the row to be put before (null: the end), or undefined for nowhere.
    const step = (row, key) => {
      const same = fellows(row);
      const at = same.indexOf(row);
      const all = nested ? areas() : [];
      const area = nested && !heads(row) ? all.indexOf(areaOf(row)) : -1;
      switch (key) {
        case "ArrowUp":
          if (at > 0) {
            return same[at - 1];
          }
          return area > 0 ? all[area] : undefined;
        case "ArrowDown":
          if (at < same.length - 1) {
            return behind(block(same[at + 1]));
          }
          return area >= 0 && area < all.length - 1 ? all[area + 1].nextElementSibling : undefined;
        case "Home":
          return at > 0 ? same[0] : undefined;
        case "End":
          return at < same.length - 1 ? behind(block(same[same.length - 1])) : undefined;
        case "PageUp":
          return area > 0 ? all[area] : undefined;
        case "PageDown":
          return area >= 0 && area < all.length - 1 ? behind(block(all[area + 1])) : undefined;
      }
      return undefined;
    };
    const take = (row, key, focused) => {
      const target = step(row, key);
      if (target !== undefined) {
        put(row, target);
      }
      focused.focus();
      row.scrollIntoView({ block: "nearest" });
    };
    list.addEventListener("keydown", (event) => {
      const handle = event.target.closest("[data-handle]");
      const keys = ["ArrowUp", "ArrowDown", "Home", "End", ...(nested ? ["PageUp", "PageDown"] : [])];
      if (handle && keys.includes(event.key) && !event.altKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        take(handle.closest("[data-row]"), event.key, handle);
      }
    });
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-step]");
      if (button) {
        take(button.closest("[data-row]"), button.dataset.step === "up" ? "ArrowUp" : "ArrowDown", button);
      }
    });

    // --- Dragging: a line shows where the row would be put, and it is put there when it is let go.

    const EDGE = 70;
    let drag = null;
    const scroller = () => {
      let each = list.parentElement;
      while (each && !(each.scrollHeight > each.clientHeight && /auto|scroll/.test(getComputedStyle(each).overflowY))) {
        each = each.parentElement;
      }
      return each || document.scrollingElement;
    };
    const unmark = () => {
      for (const each of list.querySelectorAll(".is-before, .is-behind")) {
        each.classList.remove("is-before", "is-behind");
      }
    };
    const aim = () => {
      const over = document.elementFromPoint(drag.x, drag.y)?.closest("[data-row]");
      unmark();
      drag.target = undefined;
      if (!over || !list.contains(over) || drag.part.includes(over)) {
        return;
      }
      const first = rows()[0];
      let row = over;
      let part = [over];
      if (heads(drag.row)) {
        row = heads(over) ? over : areaOf(over);
        part = block(row);
      }
      const box = { top: row.getBoundingClientRect().top, bottom: part[part.length - 1].getBoundingClientRect().bottom };
      let above = drag.y < (box.top + box.bottom) / 2;
      if (heads(drag.row) && !row.querySelector("[data-handle]")) {
        above = true; // What is in no area stays last.
      } else if (!heads(drag.row) && nested && row === first) {
        above = false;
      }
      drag.target = above ? row : behind(part);
      (above ? row : part[part.length - 1]).classList.add(above ? "is-before" : "is-behind");
    };
    const scroll = () => {
      if (!drag) {
        return;
      }
      const height = window.innerHeight;
      const speed = drag.y < EDGE ? drag.y - EDGE : drag.y > height - EDGE ? drag.y - height + EDGE : 0;
      if (speed) {
        scroller().scrollTop += speed / 4;
        aim();
      }
      window.requestAnimationFrame(scroll);
    };
    const end = (drop) => {
      const { row, part, target } = drag;
      drag = null;
      unmark();
      for (const each of part) {
        each.classList.remove("is-dragged");
      }
      if (drop && target !== undefined && target !== row) {
        put(row, target);
      }
    };
    list.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest("[data-handle]");
      if (!handle || event.button !== 0) {
        return;
      }
      const row = handle.closest("[data-row]");
      handle.setPointerCapture(event.pointerId);
      drag = { row, part: block(row), x: event.clientX, y: event.clientY, target: undefined };
      for (const each of drag.part) {
        each.classList.add("is-dragged");
      }
      window.requestAnimationFrame(scroll);
    });
    list.addEventListener("pointermove", (event) => {
      if (drag) {
        [drag.x, drag.y] = [event.clientX, event.clientY];
        aim();
      }
    });
    list.addEventListener("pointerup", () => drag && end(true));
    list.addEventListener("pointercancel", () => drag && end(false));
    document.addEventListener("keydown", (event) => {
      if (drag && event.key === "Escape") {
        end(false);
      }
    });

    form.addEventListener("submit", () => {
      saving = true;
      places.value = told();
    });
    window.addEventListener("beforeunload", (event) => {
      if (!saving && told() !== before) {
        event.preventDefault();
      }
    });
  };
  document.addEventListener("DOMContentLoaded", start);
})();
