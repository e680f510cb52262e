// Moves a date of the calendar by dragging it to another day. Without it the button beside each date does the same.
(() => {
  "use strict";

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("ca-form");
    const table = document.querySelector(".ca-table");
    if (!form || !table) {
      return;
    }
    let dragged = null;

    const target = (event) => {
      const day = dragged && event.target instanceof Element ? event.target.closest("td[data-day]") : null;
      const closed = day ? (day.dataset.closed || "").split(" ") : [];
      return day && !closed.includes(dragged.dataset.kind) && !day.contains(dragged) ? day : null;
    };
    const unmark = () => {
      for (const day of table.querySelectorAll(".ca-over")) {
        day.classList.remove("ca-over");
      }
    };

    table.addEventListener("dragstart", (event) => {
      dragged = event.target instanceof Element ? event.target.closest("[draggable=true]") : null;
      if (dragged) {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", dragged.textContent.trim());
        dragged.classList.add("ca-dragged");
      }
    });
    table.addEventListener("dragover", (event) => {
      const day = target(event);
      unmark();
      if (day) {
        event.preventDefault();
        event.dataTransfer.dropEffect = "move";
        day.classList.add("ca-over");
      }
    });
    table.addEventListener("drop", (event) => {
      const day = target(event);
      if (day) {
        event.preventDefault();
        form.elements.kind.value = dragged.dataset.kind;
        form.elements.key.value = dragged.dataset.key;
        form.elements.day.value = day.dataset.day;
        form.submit();
      }
    });
    table.addEventListener("dragend", () => {
      unmark();
      if (dragged) {
        dragged.classList.remove("ca-dragged");
      }
      dragged = null;
    });
  });
})();
