/* Suggestions below the text: "/" for ready replies, "@" in a note for colleagues. The lists come from the server, filled in. */
import { toast } from "./toasts.js";
import { say } from "./words.js";

const LISTS = { "/": "canned", "@": "mentionable" };
const MOST = 8;

export function startSuggestions(field, here, isNote, changed) {
  const box = document.getElementById("suggestions");
  const known = {};
  let open = null; // { sign, from }
  let shown = [];
  let at = 0;

  async function list(sign) {
    if (!known[sign]) {
      const answer = await fetch(`${here}/${LISTS[sign]}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return [];
      const page = document.createElement("template");
      page.innerHTML = await answer.text();
      known[sign] = [...page.content.querySelectorAll("li")];
    }
    return known[sign];
  }

  function close() {
    open = null;
    box.hidden = true;
    box.replaceChildren();
    field.removeAttribute("aria-activedescendant");
  }

  async function show() {
    const before = field.value.slice(0, field.selectionStart);
    const found = /(^|\s)([/@])([^\s/@]*)$/.exec(before);
    if (!found || (found[2] === "@" && !isNote()) || (found[2] === "/" && isNote())) return close();
    open = { sign: found[2], from: field.selectionStart - found[3].length - 1 };
    const wanted = found[3].toLowerCase();
    const all = await list(found[2]);
    if (!open) return;
    shown = all.filter((one) => one.dataset.find.toLowerCase().includes(wanted)).slice(0, MOST);
    if (!shown.length && wanted) return close();
    box.replaceChildren(...(shown.length ? shown : [nothing()]));
    box.hidden = false;
    mark(0);
  }

  function nothing() {
    const line = document.createElement("li");
    line.textContent = say("no_suggestion");
    line.setAttribute("role", "option");
    line.setAttribute("aria-disabled", "true");
    return line;
  }

  function mark(place) {
    at = Math.max(0, Math.min(shown.length - 1, place));
    for (const [index, one] of shown.entries()) one.setAttribute("aria-selected", String(index === at));
    if (shown[at]) {
      field.setAttribute("aria-activedescendant", shown[at].id);
      shown[at].scrollIntoView({ block: "nearest" });
    }
  }

  async function take(one) {
    const { from } = open;
    const to = field.selectionStart;
    close();
    field.focus();
    let text = one.dataset.text;
    if (one.dataset.filled) {
      // A ready reply is filled in for this ticket by the server.
      const answer = await fetch(one.dataset.filled, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return toast(say("failed"), "bad");
      text = await answer.text();
    }
    field.setRangeText(text, from, to, "end");
    changed();
  }

  field.addEventListener("input", show);
  field.addEventListener("blur", () => setTimeout(() => document.activeElement !== field && close(), 150));
  field.addEventListener("keydown", (event) => {
    if (box.hidden || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if ((event.key === "Enter" || event.key === "Tab") && shown[at] && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      take(shown[at]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  box.addEventListener("mousedown", (event) => event.preventDefault());
  box.addEventListener("click", (event) => {
    const one = event.target.closest("li[data-find]");
    if (one) take(one);
  });
  for (const button of field.form.querySelectorAll("[data-suggest]")) {
    button.addEventListener("click", () => {
      const sign = button.dataset.suggest;
      const before = field.value.slice(0, field.selectionStart);
      field.focus();
      field.setRangeText(before && !/\s$/.test(before) ? ` ${sign}` : sign, field.selectionStart, field.selectionEnd, "end");
      show();
    });
  }
}
