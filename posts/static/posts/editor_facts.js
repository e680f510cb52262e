// Around the text of a post: how long it is, its outline, the video it was made from, and the whole screen for it.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const card = document.querySelector(".eg-body");
  const area = card && card.querySelector(".eg-body-source");
  if (!area) {
    return;
  }
  const place = card.querySelector(".eg-panes");
  const button = (name) => card.querySelector(`.eg-tools [data-does=${name}]`);
  let headings = [];
  counted(card, place);

  // --- The outline

  const outline = document.getElementById("eg-outline");
  place.addEventListener("eg-drawn", (event) => {
    headings = event.detail.blocks.flatMap((block) => block.headings.map((head) => ({ ...head, line: head.line + block.start })));
    if (!outline.hidden) {
      list();
    }
  });

  function list() {
    const top = Math.min(...headings.map((head) => head.level));
    const made = headings.map((head) => {
      const entry = document.createElement("button");
      entry.type = "button";
      entry.dataset.level = head.level - top + 1;
      entry.textContent = head.text || "–";
      entry.addEventListener("click", () => jump(head.line));
      return entry;
    });
    if (!made.length) {
      const none = document.createElement("p");
      none.textContent = outline.dataset.none;
      made.push(none);
    }
    outline.replaceChildren(...made);
  }

  function jump(line) {
    const index = area.value.split("\n").slice(0, line).join("\n").length + (line ? 1 : 0);
    area.focus({ preventScroll: true });
    area.setSelectionRange(index, index);
    window.evergreen.scrollTo(index);
  }

  button("outline").addEventListener("click", () => {
    outline.hidden = !outline.hidden;
    button("outline").setAttribute("aria-expanded", String(!outline.hidden));
    list();
  });

  // --- The original video

  const source = document.getElementById("id_source");
  const video = document.getElementById("eg-video");

  function videoIn(address) {
    const found = /^(?:https?:)?\/\/(?:(?:www|m|music)\.)?(?:youtube(?:-nocookie)?\.com\/(?:watch\?(?:[^#]*&)?v=|embed\/|live\/|shorts\/)|youtu\.be\/)([\w-]{11})(?![\w-])/.exec(address.trim());
    if (!found) {
      return null;
    }
    const at = /[?&#](?:t|start)=(?:(\d+)h)?(?:(\d+)m)?(\d+)?s?(?:&|$)/.exec(address);
    return { id: found[1], start: at ? Number(at[1] || 0) * 3600 + Number(at[2] || 0) * 60 + Number(at[3] || 0) : 0 };
  }

  function offer() {
    const found = source && videoIn(source.value);
    button("video").hidden = !found;
    if (!found) {
      show(false);
    } else if (video.dataset.id !== found.id) {
      show(!video.hidden);
    }
  }

  function show(open) {
    const found = source && videoIn(source.value);
    video.hidden = !open || !found;
    button("video").setAttribute("aria-expanded", String(!video.hidden));
    if (video.hidden) {
      video.replaceChildren(); // and with it what plays
      delete video.dataset.id;
      return;
    }
    if (place.dataset.panes === "source") {
      card.querySelector(".eg-switch [data-panes=both]").click();
    }
    video.dataset.id = found.id;
    const link = document.createElement("a");
    link.href = source.value.trim();
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.className = "eg-button";
    link.textContent = video.dataset.link;
    const parts = [link];
    if (navigator.onLine) {
      const load = document.createElement("button");
      load.type = "button";
      load.className = "eg-button eg-button-main";
      load.textContent = video.dataset.load;
      load.addEventListener("click", () => {
        const player = document.createElement("iframe");
        player.src = `https://www.youtube-nocookie.com/embed/${found.id}${found.start ? `?start=${found.start}` : ""}`;
        player.title = video.dataset.title;
        player.allow = "encrypted-media; picture-in-picture; fullscreen";
        player.referrerPolicy = "strict-origin-when-cross-origin"; // without one YouTube refuses to play
        load.replaceWith(player);
      });
      parts.unshift(load);
    }
    video.replaceChildren(...parts);
  }

  button("video").addEventListener("click", () => show(video.hidden));
  source?.addEventListener("input", offer);
  source?.addEventListener("change", offer);
  offer();

  // --- The whole screen

  const full = button("full");

  function fill(whole) {
    const [focused, start, end, top] = [document.activeElement, area.selectionStart, area.selectionEnd, area.scrollTop];
    if (whole) {
      card.setAttribute("popover", "manual");
      card.showPopover();
    } else {
      card.hidePopover();
      card.removeAttribute("popover");
    }
    full.setAttribute("aria-pressed", String(whole));
    full.firstElementChild.textContent = whole ? "fullscreen_exit" : "fullscreen";
    area.setSelectionRange(start, end);
    area.scrollTop = top;
    focused.focus({ preventScroll: !whole });
  }

  full.addEventListener("click", () => fill(!card.hasAttribute("popover")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && card.hasAttribute("popover") && !window.evergreen.isComposing(event) && !event.defaultPrevented) {
      fill(false);
      full.focus();
    }
  });
});

// How many words: each Chinese or Japanese character is one, and each run of other letters and digits.
function counted(card, place) {
  const shown = card.querySelector(".eg-body-count");
  const CHARACTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
  const WORD = /[\p{L}\p{N}]+(?:['’.,-][\p{L}\p{N}]+)*/gu;
  const [CHARACTERS_A_MINUTE, WORDS_A_MINUTE] = [400, 230];
  const known = new WeakMap();

  function countOf(node) {
    if (!known.has(node)) {
      const notes = node.nodeType === 1 ? [...node.querySelectorAll(".footnote-ref, .footnote-backref")] : [];
      const text = notes.reduce((rest, note) => rest.replace(note.textContent, " "), node.textContent);
      const characters = (text.match(CHARACTER) || []).length;
      known.set(node, [characters, (text.replace(CHARACTER, " ").match(WORD) || []).length]);
    }
    return known.get(node);
  }

  place.addEventListener("eg-drawn", (event) => {
    let [characters, words] = [0, 0];
    for (const node of event.detail.blocks.flatMap((block) => block.nodes)) {
      const [more, others] = countOf(node);
      characters += more;
      words += others;
    }
    const minutes = Math.max(1, Math.round(characters / CHARACTERS_A_MINUTE + words / WORDS_A_MINUTE));
    const count = new Intl.NumberFormat(document.documentElement.lang || undefined).format(characters + words);
    shown.textContent = characters + words === 0 ? "" : [shown.dataset.words.replace("{count}", count), shown.dataset.minutes.replace("{minutes}", minutes)].join(" · ");
  });
}
