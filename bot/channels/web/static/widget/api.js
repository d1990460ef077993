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

  /** A file for the open case; it goes along with the next message. */
  upload({ id, token }, file) {
    const form = new FormData();
    form.append("file", file, file.name);
    return this.#call("POST", `api/v1/conversations/${id}/attachments`, { token, form });
  }

  dropFile({ id, token }, file) {
    return this.#call("DELETE", `api/v1/conversations/${id}/attachments/${file}`, { token });
  }

  /** A file that the desk has sent, as a Blob. */
  async fetchFile({ id, token }, file) {
    const url = new URL(`api/v1/conversations/${id}/attachments/${file}`, this.base);
    const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, credentials: "omit" });
    if (!response.ok) throw new Problem(response.status);
    return response.blob();
  }

  rate({ id, token }, rating) {
    return this.#call("POST", `api/v1/conversations/${id}/rating`, { token, body: { rating } });
  }

  /** Where to tell of an answer; null takes it away. */
  leaveEmail({ id, token }, email) {
    return this.#call("PUT", `api/v1/conversations/${id}/contact`, { token, body: { email } });
  }

  streamUrl({ id }, after) {
    const url = new URL(`api/v1/conversations/${id}/stream?after=${after}`, this.base);
    url.protocol = url.protocol.replace("http", "ws");
    return url.href;
  }

  async #call(method, path, { token, body, form } = {}) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(new URL(path, this.base), {
      method,
      headers,
      body: form ?? (body && JSON.stringify(body)),
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
