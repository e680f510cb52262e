// From what was found in a post to its field, or to its passage in the text, selected.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("post_form");
  const area = form && form.querySelector(".eg-body-source");
  if (!area) {
    return;
  }
  const before = Number(document.getElementById("ck-going").dataset.before); // lines of the file before its text

  // Where `passage`, which is told in one line, stands in `text`: what is nearest to `near`; null where it is gone.
  function placeOf(passage, text, near) {
    if (!passage) {
      return null;
    }
    const words = new RegExp(passage.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "[ \\n]"), "g");
    const places = [...text.matchAll(words)].map((found) => [found.index, found.index + found[0].length]);
    return places.sort((one, other) => Math.abs(one[0] - near) - Math.abs(other[0] - near))[0] ?? null;
  }

  function inText(line, passage) {
    if (!area.offsetParent) {
      document.querySelector(".eg-body [data-panes=both]").click();
    }
    const lines = area.value.split("\n");
    const at = Math.min(Math.max(0, line - before - 1), lines.length - 1);
    const near = lines.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
    const [start, end] = placeOf(passage, area.value, near) ?? [near, near + lines[at].length];
    area.scrollIntoView({ block: "center" });
    area.focus({ preventScroll: true });
    area.setSelectionRange(start, end);
    window.evergreen.scrollTo(start);
  }

  function inField(key, line, passage) {
    const field = document.getElementById(`id_${key}`);
    field?.closest("[data-folded]")?.dispatchEvent(new Event("eg-unfold"));
    const box = field && field.matches("select") ? field.parentElement.querySelector(".select2-search__field, .select2-selection") || field : field;
    if (!box || !box.offsetParent) {
      // It has no field, or the front matter is shown as text.
      window.evergreen.frontMatterAt(line, key);
      return;
    }
    box.focus();
    box.scrollIntoView({ block: "center" });
    if (field.matches("textarea, input[type=text]")) {
      field.setSelectionRange(...(placeOf(passage, field.value, 0) ?? [0, field.value.length]));
    }
  }

  function go({ key, line, passage }) {
    if (key) {
      inField(key, Number(line), passage);
    } else if (Number(line) <= before) {
      window.evergreen.frontMatterAt(Number(line), "");
    } else {
      inText(Number(line), passage);
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-go-to]");
    if (link) {
      event.preventDefault();
      go(link.dataset);
    }
  });
  // From the page of all findings.
  const told = new URLSearchParams(window.location.hash.slice(1));
  if (told.has("go")) {
    window.addEventListener("load", () => go({ key: told.get("key"), line: told.get("go"), passage: told.get("passage") }));
  }
});
