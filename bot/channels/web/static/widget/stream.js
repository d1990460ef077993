/* The live line of one conversation: a WebSocket that comes back by itself and goes on where it stopped. */

const QUICKLY = 500;
const SLOWLY = 15_000;

/** The pause before the nth attempt: doubling, with chance in it so that a thousand widgets don't return as one. */
export function backoff(attempt) {
  const most = Math.min(SLOWLY, QUICKLY * 2 ** attempt);
  return most / 2 + (Math.random() * most) / 2;
}

export class Stream {
  #socket = null;
  #timer = null;
  #attempt = 0;
  #closed = false;
  #wasUp = false;
  #everUp = false;

  /**
   * `url()` gives the address with the place to resume from, `frame(data)` takes each frame, `connected(bool)`
   * hears of the line's state, and `catchUp()` fetches by HTTP what is missing, or tells that the chat is gone.
   */
  constructor({ url, token, frame, connected, catchUp }) {
    Object.assign(this, { url, token, frame, connected, catchUp });
    addEventListener("online", this.#wake);
    addEventListener("offline", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    // A page with an open line can't be kept for the Back button; whoever comes back gets a new line.
    addEventListener("pagehide", this.#sleep);
    addEventListener("pageshow", this.#wake);
    this.#open();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    removeEventListener("online", this.#wake);
    removeEventListener("offline", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    removeEventListener("pagehide", this.#sleep);
    removeEventListener("pageshow", this.#wake);
    this.#socket?.close();
  }

  /** Sends a frame if the line is up; what it says is worth nothing later. */
  send(frame) {
    if (this.#wasUp && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #open() {
    let socket;
    try {
      socket = new WebSocket(this.url());
    } catch {
      // The page's policy forbids WebSockets to the desk: messages are then fetched by HTTP, a little later.
      this.#again(null);
      return;
    }
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "auth", token: this.token }));
      // A server may have nothing to say for long: a line that stays open for a moment after our key is good. But
      // only one that lasts is reason to come back quickly when it breaks.
      setTimeout(() => socket.readyState === WebSocket.OPEN && this.#up(), 1000);
      setTimeout(() => socket.readyState === WebSocket.OPEN && (this.#attempt = 0), 5000);
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      const frame = JSON.parse(data);
      if (frame.type === "error") return; // the line is closed next, and HTTP then tells what is wrong
      this.#up();
      this.frame(frame);
    };
    socket.onclose = () => this.#again(socket);
  }

  #up() {
    this.#wasUp = true;
    this.#everUp = true;
    this.connected(true);
  }

  async #again(socket) {
    if (this.#closed || (socket && this.#socket !== socket)) return;
    this.#socket = null;
    if (this.#wasUp) this.connected(false);
    this.#wasUp = false;
    clearTimeout(this.#timer);
    const pause = backoff(this.#attempt);
    this.#attempt += 1;
    this.#timer = setTimeout(async () => {
      // HTTP first: it tells a forgotten chat (404) from a broken line, and where only the WebSocket is blocked
      // it brings the messages, so that the customer need not be told of any trouble.
      const reached = await this.catchUp();
      if (this.#closed) return;
      this.connected(reached);
      if (this.#socket) return;
      // A WebSocket that has never come up is likely forbidden: HTTP has to do, and the line is tried now and then.
      if (this.#everUp || this.#attempt < 4 || this.#attempt % 10 === 0) this.#open();
      else this.#again(null);
    }, pause);
  }

  #sleep = () => {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#timer);
    socket?.close();
  };

  /** The network or the reader came back: try at once. Gone offline: don't wait for the line's own timeout. */
  #wake = () => {
    if (this.#closed) return;
    if (!navigator.onLine) {
      const socket = this.#socket;
      this.#wasUp = true;
      this.#again(socket);
      socket?.close();
    } else if (document.visibilityState === "visible") this.hurry();
  };

  /** The desk has just been reached another way: there is no need to wait. */
  hurry() {
    if (this.#closed || this.#socket) return;
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#open();
  }
}
