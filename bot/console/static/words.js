/* The words of the scripts, in the page's language: the server put them into a meta tag. */
const words = JSON.parse(document.querySelector('meta[name="words"]')?.content || "{}");

export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
