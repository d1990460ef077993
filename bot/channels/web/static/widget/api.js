/* The desk's chat API, call by call. */

/** The server's refusal: its status, and `detail` in words for the customer (RFC 9457). */
export class Problem extends Error {
  constructor(status, detail, retryAfter) {
    super(detail || `HTTP ${status}`);
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }

  /** Whether the conversation is not ours any more: forgotten, or its key is not good. */
  get isGone() {
    return [401, 403, 404].includes(this.status);
  }
}

export class Api {
  constructor(base) {
    this.base = base;
  }

  /** The companies with the state of their telephone desks. */
  companies() {
    return this.#call("GET", "api/v1/companies");
  }

  create(company, locale) {
    return this.#call("POST", "api/v1/conversations", { body: { company, locale } });
  }

  send({ id, token }, body) {
    return this.#call("POST", `api/v1/conversations/${id}/messages`, { token, body });
  }

  /** The conversation after that sequence number. */
  messages({ id, token }, after) {
    return this.#call("GET", `api/v1/conversations/${id}/messages?after=${after}`, { token });
  }

  forget({ id, token }) {
    return this.#call("DELETE", `api/v1/conversations/${id}`, { token });
  }

  streamUrl({ id }, after) {
    const url = new URL(`api/v1/conversations/${id}/stream?after=${after}`, this.base);
    url.protocol = url.protocol.replace("http", "ws");
    return url.href;
  }

  async #call(method, path, { token, body } = {}) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(new URL(path, this.base), {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: "omit",
    });
    if (response.status === 204) return null;
    // What is not JSON did not come from the desk but from something before it (a proxy's error page).
    const answer = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    throw new Problem(
      response.ok ? 502 : response.status,
      answer && answer.detail,
      Number(response.headers.get("Retry-After")) || null,
    );
  }
}
