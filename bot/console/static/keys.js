/* Single-key shortcuts. They press what the page shows: data-key="t" is clicked (a field: focused) at that key, and a link
 * in a row that has the focus comes first. Two keys stand with a space: data-key="g m". They can be switched off. */
import { toast } from "./toasts.js";
import { say } from "./words.js";

const KEPT = "desk.shortcuts";
const PATIENCE = 1200;

//: Where these lead from a page that does not show them itself.
const ELSEWHERE = {
  "g m": "/desk?view=mine",
  "g u": "/desk?view=unassigned",
  "g l": "/desk?view=late",
  "g w": "/desk?view=waiting",
  "g a": "/desk?view=all",
  "/": "/desk/search",
  c: "/desk/register",
};

let on = true;
let first = "";
let timer = 0;

export function startKeys() {
  try {
    on = localStorage.getItem(KEPT) !== "off";
  } catch {
    /* They are on, then. */
  }
  for (const box of document.querySelectorAll("[data-shortcuts-switch]")) {
    box.checked = on;
    box.addEventListener("change", () => choose(box.checked));
  }
  document.addEventListener("keydown", press);
}

function choose(wanted) {
  on = wanted;
  try {
    localStorage.setItem(KEPT, wanted ? "on" : "off");
  } catch {
    /* It holds for this page. */
  }
  toast(say(wanted ? "shortcuts_on" : "shortcuts_off"));
}

function press(event) {
  if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "?") return act(event, () => document.getElementById("shortcuts")?.showModal());
  if ((key === "j" || key === "k") && !first) return act(event, () => move(key === "j" ? 1 : -1));
  const whole = first ? `${first} ${key}` : key;
  clearTimeout(timer);
  first = "";
  const target = find(whole, event.target);
  if (target) return act(event, () => use(target));
  const place = document.querySelector(`.places a[href="${ELSEWHERE[whole]?.replace(/\?.*/, "")}"]`);
  if (place) return act(event, () => location.assign(ELSEWHERE[whole]));
  if (whole === "g") {
    first = key;
    timer = setTimeout(() => (first = ""), PATIENCE);
  }
}

function act(event, does) {
  event.preventDefault();
  does();
}

function isTyping(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}

function find(keys, target) {
  const wanted = `[data-key="${CSS.escape(keys)}"]`;
  const row = target instanceof Element && target.closest("[data-row]");
  const inRow = row && row.querySelector(wanted);
  if (inRow) return inRow;
  return [...document.querySelectorAll(wanted)].find((one) => !one.closest("[data-row]") && !one.closest("[hidden]") && !one.disabled);
}

function use(target) {
  if (target.matches("input:not([type=submit], [type=radio], [type=checkbox]), textarea, select")) {
    target.focus();
    target.select?.();
  } else {
    target.focus();
    target.click();
  }
}

/** To the next row's link, or the one before it. */
function move(step) {
  const links = [...document.querySelectorAll("[data-row] [data-open]")].filter((link) => link.offsetParent !== null);
  if (!links.length) return;
  const row = document.activeElement?.closest("[data-row]");
  const at = links.findIndex((link) => row?.contains(link));
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next].focus();
  links[next].closest("[data-row]").scrollIntoView({ block: "nearest" });
}
