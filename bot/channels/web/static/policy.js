/* Marks the words that a citation quotes.
 *
 * A link from the chat ends in "#c12:mark=<the quote>". The address is first made the plain "#c12", so that the browser
 * itself goes to the clause and highlights it, and so that it is the plain one which is copied and shared. A quote
 * stands in the fragment, since that part of an address is never sent to a server.
 */
"use strict";

const MARK = ":mark=";

/** Wraps the quote in <mark> where it touches the element; white space counts for nothing. */
function markQuote(element, quote) {
  const walker = document.createTreeWalker(element.closest("article"), NodeFilter.SHOW_TEXT);
  const letters = []; // every character but white space, with its place
  let inside = -1; // where the element's last letter stands among them
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (let at = 0; at < node.data.length; at += 1) {
      if (/\S/.test(node.data[at])) letters.push([node, at]);
    }
    if (element.contains(node)) inside = letters.length - 1;
  }
  const first = letters.findIndex(([node]) => element.contains(node));
  const all = letters.map(([node, at]) => node.data[at]).join("");
  const wanted = quote.replace(/\s+/g, "");
  // The same words may stand more than once, and a quote may begin in the heading above its clause.
  let found = wanted ? all.indexOf(wanted) : -1;
  while (found >= 0 && found + wanted.length <= first) found = all.indexOf(wanted, found + 1);
  if (found < 0 || found > inside) return;
  const spans = new Map(); // text node -> [from, to]
  for (const [node, at] of letters.slice(found, found + wanted.length)) {
    spans.set(node, [spans.get(node)?.[0] ?? at, at + 1]);
  }
  for (const [node, [from, to]] of spans) {
    const range = new Range();
    range.setStart(node, from);
    range.setEnd(node, to);
    range.surroundContents(document.createElement("mark"));
  }
}

function follow() {
  const [anchor, quote] = location.hash.slice(1).split(MARK);
  if (quote === undefined) return;
  location.replace(`#${anchor}`);
  const element = document.getElementById(anchor);
  if (!element) return;
  for (const mark of document.querySelectorAll("mark")) mark.replaceWith(...mark.childNodes);
  document.querySelector("article").normalize();
  try {
    markQuote(element, decodeURIComponent(quote));
  } catch {
    // A mistyped address is no reason to show no policy.
  }
}

addEventListener("hashchange", follow);
follow();

// Room for the contents beside the text: they are unfolded there.
const contents = document.querySelector(".contents details");
const roomy = matchMedia("(min-width: 62rem)");
const unfold = () => (contents.open = roomy.matches);
roomy.addEventListener("change", unfold);
unfold();
