/* How one entry of the chat looks: a message with its citations and quick replies, or a line of the system's. */

import { h, icon } from "./dom.js";
import { sizeOf } from "./files.js";
import { blocks, outsideLink, safeUrl } from "./text.js";

const PREVIEW = 90;

/** A quote's address with the words to mark on the policy page, which takes them after the clause's anchor. */
export function markedUrl({ url, quote }, base) {
  const safe = url && safeUrl(url, base);
  if (!safe) return null;
  const { href, hash } = new URL(safe);
  return hash ? `${href}:mark=${encodeURIComponent(quote)}` : href;
}

export class Bubbles {
  constructor({ say, dates, base, reply, fetchFile }) {
    Object.assign(this, { say, dates, base, reply, fetchFile });
    this.time = new Intl.DateTimeFormat(dates, { hour: "numeric", minute: "2-digit" });
    this.full = new Intl.DateTimeFormat(dates, { dateStyle: "long", timeStyle: "short" });
    this.day = new Intl.DateTimeFormat(dates, { weekday: "long", day: "numeric", month: "long" });
  }

  /** Who says it: a person by their name. */
  senderOf(sender, name) {
    if (sender === "staff" && name) return this.say("staffName", { name });
    return this.say({ customer: "you", bot: "assistant", staff: "staff", system: "system" }[sender] ?? "system");
  }

  /** The element of an entry; built anew whenever the entry changes in more than its status. */
  render({ message, sending, note, sentAt }) {
    if (note || message?.sender === "system") {
      // What the desk tells of itself is news; what we say ourselves is trouble.
      return note
        ? h("div.note", {}, icon("warn"), h("div", {}, blocks(note)))
        : h("div.note.news", {}, icon("info"), h("div", {}, blocks(message.text)));
    }
    const sender = message ? message.sender : "customer";
    const text = message ? message.text : sending.text;
    const files = message?.attachments?.length ? message.attachments : (sending?.files ?? []);
    const at = new Date(message ? message.sent_at : (sending?.sentAt ?? sentAt));
    const stamp = Number.isNaN(at.getTime())
      ? null
      : h("time", { dateTime: at.toISOString(), title: this.full.format(at) }, this.time.format(at));
    return h(
      `div.turn.${sender}`,
      {},
      h("div.meta", {}, h("span.sender", {}, this.senderOf(sender, message?.author_name)), stamp),
      text ? h("div.bubble", {}, blocks(text)) : null,
      files.length ? this.#files(files, sender === "staff") : null,
      message?.citations?.length ? this.#citations(message.citations) : null,
      message?.quick_replies?.length ? this.#quickReplies(message) : null,
    );
  }

  /** The files of a message; those of the desk can be fetched. */
  #files(files, fetchable) {
    const row = ({ attachment_id: id, name, size }) => {
      const about = [icon("page"), h("span.name", {}, name), h("span.size", {}, sizeOf(size, this.dates))];
      if (!fetchable) return h("li", {}, h("span.file", {}, about));
      const button = h("button.file", { type: "button", "aria-label": this.say("fileSave", { name }) }, about, icon("save"));
      button.addEventListener("click", () => this.fetchFile(id, name, button));
      return h("li", {}, button);
    };
    return h("ul.sent", { "aria-label": this.say("files") }, files.map(row));
  }

  #citations(citations) {
    return h(
      "div.citations",
      {},
      h("p.source", {}, this.say("source")),
      citations.map((one) => this.#citation(one)),
    );
  }

  /** Folded, the quote's first words; unfolded, the heading that it stands under, the quote, and its place. */
  #citation(citation) {
    const { quote, section, document: title, version } = citation;
    const lang = /[\u3040-\u30ff\u4e00-\u9fff]/.test(quote) ? "ja" : "en"; // the policy's language, not ours
    const line = quote.replace(/\s+/g, " ").replace(/^[ •・*]+/, "").trim();
    const url = markedUrl(citation, this.base);
    const place = [title, version && this.say("version", { date: version })].filter(Boolean).join(" · ");
    return h(
      "details.citation",
      {},
      h(
        "summary",
        {},
        icon("chevron"),
        h("span.preview", { lang }, `“${line.length > PREVIEW ? `${line.slice(0, PREVIEW)}…` : `${line}”`}`),
        h("span.section", { lang }, section || title),
      ),
      h(
        "div.unfolded",
        {},
        h("blockquote", { lang }, quote),
        h("p.place", {}, place),
        url
          ? h(
              "p.go",
              {},
              outsideLink(url, this.say("inPlace"), icon("open"), h("span.hidden", {}, ` ${this.say("newTab")}`)),
            )
          : null,
      ),
    );
  }

  #quickReplies(message) {
    const buttons = message.quick_replies.map(({ title, payload }) =>
      h(
        "button.quick",
        {
          type: "button",
          onclick: ({ currentTarget }) => {
            currentTarget.setAttribute("data-chosen", "");
            this.reply(title, payload);
          },
        },
        title,
      ),
    );
    return h("div.quicks", {}, buttons);
  }

  /** A line between the messages of two days. */
  dayLine(at) {
    return h("div.day", {}, h("span", {}, this.day.format(at)));
  }
}
