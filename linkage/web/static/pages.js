// What pages do by themselves: lock when the session ends, move through lists by keyboard, take dropped files.
"use strict";

// Ask how long the session lasts (asking does not prolong it); at its end go to sign in, so nothing stays on the screen.
const asked = document.body.dataset.session;
if (asked) {
  const look = async () => {
    const answer = await fetch(asked, { headers: { "X-Part": "1" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const { left } = await answer.json();
    if (left === 0) location.assign("/sign-in");
    let bar = document.getElementById("ending");
    if (left !== null && left < 120 && !bar) {
      bar = Object.assign(document.createElement("p"), { id: "ending", className: "alert warn", textContent: document.body.dataset.ending });
      bar.setAttribute("role", "status");
      document.getElementById("main").prepend(bar);
    } else if (bar && left >= 120) bar.remove();
  };
  setInterval(look, 20000);
  document.addEventListener("visibilitychange", () => document.hidden || look());
}

// A table of class "keys": j and k move, Enter opens the row's link, any data-key of a button in the row presses it.
document.addEventListener("keydown", (event) => {
  const table = document.querySelector("table.keys");
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (!table || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = [...table.tBodies[0].rows];
  const now = rows.indexOf(table.querySelector("tr[aria-selected=true]"));
  const move = { j: 1, k: -1 }[event.key];
  if (move && rows.length) {
    const next = Math.min(Math.max(now + move, 0), rows.length - 1);
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === next)));
    const link = rows[next].querySelector("a, button");
    if (link) link.focus();
    rows[next].scrollIntoView({ block: "nearest" });
    event.preventDefault();
  } else if (now >= 0 && event.key.length === 1) {
    const button = rows[now].querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button) button.click();
  }
});
document.addEventListener("keydown", (event) => {
  const button = event.key.length === 1 && !event.target.closest("input, textarea, select") && !event.ctrlKey && !event.metaKey && !event.altKey
    ? document.querySelector(`main > [data-key="${CSS.escape(event.key)}"], main .actions [data-key="${CSS.escape(event.key)}"]`) : null;
  if (button) button.click();
});

// A label of class "drop" around a file field takes files dropped on it.
for (const place of document.querySelectorAll("label.drop")) {
  const field = place.querySelector("input[type=file]");
  const named = place.querySelector(".chosen");
  const show = () => { named.textContent = [...field.files].map((file) => file.name).join(", "); };
  field.addEventListener("change", show);
  for (const kind of ["dragover", "dragleave", "drop"]) {
    place.addEventListener(kind, (event) => {
      event.preventDefault();
      place.classList.toggle("over", kind === "dragover");
      if (kind === "drop") { field.files = event.dataTransfer.files; show(); }
    });
  }
}

// A box of class "all" ticks every box of its table.
for (const all of document.querySelectorAll("input.all")) {
  all.addEventListener("change", () => {
    for (const box of all.closest("table").querySelectorAll("tbody input[type=checkbox]")) box.checked = all.checked;
  });
}

// A live part whose server is away says so by its element [data-lost]; htmx goes on asking, and the answer replaces it.
for (const kind of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(kind, (event) => {
    const word = event.detail.elt.querySelector("[data-lost]");
    if (word) word.hidden = false;
  });
}
