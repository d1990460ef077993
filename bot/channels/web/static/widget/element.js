/* The element <desk-chat>: the launcher, the panel, and what a customer can do in them. */

import { Api } from "./api.js";
import { Bubbles } from "./bubble.js";
import { CaseBar } from "./casebar.js";
import { Conversation } from "./conversation.js";
import { h, icon } from "./dom.js";
import { Files } from "./files.js";
import { Memory } from "./memory.js";
import { chooseLocale, speaker } from "./strings.js";
import { colourSheet, dress } from "./style.js";
import { outsideLink } from "./text.js";
import { saveBlob, saveFile, writeTranscript } from "./transcript.js";

const LIMIT = 4000;
const COUNT_FROM = 3600;
const SOON = 1500;
const SMALL = "(max-width: 479.98px), (max-height: 479.98px)"; // as in style.js

/** The characters as the desk counts them: code points, not the halves of an emoji. */
const lengthOf = (text) => [...text].length;

/** Puts the widget on the page, once: `about` is what the desk says of the company, the rest the tag's wishes. */
export async function mount({ base, about, locale, theme, storage, position, open }) {
  if (document.readyState === "loading") {
    await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
  }
  if (!customElements.get("desk-chat")) customElements.define("desk-chat", DeskChat);
  // A page may place the element itself, to hold its colours for instance; else it comes last.
  let element = document.querySelector("desk-chat");
  if (!element) {
    element = document.createElement("desk-chat");
    document.body.append(element);
  }
  if (element.started) return;
  for (const [name, value] of Object.entries({ theme, position })) if (value) element.setAttribute(name, value);
  element.start({ api: new Api(base), about, locale: chooseLocale(locale), storage });
  if (open !== undefined) element.show();
}

/** A time on the desk's own clock, as its policy means it: "Mon 09:00", with the zone for who lives in another. */
function deskTime(stamp, locale) {
  const [, clock, zone] = /^(.*?T\d\d:\d\d)[^+-]*([+-]\d\d:\d\d)$/.exec(stamp) ?? [null, stamp.slice(0, 16), ""];
  const write = (format) => new Intl.DateTimeFormat(locale, { ...format, timeZone: "UTC" }).format(new Date(`${clock}Z`));
  const text = `${write({ weekday: "long" })} ${write({ hour: "numeric", minute: "2-digit" })}`;
  const here = new Date(stamp).getTime() === new Date(clock).getTime();
  return here || !zone ? text : `${text} (UTC${zone.replace(/^(.)0?(\d+):00$/, "$1$2")})`;
}

class DeskChat extends HTMLElement {
  static observedAttributes = ["theme"];

  started = false;
  #shown = new Map(); // entry -> its element
  #atEnd = true;
  #room = 0;
  #returnTo = null;
  #small = matchMedia(SMALL);
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #pageOverflow = null;
  #tidying = false;

  start({ api, about, locale, storage }) {
    this.started = true;
    this.about = about;
    this.base = api.base;
    this.api = api;
    this.locale = locale;
    const company = about.short[locale] ?? about.short.en ?? about.name;
    const desk = about.desk[locale] ?? about.desk.en ?? about.name;
    this.say = speaker(locale, { company, desk });
    this.lang = locale;
    // The customer's own way of writing times, as far as it is of the language that we speak.
    this.dates = navigator.languages?.find((tag) => tag.startsWith(locale)) ?? locale;
    const memory = new Memory(storage, api.base, about.key);
    const spoken = about.locales.includes(locale) ? locale : about.locales[0];
    this.chat = new Conversation({ api, memory, company: about.key, locale: spoken });
    this.bubbles = new Bubbles({
      say: this.say,
      dates: this.dates,
      base: api.base,
      reply: (title, payload) => this.#say(title, payload),
      fetchFile: (id, name, button) => this.#fetchFile(id, name, button),
    });
    this.caseBar = new CaseBar({ say: this.say, chat: this.chat });
    this.caseBar.left = () => this.box.focus();
    this.files = new Files({
      say: this.say,
      chat: this.chat,
      dates: this.dates,
      changed: () => this.#count(),
      failed: (words) => (this.problem.textContent = words),
    });
    this.#build(company);
    this.#listen();
    this.chat.resume();
  }

  attributeChangedCallback() {
    this.#paint();
  }

  // --- building --------------------------------------------------------------------------------------------------

  #build(company) {
    const { say } = this;
    const root = this.attachShadow({ mode: "open" });
    const button = (kind, label, onclick, ...children) =>
      h(`button.${kind}`, { type: "button", "aria-label": label, title: label, onclick }, ...children);

    this.badge = h("span.badge", { hidden: true, "aria-hidden": "true" });
    this.launcher = h(
      "button.launcher",
      { type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", onclick: () => this.show() },
      icon("chat"),
      h("span.word", {}, say("launch")),
      this.badge,
    );
    this.announcer = h("div.hidden", { role: "status" });

    // Header
    this.subtitle = h("p.subtitle", {}, say("automated"));
    this.sizer = button("tool grow", say("grow"), () => this.#resize(), icon("grow"));
    this.menuButton = button("tool", say("more"), () => this.#toggleMenu(), icon("more"));
    this.menuButton.setAttribute("aria-expanded", "false");
    this.menuButton.setAttribute("aria-controls", "menu");
    this.menu = this.#buildMenu();
    const header = h(
      "div.header",
      {},
      h("span.mark", { "aria-hidden": "true" }, [...company][0]),
      h("div.titles", {}, h("h2", { id: "title" }, say("title")), this.subtitle),
      this.menuButton,
      this.sizer,
      button("tool", say("close"), () => this.hide(), icon("close")),
      this.menu,
    );

    // What stands between header and conversation while there is reason for it
    this.lost = h("p.strip.lost", { hidden: true }, h("span.pulse"), say("reconnecting"));

    // The conversation
    this.log = h("div.log", { role: "log", "aria-live": "off" });
    this.typing = h(
      "div.typing",
      { hidden: true },
      h("span.dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i")),
      (this.typingText = h("span.hidden")),
    );
    this.intro = this.#buildIntro();
    this.scroller = h(
      "div.scroller",
      { tabIndex: 0, role: "group", "aria-label": say("log") },
      this.intro,
      this.log,
      this.typing,
    );
    this.latest = h("button.latest", { type: "button", hidden: true }, icon("down"), say("latest"));

    // The composer
    this.counter = h("p.counter", { id: "counter", hidden: true });
    this.problem = h("p.problem", { role: "alert" });
    this.box = h("textarea", {
      id: "box",
      rows: 1,
      placeholder: say("placeholder"),
      enterKeyHint: "send",
      autocomplete: "off",
      "aria-describedby": "seen counter",
    });
    this.seen = h("p.hint", { id: "seen", hidden: true }, say("typedSeen"));
    this.sendButton = h("button.send", { type: "submit", "aria-label": say("send"), title: say("send") }, icon("send"));
    this.composer = h(
      "form.composer",
      { noValidate: true },
      this.problem,
      this.files.list,
      h("div.line", {}, h("label.hidden", { for: "box" }, say("message")), this.files.button, this.box, this.sendButton),
      this.files.input,
      this.files.told,
      this.seen,
      this.counter,
    );

    this.confirm = this.#buildConfirm();
    this.body = h("div.body", {}, this.scroller, this.latest);
    this.panel = h(
      "div.panel",
      { role: "dialog", "aria-labelledby": "title", tabIndex: -1, hidden: true },
      header,
      h("div.strips", { role: "status" }, this.lost, this.caseBar.line),
      this.body,
      this.caseBar.element,
      this.composer,
      this.confirm,
    );

    this.root = h("div.root", {}, this.launcher, this.announcer, this.panel);
    dress(root, colourSheet(this.about.colour));
    root.append(this.root);
    this.#paint();
    this.#count();
    this.#showUnread();
  }

  #buildMenu() {
    const { say } = this;
    const item = (name, label, act) =>
      h(
        "button.item",
        {
          type: "button",
          onclick: () => {
            this.#toggleMenu(false);
            act();
          },
        },
        icon(name),
        label,
      );
    this.saveItem = item("save", say("download"), () => this.#download());
    this.forgetItem = item("bin", say("forget"), () => this.#ask());
    const policy = outsideLink(new URL(this.about.policy, this.base).href, icon("page"), say("policy"), this.#newTab());
    policy.className = "item";
    return h(
      "div.menu",
      { id: "menu", hidden: true },
      item("person", say("reachButton"), () => this.#say(say("reachText"))),
      policy,
      this.saveItem,
      this.forgetItem,
    );
  }

  #newTab() {
    return h("span.hidden", {}, ` ${this.say("newTab")}`);
  }

  #buildIntro() {
    const { say } = this;
    const point = (name, ...text) => h("li", {}, icon(name), h("span", {}, ...text));
    this.starters = h(
      "div.starters",
      {},
      h("h3", {}, say("try")),
      say("starters").map((text) => h("button.starter", { type: "button", onclick: () => this.#say(text) }, text)),
    );
    return h(
      "section.intro",
      {},
      h("p.hello", {}, say("hello")),
      h(
        "ul.points",
        {},
        point("robot", say("who")),
        point("lock", say("kept"), say("gap"), h("strong", {}, say("never"))),
        point("person", say("reach"), say("gap"), (this.deskHours = h("span"))),
      ),
      h(
        "p.ways",
        {},
        h("button.way", { type: "button", onclick: () => this.#say(say("reachText")) }, icon("person"), say("reachButton")),
        outsideLink(new URL(this.about.policy, this.base).href, icon("page"), say("policy"), this.#newTab()),
      ),
      this.starters,
    );
  }

  #buildConfirm() {
    const { say } = this;
    this.keepButton = h("button.keep", { type: "button", onclick: () => this.#ask(false) }, say("forgetNo"));
    this.confirmProblem = h("p.problem", { role: "alert" });
    return h(
      "div.confirm",
      { role: "alertdialog", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text", hidden: true },
      h("h3", { id: "confirm-title" }, say("forgetTitle")),
      h("p", { id: "confirm-text" }, say("forgetText")),
      this.confirmProblem,
      h("div.choice", {}, this.keepButton, h("button.yes", { type: "button", onclick: () => this.#forget() }, say("forgetYes"))),
    );
  }

  // --- listening -------------------------------------------------------------------------------------------------

  #listen() {
    const { chat } = this;
    chat.addEventListener("entry", ({ detail }) => this.#showEntry(detail));
    chat.addEventListener("removed", ({ detail }) => this.#dropEntry(detail));
    chat.addEventListener("state", () => this.#showState());
    chat.addEventListener("typing", () => this.#showTyping());
    chat.addEventListener("connection", () => this.#showConnection());
    chat.addEventListener("refused", ({ detail }) => this.#showRefused(detail));
    chat.addEventListener("reset", ({ detail }) => this.#showReset(detail));

    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.box.addEventListener("input", () => {
      this.#count();
      this.chat.type(this.box.value.slice(0, LIMIT));
    });
    this.box.addEventListener("keydown", (event) => {
      // While a Japanese word is being composed, Enter takes the word and must not send.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    this.panel.addEventListener("keydown", (event) => this.#onKey(event));
    this.panel.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.menu.contains(relatedTarget) && relatedTarget !== this.menuButton) this.#toggleMenu(false);
    });
    this.panel.addEventListener("click", ({ target }) => {
      if (!this.menu.contains(target) && !this.menuButton.contains(target)) this.#toggleMenu(false);
    });
    this.scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.latest.addEventListener("click", () => {
      this.#toEnd();
      this.box.focus();
    });
    this.log.addEventListener(
      "toggle",
      ({ target }) => target.open && target.scrollIntoView({ block: "nearest" }),
      true, // it does not bubble
    );
    this.#small.addEventListener("change", () => this.#fit());
    this.#dark.addEventListener("change", () => this.#paint());
    document.addEventListener("visibilitychange", () => this.#markSeen());
    // A strip that appears, or a box that grows, must not push the last words out of sight.
    new ResizeObserver(() => {
      this.#room = this.scroller.clientHeight;
      this.#fit();
    }).observe(this.scroller);
    visualViewport?.addEventListener("resize", () => this.#fit());
    visualViewport?.addEventListener("scroll", () => this.#fit());
    // Any element of the page may open the chat by carrying this attribute.
    document.addEventListener("click", (event) => {
      const opener = event.target instanceof Element && event.target.closest("[data-desk-open]");
      if (!opener) return;
      event.preventDefault();
      this.show(opener);
    });
  }

  // --- opening and closing ---------------------------------------------------------------------------------------

  get open() {
    return !this.panel.hidden;
  }

  /** Opens the chat; the focus returns to `opener` when it is closed. */
  show(opener = this.launcher) {
    if (this.open) return;
    this.#returnTo = opener;
    this.panel.hidden = false;
    this.launcher.hidden = true;
    this.launcher.setAttribute("aria-expanded", "true");
    this.#fit();
    this.#count();
    if (this.chat.entries.length) this.#toEnd();
    // On a telephone the keyboard would cover what the customer should read first.
    (this.#small.matches ? this.panel : this.box).focus({ preventScroll: true });
    this.#markSeen();
    this.#showDeskHours();
    // Not before now: a history that is filled in is not read out, what comes from here on is.
    this.log.setAttribute("aria-live", "polite");
  }

  hide() {
    if (!this.open) return;
    this.#toggleMenu(false);
    this.#ask(false);
    this.panel.hidden = true;
    this.launcher.hidden = false;
    this.launcher.setAttribute("aria-expanded", "false");
    this.log.setAttribute("aria-live", "off");
    this.#fit();
    (this.#returnTo?.isConnected ? this.#returnTo : this.launcher).focus({ preventScroll: true });
  }

  /** Full screen on small displays: as large as the keyboard leaves it, and the page behind keeps still. */
  #fit() {
    const full = this.open && this.#small.matches;
    if (full) {
      this.panel.setAttribute("aria-modal", "true");
      this.panel.style.setProperty("--height", `${visualViewport?.height ?? innerHeight}px`);
      this.panel.style.setProperty("--top", `${visualViewport?.offsetTop ?? 0}px`);
    } else this.panel.removeAttribute("aria-modal");
    const page = document.documentElement.style;
    if (full && this.#pageOverflow === null) {
      this.#pageOverflow = page.overflow;
      page.overflow = "hidden";
    } else if (!full && this.#pageOverflow !== null) {
      page.overflow = this.#pageOverflow;
      this.#pageOverflow = null;
    }
    if (this.#atEnd && this.chat.entries.length) this.#toEnd();
  }

  #resize() {
    const large = this.panel.classList.toggle("large");
    const label = this.say(large ? "shrink" : "grow");
    this.sizer.replaceChildren(icon(large ? "shrink" : "grow"));
    this.sizer.setAttribute("aria-label", label);
    this.sizer.title = label;
  }

  #paint() {
    const wish = this.getAttribute("theme");
    this.root?.classList.toggle("dark", wish === "dark" || (wish !== "light" && this.#dark.matches));
  }

  #onKey(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (!this.menu.hidden) {
        this.#toggleMenu(false);
        this.menuButton.focus();
      } else if (!this.confirm.hidden) this.#ask(false);
      else this.hide();
    } else if (event.key === "Tab" && this.#small.matches) this.#keepFocus(event);
  }

  /** Nothing of the page is to be seen behind a full screen, so that the focus must not wander there. */
  #keepFocus(event) {
    const stops = [...this.panel.querySelectorAll("a[href], button, textarea, summary, [tabindex='0']")].filter(
      (one) => !one.disabled && one.getClientRects().length && !one.closest("[inert]"),
    );
    const at = this.shadowRoot.activeElement;
    const [first, last] = [stops[0], stops.at(-1)];
    if (event.shiftKey ? at === first || at === this.panel : at === last) {
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }
  }

  #toggleMenu(on = this.menu.hidden) {
    this.menu.hidden = !on;
    this.menuButton.setAttribute("aria-expanded", String(on));
    this.saveItem.disabled = !this.chat.entries.length;
    this.forgetItem.disabled = !this.chat.begun;
    if (on) this.menu.querySelector(".item").focus();
  }

  // --- writing ---------------------------------------------------------------------------------------------------

  #count() {
    const length = lengthOf(this.box.value.trim());
    const over = length > LIMIT;
    this.counter.hidden = length < COUNT_FROM;
    this.counter.classList.toggle("over", over);
    this.counter.textContent = this.counter.hidden
      ? ""
      : this.say(over ? "over" : "left", { count: Math.abs(LIMIT - length).toLocaleString(this.locale) });
    this.box.toggleAttribute("aria-invalid", false);
    if (over) this.box.setAttribute("aria-invalid", "true");
    const empty = !length && !this.files.ready.length;
    this.sendButton.setAttribute("aria-disabled", String(empty || over || this.files.uploading));
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }

  #submit() {
    const text = this.box.value.trim();
    const length = lengthOf(text);
    const files = this.files.ready;
    if ((!length && !files.length) || this.files.uploading) return;
    if (length > LIMIT) {
      this.problem.textContent = this.say("tooLong");
      return;
    }
    this.box.value = "";
    this.files.clear();
    this.#count();
    this.#say(text, null, files);
  }

  #say(text, payload = null, files = []) {
    this.problem.textContent = "";
    this.#atEnd = true;
    this.chat.send(text, payload, files);
    // What was pressed is gone or disabled now. On a telephone the box would bring the keyboard up over the answer.
    if (!this.#small.matches) this.box.focus({ preventScroll: true });
    else if (this.shadowRoot.activeElement !== this.box) this.panel.focus({ preventScroll: true });
  }

  #showRefused({ text, payload, problem }) {
    if (payload === null) this.box.value = [text, this.box.value].filter(Boolean).join("\n");
    this.#count();
    const seconds = problem.retryAfter ?? 10;
    if (problem.status === 429) {
      this.problem.textContent = this.say("tooMany", { seconds });
      const told = this.problem.textContent;
      setTimeout(() => this.problem.textContent === told && (this.problem.textContent = ""), seconds * 1000);
    } else if (problem.status === 413) this.problem.textContent = this.say("tooLong");
    else this.problem.textContent = problem.detail || this.say("refused");
  }

  // --- showing ---------------------------------------------------------------------------------------------------

  #showEntry(entry) {
    const old = this.#shown.get(entry);
    let element = old;
    const key = entry.message ? `m${entry.message.id}` : "own";
    if (!old || old.dataset.key !== key) {
      // Our own message, come back from the desk: its element stays unless the desk changed the words, so that it
      // is not read out again.
      if (old && entry.sending && entry.message.text === entry.sending.text) element = old;
      else element = this.bubbles.render(entry);
      element.dataset.key = key;
      if (old && old !== element) old.replaceWith(element);
      this.#shown.set(entry, element);
    }
    if (entry.sending) this.#showStatus(element, entry.sending);
    const next = this.chat.entries[this.chat.entries.indexOf(entry) + 1];
    const before = next ? (this.#shown.get(next) ?? null) : null;
    if (!element.isConnected || element.nextElementSibling !== before) {
      const reading = !this.#atEnd;
      this.log.insertBefore(element, before);
      if (!old) this.#bringIntoView(element, entry, reading);
    }
    this.#tidyLater();
  }

  /** What follows from all entries together; once, however many have come (a long history comes at once). */
  #tidyLater() {
    if (this.#tidying) return;
    this.#tidying = true;
    queueMicrotask(() => {
      this.#tidying = false;
      this.#days();
      this.#closeReplies();
      this.#markSeen();
      this.#showUnread();
      this.starters.hidden = this.chat.entries.length > 0;
    });
  }

  #dropEntry(entry) {
    this.#shown.get(entry)?.remove();
    this.#shown.delete(entry);
    this.#tidyLater();
  }

  #showStatus(element, sending) {
    let line = element.querySelector(".status");
    if (sending.status === "sent") return line?.remove();
    // What is sent within a moment needs no word, nor is one to be read out.
    if (sending.status === "sending" && Date.now() - new Date(sending.sentAt) < SOON) {
      setTimeout(() => this.#showStatus(element, sending), SOON);
      return;
    }
    if (!line) element.append((line = h("p.status")));
    line.textContent = this.say(sending.status);
    line.classList.toggle("retrying", sending.status === "retrying");
  }

  /** A line wherever the day changes, if the chat has lasted more than one or is an older one. */
  #days() {
    this.log.querySelectorAll(".day").forEach((line) => line.remove());
    let day = new Date().toDateString();
    for (const entry of this.chat.entries) {
      const at = new Date(entry.message?.sent_at ?? entry.sending?.sentAt ?? entry.sentAt);
      if (at.toDateString() === day) continue;
      day = at.toDateString();
      this.#shown.get(entry)?.before(this.bubbles.dayLine(at));
    }
  }

  /** Quick replies are good until one is used or something else is said. */
  #closeReplies() {
    let later = false;
    for (const entry of [...this.chat.entries].reverse()) {
      const buttons = this.#shown.get(entry)?.querySelectorAll(".quick") ?? [];
      for (const button of buttons) button.disabled = later;
      if (entry.sending || entry.message?.sender === "customer") later = true;
    }
  }

  #showTyping() {
    const { typing, state, writer } = this.chat;
    this.typing.hidden = !typing;
    const words = writer ? this.say("typingName", { name: writer }) : this.say(state?.mode === "human" ? "typingStaff" : "typing");
    this.typingText.textContent = typing ? words : "";
    this.typingText.classList.toggle("hidden", !writer);
    if (typing && this.#atEnd) this.#toEnd();
  }

  #showConnection() {
    clearTimeout(this.lostTimer);
    if (this.chat.connected) this.lost.hidden = true;
    // A line that comes back within a moment is nothing that a customer needs to know.
    else this.lostTimer = setTimeout(() => (this.lost.hidden = false), 1500);
  }

  #showState() {
    const { state } = this.chat;
    this.caseBar.show(state);
    this.files.show(state);
    this.seen.hidden = state?.mode !== "human";
    const person = Number.isInteger(state?.ticket?.ahead) ? "called" : "person";
    this.subtitle.textContent = this.say(state?.mode === "human" ? person : "automated");
    this.#showTyping();
    this.#showUnread();
  }

  async #fetchFile(id, name, button) {
    button.disabled = true;
    try {
      saveBlob(name, await this.chat.fetchFile(id));
    } catch {
      this.problem.textContent = this.say("fileLost", { name });
    }
    button.disabled = false;
    button.focus();
  }

  /** Whether the telephone desk is open, where the policy states hours. */
  async #showDeskHours() {
    const answer = await this.api.companies().catch(() => null);
    const companies = Array.isArray(answer) ? answer : answer?.companies;
    const desk = companies?.find(({ key }) => key === this.about.key)?.desk;
    const { open_now: openNow, next_opening: next } = desk ?? {};
    this.deskHours.textContent =
      openNow === true
        ? this.say("phoneOpen")
        : openNow === false && next
          ? this.say("phoneClosed", { when: deskTime(next, this.dates) })
          : "";
  }

  #showUnread() {
    const count = this.open ? 0 : this.chat.unread;
    const told = count ? this.say("unread", { count }) : "";
    this.badge.hidden = !count;
    this.badge.textContent = count > 9 ? "9+" : String(count);
    this.launcher.setAttribute("aria-label", [this.say("launchLabel"), told].filter(Boolean).join(", "));
    if (this.announcer.textContent !== told) this.announcer.textContent = told;
  }

  #markSeen() {
    if (!this.open || document.visibilityState !== "visible") return;
    this.chat.markSeen();
    this.#showUnread();
  }

  // --- scrolling -------------------------------------------------------------------------------------------------

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Told of a scroll before the room was found to have changed: that moved the end away, and not the reader.
    if (clientHeight !== this.#room) return;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < 48;
    if (this.#atEnd) this.latest.hidden = true;
  }

  #toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#atEnd = true;
    this.latest.hidden = true;
  }

  /** New words come into view, a long answer by its beginning; who reads further up is told and left in peace. */
  #bringIntoView(element, entry, reading) {
    if (!this.open) return;
    if (reading && !entry.sending) {
      this.latest.hidden = false;
      return;
    }
    this.#toEnd();
    const room = this.scroller.clientHeight - 24;
    if (!entry.sending && element.offsetHeight > room) {
      this.scroller.scrollTop = element.offsetTop - 12;
    }
  }

  // --- transcript and forgetting ---------------------------------------------------------------------------------

  #download() {
    const { chat, say, dates, base } = this;
    const senderOf = (sender, name) => this.bubbles.senderOf(sender, name);
    const text = writeTranscript({ entries: chat.entries, say, senderOf, dates, base });
    const day = new Date().toLocaleDateString("sv"); // the ISO form, in local time
    saveFile(say("transcriptFile", { company: this.about.key, day }), text);
    this.menuButton.focus();
  }

  /** Asks whether the chat shall really be forgotten; the rest of the panel waits. */
  #ask(on = true) {
    if (this.confirm.hidden === !on) return;
    this.confirm.hidden = !on;
    this.panel.classList.toggle("asking", on);
    this.confirmProblem.textContent = "";
    this.body.inert = on;
    this.composer.inert = on;
    if (on) this.keepButton.focus();
    else if (this.open) this.menuButton.focus();
  }

  async #forget() {
    try {
      await this.chat.forget();
    } catch {
      this.confirmProblem.textContent = this.say("forgetFailed");
    }
  }

  #showReset(why) {
    this.#ask(false);
    this.log.replaceChildren();
    this.#shown.clear();
    this.starters.hidden = false;
    this.latest.hidden = true;
    this.problem.textContent = "";
    this.log.append(this.bubbles.render({ note: this.say(why) }));
    this.#showState();
    this.#showUnread();
    if (this.open) this.box.focus();
  }
}
