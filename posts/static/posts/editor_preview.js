// The text as the site will show it, beside it and in step: only what changed is sent to the server and drawn anew.
"use strict";

window.evergreen = window.evergreen || {};

window.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector(".eg-panes");
  const area = place && place.querySelector(".eg-body-source");
  if (!area) {
    return;
  }
  const { sameEnds } = window.evergreen;
  const token = document.querySelector("#post_form [name=csrfmiddlewaretoken]").value;
  const chosen = document.querySelector("#post_form [name=collection]");
  const frame = document.createElement("iframe");
  frame.className = "eg-frame";
  frame.title = place.dataset.previewTitle;
  frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox"); // and no scripts
  place.querySelector(".eg-side").append(frame);

  const address = () => (chosen && chosen.value ? place.dataset.preview.replace(/\/0\/$/, `/${chosen.value}/`) : place.dataset.preview);
  // What hangs on the rest of the text: definitions of links, footnotes, and headings where these have addresses.
  const ELSEWHERE = /\]:|\[\^|\^\[/;
  const HEADING = /^ {0,3}(?:#{1,6}(?:\s|$)|=+\s*$|-+\s*$)|<h[1-6]/m;

  let page = null; // the element of the frame that holds the text
  let blocks = []; // of the text as it is drawn: { start, html, headings, nodes }
  let drawn = null; // the lines of that text
  let references = {};
  let headed = false;
  let busy = false;
  let again = false;
  let composing = false;
  let waiting = 0;
  let generation = 0;

  // --- What is sent

  // The lines to send for `lines`, where what is drawn tells that the rest of the page stays as it is: the blocks
  // that changed, the one before, and the one behind, which must come back as it was.
  function changed(lines) {
    if (!drawn || !blocks.length) {
      return null;
    }
    const [head, tail] = sameEnds(drawn, lines);
    const moved = lines.length - drawn.length;
    const startOf = (at) => (at <= 0 ? 0 : at < blocks.length ? blocks[at].start : drawn.length);
    const first = Math.max(0, blocks.findLastIndex((block) => block.start <= head) - 1);
    const last = blocks.findLastIndex((block) => block.start < Math.max(drawn.length - tail, head + 1));
    const guard = last + 1 < blocks.length ? last + 1 : null;
    const until = guard === null ? blocks.length : guard + 1;
    const [from, oldTo] = [startOf(first), startOf(until)];
    const text = lines.slice(from, oldTo + moved).join("\n");
    const old = drawn.slice(from, oldTo).join("\n");
    if (text.length > area.value.length * 0.7 || [text, old].some((each) => ELSEWHERE.test(each) || (headed && HEADING.test(each)))) {
      return null;
    }
    return { first, until, guard, from, moved, text };
  }

  async function ask(fields) {
    const body = new URLSearchParams({ ...fields, post: place.dataset.post });
    const answer = await fetch(address(), { method: "POST", body, headers: { "X-CSRFToken": token }, credentials: "same-origin" });
    if (!answer.ok) {
      throw new Error(answer.status === 413 ? await answer.text() : place.dataset.noPreview);
    }
    return answer.json();
  }

  async function fresh(lines) {
    const part = changed(lines);
    if (part) {
      const known = Object.keys(references).length ? { references: JSON.stringify(references) } : {};
      const told = await ask({ content: part.text, ...known });
      const made = told.blocks.map((block) => ({ ...block, start: block.start + part.from }));
      const guard = part.guard === null ? null : blocks[part.guard];
      const end = made[made.length - 1];
      if (!guard || (end && end.start === guard.start + part.moved && end.html === guard.html)) {
        const rest = blocks.slice(part.until).map((block) => ({ ...block, start: block.start + part.moved }));
        return [...blocks.slice(0, part.first), ...made, ...rest];
      }
    }
    const told = await ask({ content: lines.join("\n") });
    references = told.references;
    headed = told.anchors;
    return told.blocks;
  }

  async function update() {
    if (busy || composing || !page) {
      again = true;
      return;
    }
    const lines = area.value.split("\n");
    if (drawn && lines.length === drawn.length && lines.every((line, at) => line === drawn[at])) {
      return;
    }
    busy = true;
    again = false;
    const asked = generation;
    try {
      const made = await fresh(lines);
      if (asked === generation) {
        draw(made);
        drawn = lines;
        tell("");
        place.dispatchEvent(new CustomEvent("eg-drawn", { bubbles: true, detail: { blocks, page } }));
        follow();
      }
    } catch (error) {
      tell(error instanceof TypeError ? place.dataset.noPreview : error.message);
    } finally {
      busy = false;
      if (again) {
        soon();
      }
    }
  }

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(update, 20);
  }

  function tell(words) {
    place.dispatchEvent(new CustomEvent("eg-said", { detail: words }));
  }

  // --- What is drawn

  function draw(made) {
    const [head, tail] = sameEnds(blocks, made, (one, other) => one.html === other.html);
    made.slice(0, head).forEach((block, at) => {
      block.nodes = blocks[at].nodes;
    });
    made.slice(made.length - tail).forEach((block, at) => {
      block.nodes = blocks[blocks.length - tail + at].nodes;
    });
    const gone = blocks.slice(head, blocks.length - tail).flatMap((block) => block.nodes);
    const behind = made.slice(made.length - tail).find((block) => block.nodes.length);
    const open = unfolded(gone);
    const come = page.ownerDocument.createDocumentFragment();
    for (const block of made.slice(head, made.length - tail)) {
      const mold = page.ownerDocument.createElement("template");
      mold.innerHTML = block.html;
      mold.content.querySelectorAll("a[href^='#']").forEach((link) => link.removeAttribute("target")); // it leads inside
      block.nodes = [...mold.content.childNodes];
      come.append(mold.content);
    }
    const folds = [...come.querySelectorAll("details")];
    if (folds.length === open.length) {
      folds.forEach((fold, at) => {
        fold.open = open[at];
      });
    }
    gone.forEach((node) => node.remove());
    page.insertBefore(come, behind ? behind.nodes[0] : null);
    blocks = made;
    anchors = null;
  }

  const unfolded = (nodes) =>
    nodes.filter((node) => node.nodeType === 1).flatMap((node) => [...(node.matches("details") ? [node] : []), ...node.querySelectorAll("details")]).map((fold) => fold.open);

  // --- In step

  let anchors = null; // [line, element] of what can be seen in the preview, from the top down
  let leads = null; // the side that was scrolled last, and where the other one was put
  const mirror = document.createElement("div");
  mirror.className = "eg-mirror";
  mirror.setAttribute("aria-hidden", "true");
  area.parentNode.append(mirror);
  let mirrored = [];

  // The text once more, a line an element, so that the height of each can be asked for.
  function measure() {
    const style = getComputedStyle(area);
    mirror.style.width = `${area.clientWidth}px`;
    for (const name of ["font", "letterSpacing", "lineHeight", "paddingLeft", "paddingRight", "paddingTop", "tabSize", "wordBreak", "overflowWrap"]) {
      mirror.style[name] = style[name];
    }
    mirror.style.height = "1px";
    const lines = area.value.split("\n");
    const [head, tail] = sameEnds(mirrored, lines);
    const behind = mirror.children[mirrored.length - tail] || null;
    for (let count = mirrored.length - tail - head; count > 0; count -= 1) {
      mirror.children[head].remove();
    }
    const come = document.createDocumentFragment();
    for (const line of lines.slice(head, lines.length - tail)) {
      const element = document.createElement("div");
      element.textContent = line || "\u200b";
      come.append(element);
    }
    mirror.insertBefore(come, behind);
    mirrored = lines;
  }

  const topOf = (line) => {
    const element = mirror.children[Math.min(Math.floor(line), mirror.children.length - 1)];
    return element ? element.offsetTop + (line - Math.floor(line)) * element.offsetHeight : 0;
  };

  const lineAt = (top) => {
    let [low, high] = [0, mirror.children.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (mirror.children[middle].offsetTop <= top) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    const element = mirror.children[low];
    return element ? low + Math.min(1, Math.max(0, (top - element.offsetTop) / (element.offsetHeight || 1))) : 0;
  };

  function marks() {
    if (anchors) {
      return anchors;
    }
    anchors = [];
    for (const block of blocks) {
      for (const node of block.nodes) {
        if (node.nodeType !== 1) {
          continue;
        }
        for (const element of [...(node.matches("[data-line]") ? [node] : []), ...node.querySelectorAll("[data-line]")]) {
          const line = block.start + Number(element.dataset.line);
          if (element.getClientRects().length && (!anchors.length || line > anchors[anchors.length - 1][0])) {
            anchors.push([line, element]);
          }
        }
      }
    }
    return anchors;
  }

  const scroller = () => page.ownerDocument.scrollingElement;
  const shownAt = (element) => element.getBoundingClientRect().top + scroller().scrollTop;

  // Where the marks around stand, as pairs of a line and a height: `behind` says which mark is the first behind.
  function between(behind) {
    const all = marks();
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (behind(all[middle])) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    // The first line is seen from the very top of its pane, the margin above it too.
    const heightOf = ([line, element]) => (line === 0 ? 0 : shownAt(element));
    const at = (index) => (index < 0 ? [0, 0] : index < all.length ? [all[index][0], heightOf(all[index])] : [mirrored.length, scroller().scrollHeight]);
    return [at(low - 1), at(low)];
  }

  const mapped = (value, [from, to], [start, end]) => (to === from ? start : start + ((value - from) / (to - from)) * (end - start));

  // The point that is asked for goes from the top of the pane to its bottom as the pane is scrolled from top to bottom.
  function share(element) {
    const hidden = element.scrollHeight - element.clientHeight;
    return hidden > 0 ? element.scrollTop / hidden : 0;
  }

  const both = () => page && place.dataset.panes === "both" && blocks.length;

  function put(element, top) {
    element.scrollTop = top;
    leads = { element, top: element.scrollTop };
  }

  function follow() {
    if (!both()) {
      return;
    }
    measure();
    const part = share(area);
    const line = lineAt(area.scrollTop + part * area.clientHeight);
    const [before, behind] = between(([mark]) => mark > line);
    put(scroller(), mapped(line, [before[0], behind[0]], [before[1], behind[1]]) - part * scroller().clientHeight);
  }

  function lead() {
    if (!both()) {
      return;
    }
    measure();
    const part = share(scroller());
    const top = scroller().scrollTop + part * scroller().clientHeight;
    const [before, behind] = between(([, element]) => shownAt(element) > top);
    const line = mapped(top, [before[1], behind[1]], [before[0], behind[0]]);
    put(area, topOf(line) - part * area.clientHeight);
  }

  // A pane that was put somewhere tells so, too: that is no wish of anybody.
  function heard(element, act) {
    if (leads && leads.element === element && Math.abs(element.scrollTop - leads.top) < 2) {
      leads = null;
      return;
    }
    act();
  }

  let asked = 0;
  const inTurn = (act) => () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(act);
  };
  area.addEventListener("scroll", inTurn(() => heard(area, follow)));

  // Bring the character `index` of the text into sight, a third below the top.
  window.evergreen.scrollTo = (index) => {
    measure();
    const line = area.value.slice(0, index).split("\n").length - 1;
    const long = mirrored[line].length || 1;
    const within = (index - (area.value.lastIndexOf("\n", index - 1) + 1)) / long;
    area.scrollTop = topOf(line + Math.min(within, 0.999)) - area.clientHeight / 3;
  };

  // Show what was found: a text area does not show its selection while the focus is elsewhere.
  const found = document.createElement("div");
  found.className = "eg-found";
  found.setAttribute("aria-hidden", "true");
  area.parentNode.append(found);

  window.evergreen.mark = (start, end) => {
    measure();
    const line = area.value.slice(0, start).split("\n").length - 1;
    const text = mirror.children[line].firstChild;
    const from = start - (area.value.lastIndexOf("\n", start - 1) + 1);
    const origin = mirror.getBoundingClientRect();
    const range = document.createRange();
    range.setStart(text, Math.min(from, text.length));
    range.setEnd(text, Math.min(from + end - start, text.length));
    const boxes = [...range.getClientRects()].map((box) => {
      const shown = document.createElement("i");
      Object.assign(shown.style, {
        height: `${box.height}px`,
        left: `${box.left - origin.left + area.clientLeft}px`,
        top: `${box.top - origin.top + area.clientTop}px`,
        width: `${box.width}px`,
      });
      return shown;
    });
    found.replaceChildren(...boxes);
    keepPlace();
  };
  window.evergreen.unmark = () => found.replaceChildren();
  const keepPlace = () => {
    found.style.transform = `translateY(${-area.scrollTop}px)`;
  };
  area.addEventListener("scroll", keepPlace);
  area.addEventListener("input", window.evergreen.unmark);
  new ResizeObserver(() => {
    window.evergreen.unmark();
    follow();
  }).observe(area);

  // --- The frame

  function looks() {
    const document_ = frame.contentDocument;
    if (document_ && document_.querySelector("link[data-ours]")) {
      document_.documentElement.classList.toggle("dark", document.documentElement.classList.contains("dark"));
    }
  }
  new MutationObserver(looks).observe(document.documentElement, { attributeFilter: ["class"] });

  frame.addEventListener("load", () => {
    page = frame.contentDocument && frame.contentDocument.querySelector("main");
    if (!page) {
      tell(place.dataset.noPreview);
      return;
    }
    generation += 1;
    [blocks, drawn, references, anchors] = [[], null, {}, null];
    looks();
    frame.contentDocument.addEventListener("scroll", inTurn(() => heard(scroller(), lead)));
    frame.contentDocument.addEventListener("toggle", () => { anchors = null; }, true);
    update();
  });
  const open = () => {
    page = null;
    frame.src = `${address()}frame/`;
  };
  chosen?.addEventListener("change", open);
  open();

  area.addEventListener("input", soon);
  area.addEventListener("compositionstart", () => {
    composing = true;
  });
  area.addEventListener("compositionend", () => {
    composing = false;
    soon();
  });
  place.addEventListener("eg-panes", follow);
  window.addEventListener("online", soon);
  window.addEventListener("pageshow", soon); // a form that the browser filled in again
});
