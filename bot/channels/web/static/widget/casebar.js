/* What a customer can do with their case beside writing: leave an address for the answer, say whether they were helped. */

import { h, icon } from "./dom.js";

export class CaseBar {
  #dismissed = null; // reference of a closed case whose rating was put off
  #asking = false; // the form for the address is open

  constructor({ say, chat }) {
    Object.assign(this, { say, chat });
    this.line = h("p.strip", { hidden: true });
    this.told = h("p.told", { role: "status" });
    this.offer = h("div.acts");
    this.form = this.#buildForm();
    this.element = h("div.case", { hidden: true }, this.offer, this.form, this.told);
  }

  /** The line and what can be done, for that state of the conversation. */
  show(state) {
    const { say } = this;
    const lines = [];
    if (state?.request) {
      const { kind, status, reference } = state.request;
      const name = say("kinds")[kind] ?? kind;
      lines.push([say("request", { kind: name }), reference, status === "collecting" ? say("collecting") : status]);
    }
    const ticket = state?.ticket;
    if (ticket) lines.push(this.#describe(state, ticket));
    const text = lines.map((line) => line.filter(Boolean).join(" · ")).join("\n");
    if (this.line.textContent !== text) this.#write(text); // what is the same is not read out again
    this.line.hidden = !text;
    const closed = ticket?.status === "closed";
    if (!ticket || closed) this.#ask(false);
    if (this.shown?.status !== ticket?.status) this.told.textContent = "";
    this.shown = ticket;
    this.#offer(ticket, closed);
    // While a person answers, there is nothing that a mail would tell sooner.
    const useful = closed ? this.#dismissed !== ticket.reference : state?.mode === "bot" || Number.isInteger(ticket?.ahead);
    this.element.hidden = !ticket || !(useful || this.#asking);
  }

  /** Each part stays together as long as a line can hold it: a reference must not be torn. */
  #write(text) {
    this.line.replaceChildren(...text.split(/( · |\n)/).map((part, place) => (place % 2 ? part : h("span", {}, part))));
  }

  #describe({ mode }, { reference, status, ahead }) {
    const { say } = this;
    if (status === "closed") return [say("caseClosed"), say("reference", { reference })];
    if (mode === "human" && Number.isInteger(ahead)) {
      const place = ahead === 0 ? say("next") : ahead === 1 ? say("oneAhead") : say("ahead", { count: ahead });
      return [say("called"), place, say("reference", { reference })];
    }
    if (mode === "human") return [say("withPerson"), say("reference", { reference })];
    return [say("passedOn", { reference }), say("ticket")[status] ?? status];
  }

  #offer(ticket, closed) {
    const key = !ticket ? "" : [ticket.reference, ticket.status, ticket.rating, ticket.email_left].join(" ");
    if (this.offer.dataset.key === key) return;
    // Whoever has just pressed a button here keeps the focus on what stands in its place.
    const at = [...this.offer.children].indexOf(this.offer.getRootNode().activeElement);
    this.offer.dataset.key = key;
    this.offer.replaceChildren(...(!ticket ? [] : closed ? this.#ratings(ticket) : this.#address(ticket)));
    if (at >= 0) (this.offer.children[at] ?? this.offer.lastElementChild)?.focus();
  }

  #address({ email_left: left }) {
    const { say } = this;
    return [
      left ? h("span", {}, say("emailLeft")) : null,
      h("button.act", { type: "button", onclick: () => this.#ask(true) }, icon("mail"), say(left ? "emailChange" : "emailLeave")),
    ].filter(Boolean);
  }

  #ratings({ rating, reference }) {
    const { say } = this;
    const button = (value, name, label) =>
      h(
        "button.act.rate",
        { type: "button", "aria-pressed": String(rating === value), onclick: () => this.#rate(value) },
        icon(name),
        label,
      );
    return [
      h("span", {}, say("rateQuestion")),
      button(1, "up", say("rateGood")),
      button(-1, "thumb", say("rateBad")),
      h(
        "button.tool.putoff",
        {
          type: "button",
          "aria-label": say("rateLater"),
          title: say("rateLater"),
          onclick: () => {
            this.#dismissed = reference;
            this.element.hidden = true;
            this.left?.();
          },
        },
        icon("close"),
      ),
    ];
  }

  async #rate(value) {
    try {
      await this.chat.rate(value);
      this.told.textContent = this.say("rateThanks");
    } catch (problem) {
      this.told.textContent = problem.detail || this.say("refusedCase");
    }
  }

  #buildForm() {
    const { say } = this;
    this.email = h("input", { id: "email", type: "email", autocomplete: "email", maxLength: 254, "aria-describedby": "email-note" });
    this.remove = h("button.act", { type: "button", onclick: () => this.#leave(null) }, say("emailRemove"));
    const form = h(
      "form.address",
      { noValidate: true, hidden: true },
      h("label", { for: "email" }, say("emailLabel")),
      h("div.line", {}, this.email),
      h("p.hint", { id: "email-note" }, say("emailNote")),
      h(
        "div.acts",
        {},
        h("button.act.main", { type: "submit" }, say("emailSave")),
        this.remove,
        h("button.act", { type: "button", onclick: () => this.#ask(false) }, say("emailCancel")),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const email = this.email.value.trim();
      if (email) this.#leave(email);
      else this.email.focus();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.stopPropagation();
      this.#ask(false);
    });
    return form;
  }

  #ask(on) {
    if (this.#asking === on) return;
    this.#asking = on;
    this.form.hidden = !on;
    this.offer.hidden = on;
    this.remove.hidden = !this.chat.state?.ticket?.email_left;
    this.told.textContent = "";
    this.email.removeAttribute("aria-invalid");
    if (on) this.email.focus();
    else {
      this.email.value = "";
      this.offer.querySelector("button")?.focus();
    }
  }

  async #leave(email) {
    try {
      await this.chat.leaveEmail(email);
      this.#ask(false);
      this.told.textContent = this.say(email ? "emailSaved" : "emailRemoved");
    } catch (problem) {
      this.told.textContent = problem.status === 400 ? this.say("emailWrong") : problem.detail || this.say("refusedCase");
      this.email.setAttribute("aria-invalid", "true");
      this.email.focus();
    }
  }
}
