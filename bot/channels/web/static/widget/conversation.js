/* One customer's chat with one company: what was said, what is on its way, and what the desk says of its state.
 *
 * It shows nothing. It tells by events: "entry" (one is new or changed), "removed", "state", "typing", "connection",
 * "refused" (a message that the desk did not take; its text goes back into the box), "reset" (the chat is gone).
 */

import { Problem } from "./api.js";
import { Stream, backoff } from "./stream.js";

/** A key for one message, so that sending it again does nothing twice. randomUUID is missing on plain-HTTP pages. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether the desk's text is the one that was sent; it may have blacked out digits of card and insurance numbers. */
function isSame(sent, stored) {
  const kept = [...stored];
  const letters = [...sent];
  return letters.length === kept.length && letters.every((letter, at) => letter === kept[at] || kept[at] === "●");
}

/** What is typed is told at most so often, in milliseconds. */
const TYPING_EVERY = 700;

export class Conversation extends EventTarget {
  /** What is shown, each {at, ...}: `message` as the desk has it, `sending` on its way there, or a `note` of our own. */
  entries = [];
  state = null;
  typing = false;
  writer = null; // who of the desk is writing
  connected = true;
  seen = 0;

  #api;
  #memory;
  #company;
  #locale;
  #chat = null;
  #stream = null;
  #cursor = 0; // up to here nothing is missing; a POST's answer may run ahead of it
  #queue = [];
  #pumping = false;
  #creating = null;
  #lastTick = 0;
  #typingTimer = null;
  #typedAt = 0;
  #typedTimer = null;

  constructor({ api, memory, company, locale }) {
    super();
    this.#api = api;
    this.#memory = memory;
    this.#company = company;
    this.#locale = locale;
    memory.addEventListener("change", () => this.#follow());
  }

  get begun() {
    return this.#chat !== null;
  }

  /** Messages of the other side that were not read yet. */
  get unread() {
    return this.entries.filter(({ message }) => message && message.sender !== "customer" && message.sequence > this.seen)
      .length;
  }

  /** Takes up the chat that this browser remembers, if there is one. */
  async resume() {
    const chat = this.#memory.read();
    if (!chat || this.#chat) return;
    this.#chat = chat;
    this.seen = chat.seen;
    await this.#catchUp();
    if (this.#chat === chat) this.#listen();
  }

  /** Says something; `payload` is a quick reply's, `files` go along. The text is shown at once and sent in its turn. */
  send(text, payload = null, files = []) {
    const sending = { clientId: newId(), text, payload, files, status: "sending", sentAt: new Date().toISOString() };
    this.type("");
    const entry = { at: Infinity, order: (this.#lastTick += 1), sending };
    this.#put(entry);
    this.#queue.push(entry);
    this.#pump();
  }

  /** What stands in the box: a person who has the chat sees it as it is typed; the assistant does not. */
  type(text) {
    clearTimeout(this.#typedTimer);
    if (this.state?.mode !== "human" || (!text && !this.#typedAt)) return;
    const tell = () => {
      this.#typedAt = text ? Date.now() : 0;
      this.#stream?.send({ type: "typing", text });
    };
    const wait = text ? this.#typedAt + TYPING_EVERY - Date.now() : 0;
    if (wait > 0) this.#typedTimer = setTimeout(tell, wait);
    else tell();
  }

  /** A file for the open case. */
  upload(file) {
    return this.#api.upload(this.#chat, file);
  }

  dropFile(id) {
    return this.#api.dropFile(this.#chat, id).catch(() => null); // one that stays is forgotten by the desk
  }

  fetchFile(id) {
    return this.#api.fetchFile(this.#chat, id);
  }

  async rate(rating) {
    this.#setState(await this.#api.rate(this.#chat, rating));
  }

  async leaveEmail(email) {
    this.#setState(await this.#api.leaveEmail(this.#chat, email));
  }

  get #last() {
    return this.entries.reduce((most, { message }) => Math.max(most, message ? message.sequence : 0), 0);
  }

  markSeen() {
    const last = Math.max(this.#last, this.seen);
    if (last === this.seen || !this.#chat) return;
    this.seen = last;
    this.#memory.write({ ...this.#chat, seen: last });
  }

  /** Has the desk erase the chat, and forgets it here. */
  async forget() {
    if (this.#chat) {
      await this.#api.forget(this.#chat).catch((error) => {
        if (!error.isGone) throw error;
      });
    }
    this.#reset("forgotten");
  }

  // --- what is shown ---------------------------------------------------------------------------------------------

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #put(entry) {
    if (!this.entries.includes(entry)) this.entries.push(entry);
    this.entries.sort((a, b) => a.at - b.at || (a.order ?? 0) - (b.order ?? 0));
    this.#tell("entry", entry);
  }

  #remove(entry) {
    const at = this.entries.indexOf(entry);
    if (at < 0) return;
    this.entries.splice(at, 1);
    this.#tell("removed", entry);
  }

  /** A line of our own below an entry, such as "the answer is delayed". */
  #note(text, below) {
    below.notes ??= [];
    if (below.notes.some(({ note }) => note === text)) return;
    const entry = { at: below.at, order: below.order + 0.1, note: text, sentAt: new Date().toISOString() };
    below.notes.push(entry);
    this.#put(entry);
  }

  #move(entry, at) {
    entry.at = at;
    for (const note of entry.notes ?? []) {
      note.at = at;
      this.#put(note);
    }
  }

  #add(message) {
    if (this.entries.some((entry) => entry.message && entry.message.id === message.id)) return;
    if (message.sender === "customer") {
      // Our own, back from the desk. Its words may differ: the desk masks card and insurance numbers.
      const own = this.#ownEntry(message);
      if (own) {
        own.message = message;
        own.sending.status = "sent";
        this.#move(own, message.sequence);
        this.#put(own);
        return;
      }
    } else if (message.sender === "system") {
      // The desk has put on record what its refusal had told us already.
      const told = this.entries.find(({ note }) => note === message.text);
      if (told) this.#remove(told);
    }
    this.#put({ at: message.sequence, order: 0, message });
  }

  #ownEntry(message) {
    const waiting = this.entries.filter(({ sending, message: known }) => sending && !known);
    return waiting.find(({ sending }) => isSame(sending.text, message.text));
  }

  #setState(state) {
    if (!state) return;
    this.state = state;
    if (this.writer && state.mode !== "human") this.#setTyping(false); // whoever was writing has left
    this.#tell("state", state);
  }

  #setTyping(on, writer = null) {
    clearTimeout(this.#typingTimer);
    this.writer = on ? writer : null;
    // Whoever went away while writing has not said that they stopped.
    if (on) this.#typingTimer = setTimeout(() => this.#setTyping(false), 45_000);
    if (this.typing === on) return;
    this.typing = on;
    this.#tell("typing", on);
  }

  #setConnected(on) {
    if (this.connected === on) return;
    this.connected = on;
    this.#tell("connection", on);
  }

  // --- to the desk -----------------------------------------------------------------------------------------------

  /** Sends what waits, one message after the other, in the order in which they were written. */
  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#queue.length) {
      const entry = this.#queue[0];
      if (this.state?.mode !== "human") this.#setTyping(true);
      await this.#deliver(entry);
      this.#queue = this.#queue.filter((other) => other !== entry);
    }
    this.#pumping = false;
    if (this.state?.mode !== "human") this.#setTyping(false);
  }

  /** Waits, but no longer than until the network or the desk is back. */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        removeEventListener("online", done);
        this.removeEventListener("connection", back);
        resolve();
      };
      const back = () => this.connected && done();
      const timer = setTimeout(done, milliseconds);
      addEventListener("online", done);
      this.addEventListener("connection", back);
    });
  }

  /** Sends one message until the desk has it or refuses it. Returns as soon as the next one may follow. */
  async #deliver(entry) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#post(entry);
        return;
      } catch (error) {
        if (!this.entries.includes(entry)) return; // the chat was forgotten meanwhile
        if (!(error instanceof Problem)) this.#setStatus(entry, "retrying");
        else if (error.isGone) {
          // Once only: a desk that does not know the new chat either is to be believed.
          if (entry.restarted || !this.#chat) return this.#refuse(entry, error);
          entry.restarted = true;
          this.#restart(entry);
          continue;
        } else if (error.status === 503 && error.detail && this.#chat) {
          // The desk has it. The answer comes over the stream; asking again fetches it where there is no stream.
          this.#note(error.detail, entry);
          this.#setStatus(entry, "sent");
          this.#askAgain(entry);
          return;
        } else if (error.status < 500) return this.#refuse(entry, error);
        else this.#setStatus(entry, "retrying");
        if (this.state?.mode !== "human") this.#setTyping(false);
        await this.#pause(backoff(attempt + 1));
      }
    }
  }

  async #post(entry) {
    const { sending } = entry;
    const chat = await this.#begin();
    const body = { text: sending.text, client_message_id: sending.clientId };
    if (sending.payload) body.payload = sending.payload;
    const { messages, state } = await this.#api.send(chat, body);
    if (this.#chat !== chat) return;
    this.#setStatus(entry, "sent");
    this.#stream?.hurry();
    // Its own number comes over the stream; until then it stands just before what came of it.
    if (!entry.message && messages.length) {
      this.#move(entry, messages[0].sequence - 0.5);
      this.#put(entry);
    }
    messages.forEach((message) => this.#add(message));
    this.#setState(state);
    if (!entry.message) setTimeout(() => !entry.message && this.#chat === chat && this.#catchUp(), 2000);
  }

  /** After a 503: the same message again, until its answer is there. */
  async #askAgain(entry) {
    for (let attempt = 2; this.entries.includes(entry); attempt += 1) {
      await this.#pause(backoff(attempt));
      if (entry.answered || !this.entries.includes(entry)) return;
      try {
        await this.#post(entry);
        return;
      } catch (error) {
        if (error.isGone) return;
        if (error.retryAfter) await this.#pause(error.retryAfter * 1000);
      }
    }
  }

  #setStatus(entry, status) {
    if (!entry || entry.sending.status === status) return;
    entry.sending.status = status;
    this.#put(entry);
  }

  #refuse(entry, problem) {
    this.#remove(entry);
    this.#tell("refused", { text: entry.sending.text, payload: entry.sending.payload, problem });
  }

  /** The conversation that messages go to; begun with the first of them, so that a mere visitor leaves no trace. */
  async #begin() {
    if (this.#chat) return this.#chat;
    // Another tab may have begun it a moment ago.
    this.#creating ??= (async () => {
      const known = this.#memory.read();
      const chat = known ?? { ...(await this.#api.create(this.#company, this.#locale)), seen: 0 };
      this.#memory.write(chat);
      this.#chat = chat;
      if (known) await this.#catchUp();
      if (this.#chat === chat) this.#listen();
    })().finally(() => (this.#creating = null));
    await this.#creating;
    return this.#chat ?? this.#begin();
  }

  // --- from the desk ---------------------------------------------------------------------------------------------

  #listen() {
    this.#stream?.close();
    const chat = this.#chat;
    this.#stream = new Stream({
      url: () => this.#api.streamUrl(chat, this.#cursor),
      token: chat.token,
      frame: (frame) => this.#take(frame),
      connected: (on) => this.#setConnected(on),
      catchUp: () => this.#catchUp(),
    });
  }

  #take({ type, message, state, on, author_name: writer }) {
    if (type === "message") {
      this.#cursor = Math.max(this.#cursor, message.sequence);
      this.#add(message);
      if (message.sender !== "customer") this.#answered(message);
    } else if (type === "state") this.#setState(state);
    else if (type === "typing") this.#setTyping(on, writer);
  }

  /** What the desk said after a delay answers the messages before it: there is no need to ask for it again. */
  #answered(message) {
    if (message.sender === "system") return;
    this.#setTyping(false);
    for (const entry of this.entries) if (entry.sending && entry.at < message.sequence) entry.answered = true;
  }

  /** Fetches what is missing by HTTP. Says whether the desk could be reached. */
  async #catchUp() {
    const chat = this.#chat;
    try {
      const { messages, state } = await this.#api.messages(chat, this.#cursor);
      if (this.#chat !== chat) return true;
      for (const message of messages) this.#take({ type: "message", message });
      this.#setState(state);
      return true;
    } catch (error) {
      if (this.#chat === chat && error.isGone) this.#reset("ended");
      return error.isGone === true;
    }
  }

  /** Another tab has begun, read or forgotten the chat. */
  #follow() {
    const chat = this.#memory.read();
    if (!chat && this.#chat) this.#reset("forgotten");
    else if (chat && !this.#chat) this.resume();
    else if (chat && chat.id !== this.#chat.id) {
      this.#reset("ended");
      this.resume();
    } else if (chat && chat.seen > this.seen) {
      this.seen = chat.seen;
      this.#tell("state", this.state);
    }
  }

  #leave() {
    this.#stream?.close();
    this.#stream = null;
    if (this.#chat) this.#memory.forget(this.#chat.id);
    this.#chat = null;
    this.#cursor = 0;
    this.seen = 0;
    this.state = null;
    this.#setTyping(false);
    this.#setConnected(true);
  }

  /** The chat is over; nothing of it is shown any more. */
  #reset(why) {
    this.#queue = [];
    this.entries = [];
    this.#leave();
    this.#tell("reset", why);
  }

  /** The desk does not know the chat any more, but the customer has just written: go on in a new one with that. */
  #restart(entry) {
    const waiting = this.#queue;
    this.#leave();
    this.entries = [];
    this.#tell("reset", "ended");
    for (const other of waiting.length ? waiting : [entry]) {
      other.sending.payload = null; // it was good for the old conversation only
      this.#put(other);
    }
  }
}
