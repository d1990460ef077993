/* What every page of the console does: proves its requests, folds menus, keeps theme and shortcuts, listens to the desk. */
import { startAlerts } from "./alerts.js";
import { keepFocus } from "./focus.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { keepTimes } from "./times.js";
import { toast, adopt } from "./toasts.js";
import { say } from "./words.js";

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

document.body.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = meta("csrf");
});

// What went wrong is said; what was typed stays where it is.
document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.getResponseHeader("HX-Redirect")) return;
  toast(xhr.getResponseHeader("X-Desk-Error") ? xhr.responseText : say("failed"), "bad", { reload: xhr.getResponseHeader("X-Desk-Error") === "changed" });
});
document.body.addEventListener("htmx:sendError", () => toast(say("unreached"), "bad"));
document.body.addEventListener("htmx:timeout", () => toast(say("unreached"), "bad"));
document.body.addEventListener("toast", (event) => toast(event.detail.value ?? event.detail.text, event.detail.kind ?? "good"));

// Theme: as the system, light or dark, kept in this browser.
function showTheme() {
  const theme = document.documentElement.dataset.theme ?? "";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

function chooseTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  try {
    if (theme) localStorage.setItem("desk.theme", theme);
    else localStorage.removeItem("desk.theme");
  } catch {
    /* It holds for this page, then. */
  }
  showTheme();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const choice = target.closest("[data-theme-choice]");
  if (choice) chooseTheme(choice.dataset.themeChoice);
  const opens = target.closest("[data-opens]");
  if (opens) {
    const dialog = document.getElementById(opens.dataset.opens);
    if (opens.hasAttribute("hx-get")) dialog.replaceChildren(); // what it showed last is no more; the new is on its way
    dialog.showModal();
  }
  if (target.closest("[data-closes]")) target.closest("dialog")?.close();
  if (target instanceof HTMLDialogElement) target.close(); // on what is behind it
  const fold = target.closest("[data-fold]");
  if (fold) {
    const folded = document.getElementById(fold.getAttribute("aria-controls"));
    const open = folded.toggleAttribute("data-open");
    fold.setAttribute("aria-expanded", String(open));
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target instanceof Element && event.target.closest("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A dialog has done its work when its form was taken.
document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target instanceof Element && event.target.closest("form[data-closes-dialog]");
  if (form && event.detail.successful) {
    form.closest("dialog")?.close();
    form.reset();
  }
});

// What is fetched into a dialog gets the focus that was waiting for it.
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (!event.target.matches("dialog[open]")) return;
  event.target.querySelector("[autofocus], input:checked, input:not([type=hidden]), button")?.focus();
});

// A form whose fields choose what is shown needs no button.
document.addEventListener("change", (event) => {
  const form = event.target instanceof Element && event.target.closest("form[data-submits]");
  if (form) form.requestSubmit();
});

// A field that refuses what stands in it names its complaint to screen readers.
for (const wrong of document.querySelectorAll(".wrong[id]")) {
  document.querySelector(`[aria-describedby~="${wrong.id}"]`)?.setAttribute("aria-invalid", "true");
}

showTheme();
adopt();
keepTimes();
startKeys();
keepFocus();
startLive();
startAlerts();
if (new URLSearchParams(location.search).has("told")) {
  const address = new URL(location.href);
  address.searchParams.delete("told");
  history.replaceState(history.state, "", address);
}
