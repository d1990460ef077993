/* The page behind a link in a mail: hands the key that came with it to the chat's memory in this tab, and to nobody else.
 *
 * It runs before the widget looks into that memory. The key is then nowhere on the page, and the page's address is one that
 * may be loaded again, which the link is not.
 */

import { Memory } from "./widget/memory.js";

const script = document.querySelector('script[data-company][src*="widget.js"]');
const { company } = script.dataset;
const memory = new Memory("session", new URL(".", script.src).href, company);
const handed = document.querySelector('meta[name="desk-case"]');
if (handed) {
  memory.write({ ...JSON.parse(handed.content), seen: 0 });
  handed.remove();
  history.replaceState(null, "", `/cases/${company}?lang=${document.documentElement.lang}`);
} else if (!memory.read()) {
  // Nothing is open in this tab; the company's own page is the place to begin.
  location.replace(`/demo/${company}?lang=${document.documentElement.lang}`);
}
