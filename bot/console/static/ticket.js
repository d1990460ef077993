/* A ticket's page. */
import { startComposer } from "./composer.js";
import { startStory } from "./story.js";

const page = document.querySelector("[data-ticket]");
startStory();
startComposer();

// Tabs beside the story; the policy is fetched when it is first looked at.
const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(tab) {
  for (const one of tabs) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", String(chosen));
    one.tabIndex = chosen ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (tab.id === "tab-policy") window.htmx.trigger("#policy", "wanted");
}

for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    choose(next);
    next.focus();
  });
}

document.addEventListener("click", (event) => {
  const opens = event.target instanceof Element && event.target.closest("[data-opens-tab]");
  if (!opens) return;
  const tab = document.getElementById(opens.dataset.opensTab);
  choose(tab);
  tab.focus();
});

// What the customer is typing is never stored; it is shown while they type.
const types = document.getElementById("customer-types");
let stops = 0;
document.body.addEventListener("desk:typing", ({ detail }) => {
  if (detail.ticket !== page.dataset.ticket || detail.by !== "customer") return;
  clearTimeout(stops);
  types.hidden = !detail.on;
  types.querySelector("q").textContent = detail.text ?? "";
  types.querySelector("q").hidden = !detail.text;
  if (detail.on) stops = setTimeout(() => (types.hidden = true), 8000);
});
document.body.addEventListener("desk:message", ({ detail }) => {
  if (detail.ticket === page.dataset.ticket) types.hidden = true;
});
