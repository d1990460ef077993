/* The chat as a plain text file, for the customer's own records. */

import { safeUrl } from "./text.js";

function indented(text, by) {
  return text.replace(/\r?\n/g, "\n" + by);
}

/** The file's text: who said what and when, and every citation with its place. */
export function writeTranscript({ entries, say, senderOf, dates, base }) {
  const when = new Intl.DateTimeFormat(dates, { dateStyle: "medium", timeStyle: "short" });
  const lines = [say("transcriptTitle"), say("transcriptSaved", { when: when.format(new Date()) }), ""];
  for (const { message, sending, note, sentAt } of entries) {
    const text = message ? message.text : sending ? sending.text : note;
    const at = message ? message.sent_at : sending ? sending.sentAt : sentAt;
    const who = note ? say("system") : senderOf(message ? message.sender : "customer", message?.author_name);
    lines.push(`[${when.format(new Date(at))}] ${who}:`, "    " + indented(text, "    "));
    for (const { name } of message?.attachments ?? []) lines.push(`    [${say("file")}: ${name}]`);
    for (const citation of message?.citations ?? []) {
      const place = [citation.document, citation.section, citation.version && say("version", { date: citation.version })];
      lines.push(
        "",
        `    ${say("source")}: ${place.filter(Boolean).join(" – ")}`,
        `    > ${indented(citation.quote, "    > ")}`,
        `    ${safeUrl(citation.url, base) ?? ""}`,
      );
    }
    lines.push("");
  }
  return lines.join("\n");
}

/** Gives the browser a text to save. */
export function saveFile(name, text) {
  saveBlob(name, new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" }));
}

/** Gives the browser a file to save. */
export function saveBlob(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
