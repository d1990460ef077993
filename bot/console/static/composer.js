/* Writing a reply or a note: kept as it is typed, sent with Ctrl+Enter, taken back for some seconds. */
import { startSuggestions } from "./suggest.js";
import { wake } from "./live.js";
import { toast } from "./toasts.js";
import { say } from "./words.js";

const KEEP_AFTER = 800;
//: Whoever writes without a pause is kept, too, and is seen to write.
const KEEP_AT_LEAST = 3000;
const csrf = () => document.querySelector('meta[name="csrf"]').content;

let timer = 0;
let saving = null;
let begunAt = 0;

export function startComposer() {
  if (!document.getElementById("reply")) return;
  begin();
  // The form is a new one when a reply was taken back.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "composer" || event.detail.elt?.id === "composer") begin();
  });
  document.body.addEventListener("desk:sent", () => clear());
  document.addEventListener("click", click);
  document.addEventListener("change", change);
  document.addEventListener("keydown", keydown);
  document.addEventListener("paste", (event) => event.target.id === "text" && upload([...event.clipboardData.files], event));
  document.addEventListener("dragover", (event) => event.target.closest?.("#reply") && event.preventDefault());
  document.addEventListener("drop", (event) => event.target.closest?.("#reply") && upload([...event.dataTransfer.files], event));
  setInterval(countDown, 1000);
  addEventListener("pagehide", () => timer && keep());
}

const form = () => document.getElementById("reply");
const field = () => document.getElementById("text");
const isNote = () => form().elements.kind.value === "note";

function begin() {
  form().elements.form.value ||= crypto.randomUUID();
  if (!field().value && hold()) {
    field().value = hold();
    later();
  }
  field().addEventListener("input", later);
  startSuggestions(field(), form().dataset.here, isNote, later);
  showKind();
}

function later() {
  if (!timer) begunAt = Date.now();
  clearTimeout(timer);
  timer = setTimeout(keep, Math.max(0, Math.min(KEEP_AFTER, begunAt + KEEP_AT_LEAST - Date.now())));
}

async function keep() {
  clearTimeout(timer);
  timer = 0;
  saving?.abort();
  saving = new AbortController();
  const state = document.getElementById("draft-state");
  try {
    const answer = await fetch(form().dataset.draft, {
      method: "POST",
      body: new FormData(form()),
      headers: { "X-CSRF-Token": csrf(), "HX-Request": "true" },
      signal: saving.signal,
      keepalive: true,
    });
    state.textContent = answer.ok ? (field().value ? say("draft_saved") : "") : say("draft_unsaved");
    hold(answer.ok ? "" : field().value);
  } catch (error) {
    if (error.name === "AbortError") return;
    state.textContent = say("draft_unsaved");
    hold(field().value);
  }
}

/** What the desk could not keep stays in this tab until it can, as when the session has ended. */
function hold(text) {
  const key = `desk.draft.${document.body.dataset.person}.${form().dataset.here}`;
  try {
    if (text === undefined) return sessionStorage.getItem(key) ?? "";
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    /* A browser that keeps nothing. */
  }
  return "";
}

function clear() {
  clearTimeout(timer);
  timer = 0;
  saving?.abort();
  field().value = "";
  hold("");
  document.getElementById("enclosed").replaceChildren();
  document.getElementById("draft-state").textContent = "";
  form().elements.form.value = crypto.randomUUID();
  form().elements.then.selectedIndex = 0;
}

function showKind() {
  const note = isNote();
  form().classList.toggle("as-note", note);
  field().placeholder = note ? field().dataset.placeNote : field().dataset.placeReply;
}

function change(event) {
  if (event.target.name === "kind" && event.target.form === form()) {
    showKind();
    later();
  }
  if (event.target.id === "files") upload([...event.target.files], event);
}

function click(event) {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.matches("input[data-then]")) document.getElementById(target.dataset.then)?.focus();
  const removes = target?.closest("[data-removes]");
  if (removes) {
    removes.closest("[data-enclosed]").remove();
    field().focus();
    later();
  }
  const insert = target?.closest("[data-cite]");
  if (insert) cite(insert);
}

/** The policy's words go along by their id; the server puts them in. */
function cite(button) {
  const box = document.getElementById("enclosed");
  if (![...box.querySelectorAll("input[name=cite]")].some((one) => one.value === button.dataset.cite)) {
    box.append(button.closest(".citable").querySelector("template").content.cloneNode(true));
  }
  const answer = button.dataset.answer;
  if (answer && !isNote() && !field().value.includes(answer)) field().setRangeText(answer, field().selectionStart, field().selectionEnd, "end");
  field().focus();
  later();
}

function keydown(event) {
  const sends = event.target instanceof Element && event.target.closest("[data-sends]");
  if (sends && event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    sends.form.requestSubmit();
  }
}

async function upload(files, event) {
  if (!files.length) return;
  event.preventDefault();
  const input = document.getElementById("files");
  for (const file of files) {
    toast(say("uploading", { name: file.name }));
    const body = new FormData();
    body.set("file", file);
    try {
      const answer = await fetch(input.dataset.uploads, { method: "POST", body, headers: { "X-CSRF-Token": csrf(), "HX-Request": "true" } });
      const text = await answer.text();
      if (answer.ok) document.getElementById("enclosed").insertAdjacentHTML("beforeend", text);
      else toast(answer.headers.get("X-Desk-Error") ? text : say("failed"), "bad");
    } catch {
      toast(say("unreached"), "bad");
    }
  }
  input.value = "";
  later();
}

/** Seconds until a reply leaves; the server sends it, not this page. */
function countDown() {
  for (const bar of document.querySelectorAll("[data-left]")) {
    const left = Math.max(0, Number(bar.dataset.left) - 1);
    bar.dataset.left = left;
    bar.querySelector("[data-countdown]").textContent = left;
    if (left === 0) setTimeout(() => document.getElementById("unsent") && wake(document.getElementById("unsent")), 1500);
    if (left === 0) bar.removeAttribute("data-left");
  }
}
