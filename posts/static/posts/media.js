// Images in the text: paste one, drop one, or pick one; each is described before it is inserted.
"use strict";

// The preview is told of which post it is: its images lie beside that, and some wait for it.
{
  const post = document.currentScript.dataset.post;
  const collection = document.querySelector("#post_form [name=collection]");
  const told = post ? `?post=${post}` : collection && collection.value ? `?collection=${collection.value}` : "";
  for (const element of document.querySelectorAll("[data-markdownx-urls-path]")) {
    element.dataset.markdownxUrlsPath += told;
  }
}

window.addEventListener("DOMContentLoaded", () => {
  const dialog = document.querySelector("dialog.eg-media");
  const place = document.querySelector(".eg-panes");
  const source = place && place.querySelector("textarea");
  const form = document.getElementById("post_form");
  if (!dialog || !source || !form) {
    return;
  }
  // Inside the form its fields would be sent with the post, and Enter would save it.
  document.body.append(dialog);
  const one = (selector) => dialog.querySelector(selector);
  const pick = one(".eg-media-pick");
  const insert = one(".eg-media-insert");
  const wrong = one(".eg-media-wrong");
  const said = one(".eg-media-said");
  const found = one(".eg-media-found");
  const search = one("input[type=search]");
  const chooser = one("input[type=file]");
  const alt = one("#eg-media-alt");
  const decoration = one(".eg-media-decoration");
  const progress = one(".eg-media-progress");
  const picture = one(".eg-media-picture img");
  const used = one(".eg-media-used");
  const replacing = one(".eg-media-replace");
  const go = one(".eg-media-do");

  let selection = [0, 0]; // of the text, where the image goes
  let visited = false; // whether anybody was in the text
  let waiting = []; // files that were given together
  let sending = null; // the request that is under way
  let stopped = false; // by its button
  let chosen = null; // {path, address} of the image to insert
  let asked = 0; // which answer to a search is still wanted

  source.addEventListener("focus", () => {
    visited = true;
  });

  // --- What is shown

  function tell(element, words) {
    element.textContent = words;
    element.hidden = !words;
  }

  function open(view) {
    if (!dialog.open) {
      const end = source.value.length;
      selection = visited ? [source.selectionStart, source.selectionEnd] : [end, end];
      dialog.showModal();
    }
    dialog.dataset.view = view;
    pick.hidden = view !== "pick";
    insert.hidden = view !== "insert";
    tell(wrong, "");
    tell(said, "");
  }

  function close() {
    if (sending) {
      sending.abort();
    }
    waiting = [];
    dialog.close();
  }

  function collection() {
    const field = form.elements.namedItem("collection");
    return field ? field.value : dialog.dataset.collection;
  }

  const address = (name) => dialog.dataset[name].replace("/0/", `/${collection()}/`);

  // --- Pasting and dropping, before anything else hears of it

  for (const [type, files] of [
    ["paste", (event) => event.clipboardData],
    ["drop", (event) => event.dataTransfer],
  ]) {
    document.addEventListener(
      type,
      (event) => {
        const given = files(event);
        if (!given || !given.files.length || !place.contains(event.target)) {
          return;
        }
        // A table from a spreadsheet comes as text and as a picture of itself: its text is meant.
        if (type === "paste" && given.getData("text/plain").trim()) {
          return;
        }
        event.preventDefault();
        event.stopPropagation();
        if (!source.readOnly && !source.disabled) {
          take([...given.files]);
        }
      },
      true,
    );
  }
  // The editor offers files that it has no use for.
  document.addEventListener("eg-files", (event) => {
    event.preventDefault();
    take([...event.detail]);
  });
  // Without this a browser would open the file in the place of the page.
  document.addEventListener(
    "dragover",
    (event) => {
      if (place.contains(event.target) && event.dataTransfer && event.dataTransfer.types.includes("Files")) {
        event.preventDefault();
      }
    },
    true,
  );

  function take(files) {
    waiting = files;
    next();
  }

  function next() {
    const file = waiting.shift();
    if (!file) {
      return false;
    }
    open("insert");
    describe(file.name, null);
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      if (chosen === null || chosen.path === undefined) {
        picture.src = String(reader.result);
      }
    });
    reader.readAsDataURL(file);
    if (!collection()) {
      failed(dialog.dataset.noCollection);
      return true;
    }
    send(file, address("add"), {}, (answer) => {
      chosen = answer;
      picture.src = answer.shown;
      one(".eg-media-name").textContent = `${answer.path} · ${answer.size.join(" × ")}`;
      ready();
    });
    return true;
  }

  function describe(name, image) {
    chosen = image;
    alt.value = "";
    decoration.checked = false;
    picture.removeAttribute("src");
    one(".eg-media-name").textContent = name;
    used.hidden = !image;
    used.open = false;
    used.querySelector("div").textContent = "";
    replacing.hidden = !(image && image.mayReplace && dialog.dataset.replace);
    ready();
    alt.focus();
  }

  function ready() {
    progress.hidden = sending === null;
    go.disabled = sending !== null || chosen === null;
    alt.disabled = decoration.checked;
  }

  // --- Sending

  function send(file, to, fields, done) {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
    data.append("image", file, file.name);
    const title = form.elements.namedItem("title");
    data.append("words", title ? title.value : "");
    for (const [name, value] of Object.entries(fields)) {
      data.append(name, value);
    }
    const request = new XMLHttpRequest();
    const bar = progress.querySelector("progress");
    sending = request;
    stopped = false;
    bar.value = 0;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        bar.value = (event.loaded / event.total) * 100;
      }
    });
    request.addEventListener("loadend", () => {
      sending = null;
      let answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // an ended login, or a server that is not there
      }
      if (request.status === 200 && answer) {
        done(answer);
      } else if (dialog.open) {
        failed((answer && answer.error) || (stopped ? dialog.dataset.stopped : dialog.dataset.failed));
      }
      ready();
    });
    request.open("POST", to);
    request.send(data);
    ready();
  }

  function failed(words) {
    chosen = null;
    tell(wrong, words);
    ready();
  }

  one(".eg-media-stop").addEventListener("click", () => {
    if (sending) {
      stopped = true;
      sending.abort();
    }
  });

  // --- Inserting

  const plain = (words) => words.replace(/\s+/g, " ").trim().replace(/[\\[\]`*_<>&]/g, "\\$&");

  function put() {
    if (go.disabled) {
      return;
    }
    if (!decoration.checked && !alt.value.trim()) {
      tell(wrong, dialog.dataset.describe);
      alt.focus();
      return;
    }
    const before = source.value.slice(0, selection[0]);
    // A paragraph of its own at the end of the text, and behind another image.
    const alone = !visited || /!\[(?:[^\]\\\n]|\\.)*\]\([^)\n]*\)[ \t]*\n?$/.test(before);
    const apart = !alone || !before.trim() || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    // What ended with a line's end does so still.
    const end = selection[1] === source.value.length && /(^|\n)$/.test(before) ? "\n" : "";
    const words = `${apart}![${decoration.checked ? "" : plain(alt.value)}](${chosen.address})${end}`;
    dialog.close();
    window.evergreen.write(source, ...selection, words);
    next();
  }
  go.addEventListener("click", put);
  alt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      put();
    }
  });
  decoration.addEventListener("change", ready);

  // --- Picking

  const button = document.querySelector(".eg-media-open");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      open("pick");
      search.value = "";
      search.focus();
      list();
    });
  }

  const unused = one(".eg-media-unused");
  const wanted = () => `q=${encodeURIComponent(search.value)}&unused=${unused.checked ? 1 : ""}`;
  async function list(query = wanted(), more = null) {
    asked += 1;
    const mine = asked;
    if (!collection()) {
      found.textContent = "";
      tell(wrong, dialog.dataset.noCollection);
      return;
    }
    try {
      const answer = await fetch(`${address("list")}?${query}&post=${dialog.dataset.post}`);
      if (!answer.ok || answer.redirected) {
        throw new Error(answer.statusText);
      }
      const html = await answer.text();
      if (mine !== asked) {
        return;
      }
      tell(wrong, "");
      if (more) {
        more.insertAdjacentHTML("afterend", html);
        const grid = more.parentElement.querySelector(".eg-media-more ~ .eg-media-grid");
        more.remove();
        grid?.querySelector("button")?.focus();
      } else {
        found.innerHTML = html;
        one(".eg-media-count").textContent = found.firstElementChild?.dataset.count ?? found.textContent.trim();
      }
    } catch {
      if (mine === asked) {
        tell(wrong, dialog.dataset.noList);
      }
    }
  }

  let typing = 0;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(list, 200);
  });
  unused.addEventListener("change", () => list());
  found.addEventListener("click", (event) => {
    const more = event.target.closest(".eg-media-more");
    const tile = event.target.closest(".eg-media-tile");
    if (more) {
      list(more.dataset.more, more);
    } else if (tile) {
      open("insert");
      describe(tile.dataset.path, {
        path: tile.dataset.path,
        address: tile.dataset.address,
        mayReplace: tile.dataset.mayReplace,
      });
      picture.src = tile.dataset.shown;
      askWhere();
    }
  });

  // Where it is used, and with which words it was described there last: these stand in the field, to be kept or changed.
  async function askWhere() {
    const { path } = chosen;
    const told = used.querySelector("div");
    const answer = await fetch(`${address("used")}?path=${encodeURIComponent(path)}`);
    const shown = answer.ok && !answer.redirected ? await answer.text() : "";
    if (!shown || !chosen || chosen.path !== path) {
      return;
    }
    told.innerHTML = shown;
    const words = told.querySelector("[data-described]");
    if (words && !alt.value && !decoration.checked) {
      alt.value = words.dataset.described;
      alt.select();
    }
  }
  one(".eg-media-back").addEventListener("click", () => {
    if (sending) {
      sending.abort();
    }
    waiting = [];
    open("pick");
    search.focus();
    list();
  });

  // --- Uploading from the dialog, and replacing

  let replaces = null;
  one(".eg-media-choose").addEventListener("click", () => {
    replaces = null;
    chooser.multiple = true;
    chooser.click();
  });
  replacing.querySelector("button").addEventListener("click", () => {
    replaces = chosen;
    chooser.multiple = false;
    chooser.click();
  });
  chooser.addEventListener("change", () => {
    const files = [...chooser.files];
    chooser.value = "";
    if (!files.length) {
      return;
    }
    if (!replaces) {
      take(files);
      return;
    }
    const image = replaces;
    send(files[0], dialog.dataset.replace, { path: image.path }, (answer) => {
      tell(wrong, "");
      tell(said, answer.said);
      shownAnew(document, image.path);
      document.querySelectorAll("iframe").forEach((frame) => shownAnew(frame.contentDocument, image.path));
      chosen = image;
    });
  });

  // The address of a replaced image is what it was: without another one the browser shows what it remembers.
  function shownAnew(where, path) {
    for (const image of where ? where.querySelectorAll("img[src*='/images/file/']") : []) {
      const from = new URL(image.src);
      if (from.searchParams.get("path") === path) {
        from.searchParams.set("v", Date.now());
        image.src = from;
      }
    }
  }

  one(".eg-media-close").addEventListener("click", close);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  dialog.addEventListener("close", () => source.focus());
});
