/* Short notices in the corner; screen readers hear them. A notice of trouble stays until it is closed. */
import { say } from "./words.js";

const SECONDS = 6;

export function toast(text, kind = "good", { reload = false, link = "", about = "" } = {}) {
  const box = document.getElementById("toasts");
  if (!box || !text) return;
  for (const same of box.querySelectorAll(".toast")) if (same.firstChild.textContent === text) same.remove();
  const note = document.createElement("div");
  note.className = `toast ${kind}`;
  note.dataset.about = about;
  const words = document.createElement("span");
  words.textContent = text;
  note.append(words);
  if (reload) {
    const button = makeButton("button small", say("reload"));
    button.addEventListener("click", () => location.reload());
    note.append(button);
  }
  if (link) {
    const lead = document.createElement("a");
    lead.className = "button small";
    lead.href = link;
    lead.textContent = say("open");
    note.append(lead);
  }
  finish(note, link ? "bad" : kind);
  box.append(note);
}

/** What was told of a ticket is no news any more. */
export function forget(about) {
  for (const note of document.querySelectorAll(`.toast[data-about="${CSS.escape(about)}"]`)) note.remove();
}

/** Takes over the notice that the server wrote into the page. */
export function adopt() {
  for (const note of document.querySelectorAll("[data-toast]")) finish(note, "good");
}

function finish(note, kind) {
  const close = makeButton("tool", "");
  close.setAttribute("aria-label", say("close"));
  close.textContent = "×";
  close.addEventListener("click", () => note.remove());
  note.append(close);
  if (kind !== "bad") {
    let timer = setTimeout(() => note.remove(), SECONDS * 1000);
    for (const start of ["mouseenter", "focusin"]) note.addEventListener(start, () => clearTimeout(timer));
    for (const end of ["mouseleave", "focusout"]) {
      note.addEventListener(end, () => {
        clearTimeout(timer);
        timer = setTimeout(() => note.remove(), SECONDS * 1000);
      });
    }
  }
}

function makeButton(kind, text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = kind;
  button.textContent = text;
  return button;
}
