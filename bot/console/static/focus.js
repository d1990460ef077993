/* Whoever works by keyboard keeps their place when what they were on is replaced: the same row of a list, or the buttons of a head. */
const PLACES = { rows: "[data-row] [data-open]", "ticket-head": ".acts :is(button, a)", unsent: "button", case: "h3" };

let lost = null; // { place, row }

export function keepFocus() {
  document.body.addEventListener("htmx:beforeSwap", remember);
  document.body.addEventListener("htmx:oobBeforeSwap", remember);
  document.body.addEventListener("htmx:afterSettle", restore);
}

function remember() {
  const at = document.activeElement;
  const place = Object.keys(PLACES).find((id) => document.getElementById(id)?.contains(at));
  if (!place) return;
  const rows = [...document.querySelectorAll(`#${place} [data-row]`)];
  lost = { place, row: Math.max(0, rows.findIndex((row) => row.contains(at))) };
}

function restore() {
  if (!lost) return;
  if (document.activeElement === document.body) {
    const targets = [...document.querySelectorAll(`#${lost.place} :is(${PLACES[lost.place]})`)];
    const target = targets[Math.min(lost.row, targets.length - 1)] ?? document.getElementById("content");
    if (target.matches("h3")) target.tabIndex = -1;
    target.focus({ preventScroll: lost.place !== "rows" });
  }
  lost = null;
}
