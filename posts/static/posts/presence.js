// Who else has this post open, and what somebody else saved meanwhile: said, and brought into the form on demand.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("eg-copy");
  const form = document.getElementById("post_form");
  if (!place || !form || form.dataset.readOnly) {
    return;
  }
  const { read, fill, token } = window.evergreenForm;
  const onto = form.elements.namedItem("onto");
  const shown = {};

  function show(name, key, html) {
    const line = place.querySelector(`[data-line=${name}]`);
    if (shown[name] !== key) {
      shown[name] = key;
      line.innerHTML = html;
      return;
    }
    // The same news: only how long ago it was changes, without being read out again.
    const fresh = new DOMParser().parseFromString(html || "", "text/html").querySelector("time");
    const time = line.querySelector("time");
    if (fresh && time) {
      time.textContent = fresh.textContent;
    }
  }

  place.addEventListener("evergreen:answer", (event) => {
    const told = event.detail;
    show("presence", told.presence, told.presence);
    // What was said of bringing it in stays until there is something newer still.
    if (told.newer_key || shown.newer !== "brought") {
      show("newer", told.newer_key, told.newer);
    }
  });

  place.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-does=bring-in]");
    if (!button) {
      return;
    }
    button.disabled = true;
    // What is typed while the answer is on its way must not be overwritten: then it is asked again.
    for (let times = 0; times < 5; times += 1) {
      const before = read(form);
      const answer = await bringIn(before);
      if (!answer) {
        break;
      }
      if (read(form) !== before) {
        continue;
      }
      if (answer.fields) {
        fill(form, answer.fields);
        onto.value = answer.onto;
        place.dataset.seen = answer.seen;
      }
      shown.newer = "brought";
      const said = document.createElement("p");
      said.className = `eg-notice ${answer.fields ? "eg-notice-green" : "eg-notice-orange"}`;
      said.textContent = answer.said;
      place.querySelector("[data-line=newer]").replaceChildren(said);
      // The button that had the focus is gone.
      said.tabIndex = -1;
      said.focus();
      form.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    button.disabled = false;
    button.focus();
    if (!button.nextElementSibling?.matches(".eg-said-failed")) {
      button.insertAdjacentElement("afterend", Object.assign(document.createElement("span"), { className: "eg-said-failed", textContent: place.dataset.failed }));
    }
  });

  async function bringIn(typed) {
    const data = new FormData();
    data.set("onto", onto.value);
    data.set("typed", typed);
    try {
      const headers = { "X-CSRFToken": token(form) };
      const address = `${place.dataset.address}bring-in/`;
      const answer = await fetch(address, { method: "POST", body: data, redirect: "manual", headers });
      return answer.ok || answer.status === 409 ? await answer.json() : null;
    } catch (unreachable) {
      return null;
    }
  }

  window.addEventListener("pagehide", () => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", token(form));
    navigator.sendBeacon(`${place.dataset.address}left/`, data);
  });
});
