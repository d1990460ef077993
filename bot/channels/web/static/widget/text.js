/* A message's plain text as elements: paragraphs, "- " lists and links. Whatever else it holds stays text. */

import { h } from "./dom.js";

const ADDRESS = /https?:\/\/[^\s<>"'`「」『』（）【】。、]+/gi;

/** The text as strings and links, in order. */
export function linked(text) {
  const parts = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutTail(found);
    const url = safeUrl(address);
    if (!url) continue;
    parts.push(text.slice(from, index), outsideLink(url, address));
    from = index + address.length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== "");
}

/** A sentence's full stop, or the bracket around an address, is not part of it. */
function withoutTail(address) {
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1];
    if (".,;:!?…*_~".includes(last)) continue;
    const opening = { ")": "(", "]": "[", "}": "{" }[last];
    if (!opening || address.slice(0, end).split(opening).length >= address.slice(0, end).split(last).length) break;
  }
  return address.slice(0, end);
}

/** The address made absolute, if it is one of the web's; null for javascript: and the like. */
export function safeUrl(address, base) {
  try {
    const url = new URL(address, base);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function outsideLink(url, ...children) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** The text's blocks: `p` for lines that belong together, `ul` for lines that begin with "- ". */
export function blocks(text) {
  const made = [];
  let lines = [];
  let items = [];
  const flush = () => {
    if (lines.length) made.push(h("p", {}, linked(lines.join("\n"))));
    if (items.length) made.push(h("ul", {}, items.map((item) => h("li", {}, linked(item)))));
    lines = [];
    items = [];
  };
  for (const line of text.split(/\r?\n/)) {
    const item = /^\s*[-•]\s+(.*)$/.exec(line);
    if (item ? lines.length : items.length) flush();
    if (item) items.push(item[1]);
    else if (line.trim()) lines.push(line);
    else flush();
  }
  flush();
  return made;
}
