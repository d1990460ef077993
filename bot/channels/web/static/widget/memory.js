/* What is remembered of a chat between two pages: its id and key, and how far it was read. Never a text. */

/** A storage that always works; some browsers refuse even to name localStorage. */
function openStorage(kind) {
  try {
    const storage = kind === "session" ? sessionStorage : localStorage;
    storage.setItem("desk-chat", "1");
    storage.removeItem("desk-chat");
    return storage;
  } catch {
    const held = new Map();
    return {
      getItem: (key) => held.get(key) ?? null,
      setItem: (key, value) => held.set(key, value),
      removeItem: (key) => held.delete(key),
    };
  }
}

export class Memory extends EventTarget {
  #storage;
  #key;

  /** `kind` "session" forgets with the tab: for telephones and computers that people share. */
  constructor(kind, base, company) {
    super();
    this.#storage = openStorage(kind);
    this.#key = `desk-chat ${base} ${company}`;
    // Fires for what other tabs do: one began the chat, forgot it, or read it.
    addEventListener("storage", (event) => {
      if (event.storageArea === this.#storage && (event.key === this.#key || event.key === null)) {
        this.dispatchEvent(new Event("change"));
      }
    });
  }

  /** {id, token, seen} or null. */
  read() {
    try {
      const kept = JSON.parse(this.#storage.getItem(this.#key));
      return kept && kept.id && kept.token ? { seen: 0, ...kept } : null;
    } catch {
      return null;
    }
  }

  write(chat) {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(chat));
    } catch {
      // A full or closed storage costs the resumption after a reload, not the chat.
    }
  }

  /** Forgets that chat; another that a second tab has begun meanwhile stays. */
  forget(id) {
    if (this.read()?.id === id) this.#storage.removeItem(this.#key);
  }
}
