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

// What somebody has begun to fill in beside the story outlasts a refresh of it.
const side = document.getElementById("case");
let begun = new Map();
let contact = null;
let contactChanged = false;

document.body.addEventListener("desk:ticket", ({ detail }) => {
  if (detail.ticket === page.dataset.ticket && detail.event === "contact" && detail.by !== document.body.dataset.person) contactChanged = true;
});
side.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== side) return;
  const fields = [...side.querySelectorAll("input[id], textarea[id]")].filter((one) => one.value !== one.defaultValue);
  begun = new Map(fields.map((one) => [one.id, one.value]));
  const form = side.querySelector("#contact form");
  contact = form?.querySelector("input[name=version]") && [...form.elements].some((one) => begun.has(one.id)) ? form : null;
});
side.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== side) return;
  if (contact) {
    side.querySelector("#contact").replaceChildren(contact);
    // Somebody else's change of the contact is not to be written over unseen; any other change is none of its business.
    if (!contactChanged) contact.elements.version.value = side.querySelector("[data-version]").dataset.version;
  }
  for (const [id, value] of begun) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
});
side.addEventListener("htmx:afterRequest", (event) => {
  // What was taken is begun no more.
  if (event.detail.successful && event.target instanceof HTMLFormElement) {
    for (const one of event.target.elements) one.defaultValue = one.value;
    if (event.target.querySelector("#new-tag, #other-ticket")) event.target.reset();
    if (event.target.closest("#contact")) contactChanged = false;
  }
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
