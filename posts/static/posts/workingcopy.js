// The working copy of a form: what is typed is kept in this browser at once and on the server every few seconds.
// In the browser it stays only until the server has it, or until it is saved, dropped, or its writer logs out.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("eg-copy");
  const form = document.getElementById("post_form");
  if (!place || !form || form.dataset.readOnly) {
    return;
  }
  const { read, fill, token } = window.evergreenForm;
  const OURS = `evergreen:copy:${place.dataset.person}:${place.dataset.key}:`;
  const own = OURS + form.elements.namedItem("copy_window").value;
  const mark = form.elements.namedItem("copy_mark");
  const onto = form.elements.namedItem("onto");
  const AGAIN = 4000;
  const LARGE = 100000; // characters
  let opened = null; // what stood in the form at first
  let sent = null; // what the server has
  let busy = Promise.resolve();
  let typing = 0; // the timer after something was typed
  let beat = 0; // the timer while nothing is
  let trouble = "";
  let passed = false;
  let closed = false;

  // --- Saying so

  const line = (name) => place.querySelector(`[data-line=${name}]`);

  function tell(what) {
    if (what === trouble) {
      return;
    }
    const was = trouble;
    trouble = what;
    const said = what || (["offline", "offline-save", "nowhere", "login", "login-save"].includes(was) ? "back" : "");
    const words = said && place.querySelector(`[data-says=${said}]`);
    line("connection").replaceChildren(...(words ? [words.content.cloneNode(true)] : []));
    if (said === "back") {
      setTimeout(() => trouble === "" && line("connection").replaceChildren(), 6000);
    }
  }

  function tellWords(words) {
    trouble = words;
    const said = document.createElement("p");
    said.className = "eg-notice eg-notice-orange";
    said.textContent = words;
    line("connection").replaceChildren(said);
  }

  // As the server writes it.
  const two = (number) => String(number).padStart(2, "0");
  const written = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;

  // --- In this browser

  function keepHere() {
    if (opened === null || closed) {
      return true;
    }
    const typed = read(form);
    try {
      if (typed === sent) {
        localStorage.removeItem(own);
      } else {
        const { address, person, lost } = place.dataset;
        const entry = { address, person, lost, typed, onto: onto ? onto.value : "", mark: mark.value, at: Date.now() };
        localStorage.setItem(own, JSON.stringify(entry));
      }
      return true;
    } catch (full) {
      return false;
    }
  }

  // --- On the server

  async function ask() {
    const typed = read(form);
    const data = new FormData();
    data.set("person", place.dataset.person);
    data.set("onto", onto ? onto.value : "");
    data.set("seen", place.dataset.seen || "");
    data.set("copy_window", form.elements.namedItem("copy_window").value);
    data.set("copy_mark", mark.value);
    if (typed !== sent) {
      data.set("typed", typed);
    }
    let answer;
    try {
      answer = await fetch(place.dataset.address, {
        method: "POST",
        body: data,
        redirect: "manual",
        headers: { "X-CSRFToken": token(form) },
        signal: AbortSignal.timeout(20000),
      });
    } catch (unreachable) {
      return { state: "offline" };
    }
    if (answer.type === "opaqueredirect") {
      return { state: "login" };
    }
    if (!(answer.headers.get("content-type") || "").startsWith("application/json")) {
      return { state: answer.status === 502 || answer.status === 503 || answer.status === 504 ? "offline" : "trouble" };
    }
    const told = await answer.json();
    if (!answer.ok) {
      return { state: told.why || "trouble", said: told.said };
    }
    if (told.mark) {
      mark.value = told.mark;
      sent = typed;
      const kept = document.querySelector(".eg-kept");
      kept.textContent = kept.dataset.words.replace("{time}", told.kept_at);
    }
    return { state: "good", told };
  }

  // One question at a time: an answer that comes late must not pass for a newer one.
  function send() {
    clearTimeout(typing);
    clearTimeout(beat);
    typing = 0;
    const done = busy.then(async () => {
      const answer = await ask();
      const here = keepHere();
      if (answer.state === "good") {
        tell("");
        place.dispatchEvent(new CustomEvent("evergreen:answer", { detail: answer.told }));
      } else if (answer.said) {
        tellWords(answer.said);
      } else if (!here && answer.state === "offline") {
        tell("nowhere");
      } else if (trouble !== `${answer.state}-save`) {
        tell(answer.state);
      }
      return answer;
    });
    busy = done.catch(() => undefined);
    done.then((answer) => {
      const next = answer.state !== "good" ? AGAIN : place.dataset.present ? answer.told.next * 1000 : 0;
      clearTimeout(beat);
      if (!closed && next) {
        beat = setTimeout(send, next);
      }
      if (answer.state === "good" && read(form) !== sent) {
        soon();
      }
    });
    return done;
  }

  // Somebody who types without a pause is kept too.
  function soon() {
    if (!typing && !closed) {
      typing = setTimeout(send, read(form).length > LARGE ? 6000 : 2000);
    }
  }

  // --- Typing

  let writing = 0;
  function typed() {
    if (opened === null) {
      return;
    }
    clearTimeout(writing);
    writing = setTimeout(keepHere, 50);
    const saving = line("saving");
    if (saving.dataset.words && !saving.hasChildNodes() && read(form) !== opened) {
      const said = document.createElement("p");
      said.className = "eg-notice eg-notice-blue";
      said.textContent = saving.dataset.words;
      saving.replaceChildren(said);
    }
    soon();
  }
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);

  // --- Saving: first it is seen whether it can be saved at all

  document.addEventListener(
    "submit",
    (event) => {
      if (event.target !== form || passed) {
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = event.submitter;
      if (form.dataset.checking) {
        return;
      }
      form.dataset.checking = "1";
      keepHere();
      send().then((answer) => {
        delete form.dataset.checking;
        if (answer.state === "offline" || answer.state === "login") {
          tell(`${answer.state}-save`);
          return;
        }
        if (answer.state === "person") {
          return;
        }
        passed = true;
        closed = true;
        clearTimeout(typing);
        clearTimeout(beat);
        form.elements.namedItem("csrfmiddlewaretoken").value = token(form);
        form.requestSubmit(button);
      });
    },
    true,
  );
  window.addEventListener("pageshow", (event) => {
    passed = false;
    if (closed && event.persisted) {
      closed = false;
      send();
    }
  });

  // --- What this browser kept before

  function older() {
    const found = [];
    for (let at = 0; at < localStorage.length; at += 1) {
      const key = localStorage.key(at);
      if (key.startsWith(OURS) && key !== own) {
        try {
          found.push({ key, ...JSON.parse(localStorage.getItem(key)) });
        } catch (unreadable) {
          localStorage.removeItem(key);
        }
      }
    }
    return found.sort((a, b) => b.at - a.at);
  }

  function offer() {
    const banner = document.getElementById("eg-copy-local");
    const offered = document.getElementById("eg-copy-offered");
    for (const each of older().filter((entry) => entry.typed === opened || entry.typed === undefined)) {
      localStorage.removeItem(each.key);
    }
    const [newest] = older();
    banner.hidden = !newest;
    if (!newest) {
      return;
    }
    banner.querySelector(".eg-copy-when").textContent = written(new Date(newest.at));
    // What the browser kept is what the same window would have sent to the server next.
    const goesOn = offered && (offered.dataset.mark === newest.mark || newest.key === OURS + offered.dataset.window);
    if (goesOn) {
      offered.hidden = true;
    }
    banner.querySelector("[data-does=go-on]").onclick = () => {
      fill(form, JSON.parse(newest.typed));
      if (onto && newest.onto) {
        onto.value = newest.onto;
      }
      if (goesOn) {
        mark.value = offered.dataset.mark;
      }
      if (keepHere()) {
        localStorage.removeItem(newest.key);
      }
      banner.hidden = true;
      form.elements.namedItem("title").focus();
      send();
    };
    banner.querySelector("[data-does=drop]").onclick = (event) => {
      if (window.confirm(event.target.dataset.sure)) {
        localStorage.removeItem(newest.key);
        if (offered) {
          offered.hidden = false;
        }
        offer();
      }
    };
  }

  document.querySelectorAll("form[data-sure]").forEach((dropping) =>
    dropping.addEventListener("submit", (event) => {
      if (!window.confirm(dropping.dataset.sure)) {
        event.preventDefault();
      }
    }),
  );

  // --- Beginning, and going on

  function begin() {
    if (opened !== null) {
      return;
    }
    opened = read(form);
    sent = opened;
    offer();
    if (place.dataset.present) {
      send();
    }
  }
  if (document.readyState === "complete") {
    begin();
  } else {
    window.addEventListener("load", begin);
  }
  window.addEventListener("pagehide", keepHere);
  for (const [target, name] of [[window, "online"], [window, "focus"]]) {
    target.addEventListener(name, () => {
      if (trouble && opened !== null && !closed) {
        send();
      }
    });
  }
});
