/* The one tag that a company puts on its pages:
 *
 *   <script src="https://desk.example/widget.js" data-company="jcom" defer></script>
 *
 * This file only finds out where it came from and with which wishes, and loads the rest from there.
 * It is a classic script, because document.currentScript is known to those only; the rest are modules.
 */
(() => {
  "use strict";
  // A script that a tag manager inserts has run before it is the current one in some browsers, hence the search.
  const script = document.currentScript || document.querySelector('script[data-company][src*="widget.js"]');
  if (!script || !script.dataset.company) {
    console.error('Inquiry desk: the script tag needs data-company="...".');
    return;
  }
  const base = new URL(".", script.src).href;
  // The server puts the version of its files here, so that they can be kept for good under an address of their own.
  const files = new URL("static/current/widget/", base).href;
  const { company, locale, theme, storage, position, open } = script.dataset;
  // A script of another origin has no base address for relative imports, so that these are absolute.
  const load = (name) => import(`${files}${name}.js`);
  const fetchAbout = async () => {
    const response = await fetch(new URL(`widget/${encodeURIComponent(company)}.json`, base), { credentials: "omit" });
    if (!response.ok) throw new Error(`no desk for data-company="${company}" (HTTP ${response.status})`);
    return response.json();
  };
  // All at once: what a module imports would else be asked for only when that module is here.
  const modules = ["api", "bubble", "casebar", "conversation", "dom", "files", "memory", "stream", "strings", "style", "text", "transcript"];
  Promise.all([load("element"), fetchAbout(), ...modules.map(load)])
    .then(([{ mount }, about]) => mount({ base, about, locale, theme, storage, position, open }))
    .catch((error) => console.error("Inquiry desk: the chat could not be loaded.", error));
})();
