// What this browser keeps of unsaved forms goes after a good save, and at log-out: what the server lacks of it is
// handed to it first. What a tab keeps, such as the steps to undo, goes at log-out, too.
"use strict";

{
  const saved = /(?:^|;\s*)evergreen_saved=([0-9a-f]{32})/.exec(document.cookie);
  if (saved) {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith("evergreen:copy:") && key.endsWith(`:${saved[1]}`));
    keys.forEach((key) => localStorage.removeItem(key));
    document.cookie = "evergreen_saved=; path=/; max-age=0; samesite=lax";
  }
}

function forgetTab() {
  Object.keys(sessionStorage).filter((key) => key.startsWith("evergreen")).forEach((key) => sessionStorage.removeItem(key));
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    // Not `form.action`: a field of that name, as the list of posts has, would stand in its place.
    const address = form.getAttribute("action");
    if (!address || !new URL(address, location.href).pathname.endsWith("/logout/")) {
      return;
    }
    const keys = Object.keys(localStorage).filter((key) => key.startsWith("evergreen:copy:"));
    if (form.dataset.handed || !keys.length) {
      // Not before: a form that is left keeps its steps to undo in that moment.
      window.addEventListener("pagehide", forgetTab);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const cookie = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
    const token = cookie ? decodeURIComponent(cookie[1]) : form.elements.namedItem("csrfmiddlewaretoken").value;

    async function handOver(key) {
      const kept = JSON.parse(localStorage.getItem(key));
      const data = new FormData();
      for (const name of ["person", "onto", "typed"]) {
        data.set(name, kept[name] || "");
      }
      data.set("copy_mark", kept.mark || "");
      data.set("copy_window", key.slice(key.lastIndexOf(":") + 1));
      const headers = { "X-CSRFToken": token };
      const answer = await fetch(kept.address, { method: "POST", body: data, redirect: "manual", headers });
      if (answer.ok) {
        localStorage.removeItem(key);
        return null;
      }
      // Somebody else's, who logged in here before: theirs to find.
      const told = answer.status === 409 ? await answer.json() : {};
      return told.why === "person" ? null : kept.lost;
    }

    Promise.all(keys.map((key) => handOver(key).then((lost) => [key, lost], () => [key, "?"]))).then((all) => {
      const left = all.filter(([, lost]) => lost);
      if (left.length) {
        const words = left.map(([, lost]) => lost).find((lost) => lost !== "?") || JSON.parse(localStorage.getItem(left[0][0])).lost;
        if (!window.confirm(words)) {
          return;
        }
        left.forEach(([key]) => localStorage.removeItem(key));
      }
      form.dataset.handed = "1";
      form.requestSubmit(event.submitter);
    });
  },
  true,
);
