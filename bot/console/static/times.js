/* Times in words go on by themselves: <time datetime data-due>, <time datetime data-ago>. The server wrote the first words. */
import { say } from "./words.js";

export function keepTimes() {
  setInterval(() => tell(document), 30_000);
  document.body.addEventListener("htmx:afterSwap", (event) => tell(event.target));
}

export function tell(root) {
  for (const time of root.querySelectorAll("time[data-due], time[data-ago]")) {
    const minutes = (Date.parse(time.dateTime) - Date.now()) / 60_000;
    const words = "due" in time.dataset ? sayDue(minutes) : sayAgo(-minutes);
    if (time.textContent !== words) time.textContent = words;
    if ("due" in time.dataset) time.closest("[data-late]")?.setAttribute("data-late", String(minutes < 0));
  }
}

function sayDue(minutes) {
  return minutes < 0 ? say("late_by", { time: span(-minutes) }) : say("due_in", { time: span(minutes) });
}

function sayAgo(minutes) {
  return minutes < 1 ? say("now") : say("ago", { time: span(minutes) });
}

/** As the server says it (bot/console/times.py): minutes below an hour, hours below two days, then days. */
function span(minutes) {
  if (minutes < 60) return say("minutes", { count: Math.max(1, Math.floor(minutes)) });
  if (minutes < 48 * 60) return say("hours", { count: Math.floor(minutes / 60) });
  return say("days", { count: Math.floor(minutes / 1440) });
}
