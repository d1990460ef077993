/* One stream of what happens at the desk. What shows it says so: data-live="ticket message" (and data-live-ticket, if it is
 * about one only) gets the event "desk" when such a thing happened, and htmx fetches it anew. After a lost connection all do. */
import { toast } from "./toasts.js";
import { say } from "./words.js";

const KINDS = ["ticket", "message", "typing", "presence", "draft", "person", "late"];
//: Events that come close together cause one fetch at once, and one after them.
const QUIET = 250;

let source = null;
let lost = false;
let ended = false;
let tries = 0;
const pending = new Map();
const asleep = new Set();

export function startLive() {
  if (!document.body.dataset.person || !document.querySelector("[data-live], [data-live-state]")) return;
  connect();
  document.body.addEventListener("desk:changed", ({ detail }) => hear("ticket", { ticket: detail.ticket }));
  document.addEventListener("visibilitychange", wakeSleepers);
  // A browser that slept may not notice that its connection is dead.
  addEventListener("online", () => lost && again(0));
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && again(0));
}

function connect() {
  const ticket = document.querySelector("[data-looks-at]")?.dataset.looksAt;
  source = new EventSource(`/desk/events${ticket ? `?ticket=${encodeURIComponent(ticket)}` : ""}`);
  source.addEventListener("hello", () => {
    tries = 0;
    show("live");
    if (lost) refreshAll();
    lost = false;
  });
  source.addEventListener("ended", () => {
    ended = true;
    source.close();
    show("lost");
    toast(say("ended"), "bad");
  });
  for (const kind of KINDS) source.addEventListener(kind, (event) => hear(kind, JSON.parse(event.data)));
  source.onerror = () => {
    if (ended) return;
    lost = true;
    show("lost");
    // The browser tries again by itself, unless the answer was an error: a proxy's, while the desk restarts.
    if (source.readyState === EventSource.CLOSED) again(Math.min(15_000, 500 * 2 ** tries++) * (0.7 + Math.random() * 0.6));
  };
}

function again(wait) {
  source?.close();
  setTimeout(connect, wait);
}

function hear(kind, data) {
  document.body.dispatchEvent(new CustomEvent(`desk:${kind}`, { detail: data }));
  for (const element of document.querySelectorAll(`[data-live~="${nameOf(kind, data)}"]`)) {
    const about = element.dataset.liveTicket;
    if (!about || about === data.ticket) wake(element);
  }
}

/** That somebody has read a ticket changes only the queue; what a customer types comes with its event, and nothing is fetched. */
function nameOf(kind, data) {
  if (data.event === "seen") return "seen";
  return kind === "typing" && data.by === "customer" ? "customer" : kind;
}

function refreshAll() {
  document.body.dispatchEvent(new CustomEvent("desk:back"));
  for (const element of document.querySelectorAll("[data-live]")) wake(element);
}

/** Has it fetched at once; further events within a moment are one more fetch at its end. What nobody looks at waits. */
export function wake(element) {
  if (document.hidden) {
    asleep.add(element);
    return;
  }
  if (pending.has(element)) {
    pending.set(element, true);
    return;
  }
  pending.set(element, false);
  window.htmx.trigger(element, "desk");
  setTimeout(() => {
    const more = pending.get(element);
    pending.delete(element);
    if (more && element.isConnected) wake(element);
  }, Number(element.dataset.liveQuiet ?? QUIET));
}

function wakeSleepers() {
  if (document.hidden) return;
  for (const element of asleep) if (element.isConnected) wake(element);
  asleep.clear();
}

function show(state) {
  for (const box of document.querySelectorAll("[data-live-state]")) {
    box.dataset.state = state;
    const words = box.querySelector("span");
    if (words.textContent !== say(state)) words.textContent = say(state);
  }
}
