/* Files that go along with the next message: chosen, on their way, taken back. */

import { h, icon } from "./dom.js";

const LARGEST = 10 * 1024 * 1024;
export const TYPES = "image/jpeg,image/png,application/pdf";

/** A size as people say it. */
export function sizeOf(bytes, dates) {
  const [amount, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "kilobyte"] : [bytes / 1024 / 1024, "megabyte"];
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: amount < 10 ? 1 : 0 };
  return new Intl.NumberFormat(dates, style).format(Math.max(amount, 0.1));
}

export class Files {
  #chosen = new Map(); // element -> {file, id}

  /** `changed` hears whenever there is more or less to send, `failed` what went wrong, in words. */
  constructor({ say, chat, dates, changed, failed }) {
    Object.assign(this, { say, chat, dates, changed, failed });
    this.input = h("input", { type: "file", accept: TYPES, multiple: true, hidden: true, tabIndex: -1 });
    this.button = h(
      "button.clip",
      { type: "button", "aria-label": say("attach"), title: say("attach"), hidden: true, onclick: () => this.input.click() },
      icon("clip"),
    );
    this.list = h("ul.files", { "aria-label": say("files"), hidden: true });
    this.told = h("p.hidden", { role: "status" });
    this.input.addEventListener("change", () => {
      for (const file of this.input.files) this.#add(file);
      this.input.value = ""; // the same file may be chosen again
    });
  }

  /** Files can be sent while a case is open. */
  show(state) {
    const open = Boolean(state?.ticket && state.ticket.status !== "closed");
    this.button.hidden = !open;
    if (!open) this.clear();
  }

  /** What is ready to go along. */
  get ready() {
    return [...this.#chosen.values()].filter(({ id }) => id).map(({ file, id }) => ({ attachment_id: id, name: file.name, size: file.size }));
  }

  get uploading() {
    return [...this.#chosen.values()].some(({ id }) => !id);
  }

  /** They went along with a message. */
  clear() {
    this.#chosen.clear();
    this.list.replaceChildren();
    this.list.hidden = true;
  }

  async #add(file) {
    if (file.size > LARGEST) return this.failed(this.say("fileLarge", { name: file.name }));
    const state = h("span.size", {}, this.say("uploading"));
    const remove = h("button.tool", { type: "button", onclick: () => this.#remove(item) }, icon("close"));
    remove.setAttribute("aria-label", this.say("fileRemove", { name: file.name }));
    const item = h("li", {}, icon("page"), h("span.name", {}, file.name), state, remove);
    this.#chosen.set(item, { file, id: null });
    this.list.append(item);
    this.list.hidden = false;
    this.changed();
    try {
      const { attachment_id: id } = await this.chat.upload(file);
      const known = this.#chosen.get(item);
      if (!known) return this.chat.dropFile(id);
      known.id = id;
      state.textContent = sizeOf(file.size, this.dates);
      this.told.textContent = this.say("fileReady", { name: file.name });
    } catch (problem) {
      this.#drop(item);
      this.failed(problem.detail || this.say("fileFailed", { name: file.name }));
    }
    this.changed();
  }

  #remove(item) {
    const { id } = this.#chosen.get(item) ?? {};
    this.#drop(item);
    if (id) this.chat.dropFile(id);
    this.button.focus();
    this.changed();
  }

  #drop(item) {
    this.#chosen.delete(item);
    item.remove();
    this.list.hidden = !this.#chosen.size;
  }
}
