/* How the widget looks. Constructable style sheets are no inline styles, so that a strict policy of the page lets them
 * be. A page may set the variables of the first block on <desk-chat> or on :root:
 *
 *   --desk-accent, --desk-on-accent   the colour of launcher, header mark and the customer's words; the text on it
 *   --desk-font, --desk-radius        typeface and roundness
 *   --desk-edge, --desk-layer         distance from the window's edge; z-index
 */

const CSS = `
:host {
  all: initial;
  --accent: var(--desk-accent, var(--company, #1f5fa8));
  --on-accent: var(--desk-on-accent, #fff);
  --radius: var(--desk-radius, 18px);
  --edge: var(--desk-edge, 20px);
  position: fixed;
  inset: auto var(--edge) var(--edge) auto;
  z-index: var(--desk-layer, 2147483000);
  font-family: var(--desk-font, system-ui, -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "Noto Sans CJK JP",
    "Noto Sans JP", "Yu Gothic UI", Meiryo, sans-serif);
  font-size: 15px;
  line-height: 1.5;
  -webkit-text-size-adjust: 100%;
}
:host([position="left"]) { inset: auto auto var(--edge) var(--edge); }
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }

.root {
  color-scheme: light;
  --surface: #fff;
  --raised: #f4f5f7;
  --sunken: #eceef1;
  --line: #dcdfe4;
  --control: #868d98;
  --text: #1b1f26;
  --quiet: #565d69;
  --ink: var(--accent);
  --wash: #eef3f9;
  --bad: #a8261c;
  --warn: #6d4a00;
  --warn-wash: #fdf4de;
  --shadow: 0 1px 2px rgb(16 24 40 / 8%), 0 12px 40px rgb(16 24 40 / 18%);
  color: var(--text);
}
.root.dark {
  color-scheme: dark;
  --surface: #16191f;
  --raised: #22262e;
  --sunken: #2a2f38;
  --line: #353b46;
  --control: #7d8592;
  --text: #e9ebef;
  --quiet: #a8afbb;
  --ink: #9cc3f2;
  --wash: #1d2531;
  --bad: #ff9d94;
  --warn: #f3d28a;
  --warn-wash: #332a15;
  --shadow: 0 0 0 1px #353b46, 0 16px 48px rgb(0 0 0 / 55%);
}
@supports (color: color-mix(in oklab, red, white)) {
  .root { --wash: color-mix(in oklab, var(--accent) 7%, white); }
  .root.dark {
    --ink: color-mix(in oklab, var(--accent) 38%, white);
    --wash: color-mix(in oklab, var(--accent) 18%, #16191f);
  }
}

h2, h3, p, ul, blockquote { margin: 0; padding: 0; font: inherit; }
ul { list-style: none; }
button, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
button { cursor: pointer; border: 0; background: none; padding: 0; touch-action: manipulation; }
button:disabled { cursor: default; }
a { color: var(--ink); text-underline-offset: 2px; }
.icon { width: 20px; height: 20px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round; }
.icon-more { stroke-width: 3; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.panel:focus-visible { outline-offset: -2px; }

/* Launcher */
.launcher { position: relative; display: flex; align-items: center; gap: 9px; min-height: 54px; padding: 0 22px 0 18px;
  border-radius: 27px; background: var(--accent); color: var(--on-accent); font-weight: 600;
  box-shadow: 0 2px 6px rgb(16 24 40 / 18%), 0 8px 24px rgb(16 24 40 / 20%); transition: transform .15s, box-shadow .15s; }
.launcher:hover { transform: translateY(-2px); }
.launcher .icon { width: 24px; height: 24px; }
.launcher:focus-visible { outline: 3px solid var(--on-accent); outline-offset: -5px;
  box-shadow: 0 0 0 3px var(--accent), 0 0 0 5px var(--on-accent); }
.badge { position: absolute; inset: -5px -3px auto auto; min-width: 24px; height: 24px; padding: 0 6px; border-radius: 12px;
  background: #c0271d; color: #fff; font-size: 13px; font-weight: 700; line-height: 24px; text-align: center;
  box-shadow: 0 0 0 2px var(--surface); }

/* Panel */
.panel { position: fixed; inset: auto var(--edge) var(--edge) auto; display: flex; flex-direction: column;
  width: 408px; max-width: calc(100vw - 2 * var(--edge)); height: min(700px, 100vh - 2 * var(--edge));
  height: min(700px, 100dvh - 2 * var(--edge));
  background: var(--surface); border-radius: var(--radius); box-shadow: var(--shadow); overflow: hidden;
  animation: rise .18s ease-out; transition: width .18s, height .18s; }
:host([position="left"]) .panel { inset: auto auto var(--edge) var(--edge); }
.panel.large { width: 720px; height: calc(100vh - 2 * var(--edge)); height: calc(100dvh - 2 * var(--edge)); }
@keyframes rise { from { opacity: 0; transform: translateY(12px) scale(.985); } }

.header { position: relative; z-index: 2; display: flex; align-items: center; gap: 2px; flex: none;
  padding: 12px 10px 12px 16px; border-bottom: 1px solid var(--line); }
.mark { display: grid; place-items: center; flex: none; width: 38px; height: 38px; margin-right: 10px; border-radius: 12px;
  background: var(--accent); color: var(--on-accent); font-weight: 700; font-size: 18px; text-transform: uppercase; }
.titles { flex: 1; min-width: 0; }
h2 { font-size: 16px; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere; }
.subtitle { font-size: 13px; line-height: 1.35; color: var(--quiet); }
.tool { display: grid; place-items: center; flex: none; width: 38px; height: 38px; border-radius: 10px; color: var(--quiet); }
.tool:hover, .tool[aria-expanded="true"] { background: var(--raised); color: var(--text); }
.menu { position: absolute; inset: calc(100% - 6px) 10px auto auto; min-width: 230px; padding: 6px; border-radius: 14px;
  background: var(--surface); border: 1px solid var(--line); box-shadow: var(--shadow); }
.item { display: flex; align-items: center; gap: 12px; width: 100%; min-height: 42px; padding: 6px 12px; border-radius: 9px;
  color: var(--text); text-align: left; text-decoration: none; }
.item .icon { color: var(--quiet); }
.item:hover:not(:disabled) { background: var(--raised); }
.item:disabled { color: var(--control); }

.strip { padding: 7px 16px; font-size: 13.5px; white-space: pre-line; background: var(--wash); border-bottom: 1px solid var(--line); }
.strip > span { display: inline-block; max-width: 100%; }
.strip.lost { display: flex; align-items: center; gap: 9px; background: var(--warn-wash); color: var(--warn); }
.pulse { width: 9px; height: 9px; border-radius: 50%; background: currentColor; animation: pulse 1.2s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .25; } }

/* Conversation */
.body { position: relative; flex: 1; min-height: 0; display: flex; }
.scroller { position: relative; flex: 1; min-width: 0; padding: 18px 16px 14px; overflow-y: auto; overscroll-behavior: contain;
  scroll-padding: 14px;
  overflow-wrap: anywhere; scrollbar-width: thin; scrollbar-color: var(--control) transparent; }
.scroller:focus-visible { outline-offset: -3px; border-radius: 6px; }
.intro { padding-bottom: 6px; }
.hello { font-size: 19px; font-weight: 650; line-height: 1.35; word-break: auto-phrase; }
.points { display: grid; gap: 10px; margin: 12px 0 14px; padding: 14px; border-radius: 14px; background: var(--raised);
  font-size: 14px; }
.points li { display: flex; gap: 11px; }
.points .icon { margin-top: 1px; color: var(--ink); }
.points strong { font-weight: 600; }
.ways { display: flex; flex-wrap: wrap; gap: 6px 18px; font-size: 14px; }
.ways > * { display: inline-flex; align-items: center; gap: 7px; min-height: 28px; color: var(--ink); }
.ways .icon { width: 18px; height: 18px; }
.way { text-decoration: underline; text-underline-offset: 2px; }
.starters { margin-top: 18px; display: flex; flex-direction: column; align-items: flex-start; gap: 8px; }
.starters h3 { font-size: 13px; font-weight: 600; color: var(--quiet); }
.starter, .quick { min-height: 36px; padding: 6px 15px; border: 1px solid var(--ink); border-radius: 18px; color: var(--ink);
  text-align: left; line-height: 1.4; background: var(--surface); }
.starter:hover, .quick:hover:not(:disabled) { background: var(--wash); }
.quick:disabled { border-color: var(--line); color: var(--quiet); }
.quick[data-chosen]:disabled { border-color: var(--control); background: var(--raised); }
.quicks { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }

.day { display: flex; justify-content: center; margin: 20px 0 4px; color: var(--quiet); font-size: 12.5px; }
.turn { margin-top: 16px; animation: come .16s ease-out; }
@keyframes come { from { opacity: 0; transform: translateY(5px); } }
.meta { display: flex; gap: 8px; align-items: baseline; margin: 0 3px 4px; font-size: 12.5px; color: var(--quiet); }
.sender { font-weight: 600; }
.bubble { width: fit-content; max-width: 100%; padding: 10px 14px; border-radius: 5px 16px 16px 16px; background: var(--raised); }
.bubble > * + * { margin-top: .6em; }
.bubble p { white-space: pre-wrap; }
.bubble ul { padding-left: 1.1em; list-style: disc; }
.bubble li + li { margin-top: .25em; }
.staff .bubble { background: var(--wash); box-shadow: inset 3px 0 0 var(--ink); }
.customer { display: flex; flex-direction: column; align-items: flex-end; }
.customer .meta { flex-direction: row-reverse; }
.customer .sender { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.customer .bubble { max-width: 86%; border-radius: 16px 16px 5px 16px; background: var(--accent); color: var(--on-accent); }
.customer .bubble a { color: inherit; }
.status { margin-top: 3px; font-size: 12.5px; color: var(--quiet); }
.status.retrying { color: var(--bad); }
.note { display: flex; gap: 10px; margin-top: 16px; padding: 9px 12px; border-radius: 12px; background: var(--warn-wash);
  color: var(--warn); font-size: 14px; animation: come .16s ease-out; }
.note .icon { width: 18px; height: 18px; margin-top: 2px; }
.note p { white-space: pre-wrap; }
.note.news { background: var(--raised); color: var(--text); }
.note.news .icon { color: var(--ink); }

.citations { display: grid; grid-template-columns: minmax(0, 1fr); gap: 6px; margin-top: 10px; }
.source { margin: 0 3px -2px; font-size: 12.5px; font-weight: 600; color: var(--quiet); }
.citation { border: 1px solid var(--line); border-radius: 12px; font-size: 14px; }
.citation[open] { border-color: var(--control); }
summary { display: flex; align-items: center; gap: 7px; min-height: 38px; padding: 7px 12px 7px 9px; border-radius: 11px;
  cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--raised); }
summary .icon { width: 16px; height: 16px; color: var(--quiet); transition: transform .15s; }
.citation[open] summary .icon { transform: rotate(90deg); }
.preview { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--ink); }
.section { display: none; min-width: 0; font-weight: 600; line-height: 1.4; }
.citation[open] .preview { display: none; }
.citation[open] .section { display: block; }
.unfolded { padding: 1px 14px 12px; }
blockquote { padding: 1px 0 1px 13px; border-left: 3px solid var(--ink); white-space: pre-line; line-height: 1.55; }
.place { margin-top: 10px; font-size: 13px; color: var(--quiet); }
.go { margin-top: 5px; }
.go a { display: inline-flex; align-items: center; gap: 6px; min-height: 26px; }
.go .icon { width: 15px; height: 15px; }

.typing { display: flex; align-items: center; gap: 9px; margin-top: 16px; font-size: 13px; color: var(--quiet); }
.dots { display: inline-flex; gap: 5px; padding: 14px 15px; border-radius: 5px 16px 16px 16px; background: var(--raised); }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--quiet); animation: dot 1.2s ease-in-out infinite; }
.dots i:nth-child(2) { animation-delay: .15s; }
.dots i:nth-child(3) { animation-delay: .3s; }
@keyframes dot { 0%, 60%, 100% { opacity: .35; transform: none; } 30% { opacity: 1; transform: translateY(-3px); } }
.latest { position: absolute; inset: auto auto 10px 50%; transform: translateX(-50%); display: flex; align-items: center; gap: 6px;
  min-height: 34px; padding: 0 15px 0 11px; border-radius: 17px; background: var(--text); color: var(--surface); font-size: 13.5px;
  font-weight: 600; box-shadow: 0 3px 12px rgb(16 24 40 / 25%); white-space: nowrap; }
.latest .icon { width: 16px; height: 16px; }

/* The case: an address for the answer, a rating */
.case { position: relative; flex: none; display: grid; gap: 8px; padding: 9px 14px; border-top: 1px solid var(--line); background: var(--raised);
  font-size: 14px; }
.case .told:empty { display: none; }
.acts { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; }
.act { display: inline-flex; align-items: center; gap: 7px; min-height: 36px; padding: 4px 13px; border: 1px solid var(--control);
  border-radius: 18px; background: var(--surface); }
.act:hover { background: var(--wash); }
.act .icon, .file .icon, .files .icon { width: 18px; height: 18px; }
.act.main { border-color: transparent; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.rate[aria-pressed="true"] { border-color: var(--ink); background: var(--wash); box-shadow: inset 0 0 0 1px var(--ink);
  font-weight: 600; }
.acts:has(.putoff) { padding-right: 34px; }
.putoff { position: absolute; inset: 8px 6px auto auto; }
.address { display: grid; gap: 7px; }
.address .line { padding: 0; }
.address label { font-weight: 600; }
input[type="email"] { width: 100%; min-height: 38px; padding: 6px 14px; border: 0; border-radius: 22px; outline: 0; background: none;
  color: inherit; font: inherit; font-size: 16px; }
.hint { font-size: 13px; color: var(--quiet); }
.composer .hint { margin: 6px 8px 0; }

/* Files */
.sent, .files { display: grid; gap: 6px; margin-top: 8px; }
.files { margin: 0 4px 8px; }
.file, .files li { display: flex; align-items: center; gap: 8px; width: fit-content; max-width: 100%; min-height: 38px;
  padding: 5px 12px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); font-size: 14px;
  text-align: left; }
button.file { border-color: var(--control); color: var(--ink); }
button.file:hover { background: var(--wash); }
.files li { padding-right: 2px; }
.name { min-width: 0; overflow-wrap: anywhere; }
.size { flex: none; color: var(--quiet); font-size: 13px; }
.clip { display: grid; place-items: center; flex: none; width: 36px; height: 36px; border-radius: 50%; color: var(--quiet); }
.clip:hover { background: var(--raised); color: var(--text); }

/* Composer */
.composer { flex: none; padding: 10px 12px 12px; border-top: 1px solid var(--line); }
.line { display: flex; align-items: flex-end; gap: 6px; padding: 4px; border: 1px solid var(--control); border-radius: 22px;
  background: var(--surface); }
.line:focus-within { border-color: var(--ink); box-shadow: 0 0 0 1px var(--ink); }
textarea { flex: 1; min-width: 0; max-height: 168px; padding: 6px 4px 6px 12px; border: 0; outline: 0; background: none; resize: none;
  font-size: 16px; line-height: 1.45; } /* below 16px an iPhone zooms into the page */
.clip:not([hidden]) + textarea { padding-left: 2px; }
textarea:focus-visible { outline: 0; } /* the line around it shows the focus */
textarea::placeholder { color: var(--quiet); opacity: 1; }
.send { display: grid; place-items: center; flex: none; width: 36px; height: 36px; border-radius: 50%; background: var(--accent);
  color: var(--on-accent); }
.send[aria-disabled="true"] { background: var(--sunken); color: var(--quiet); cursor: default; }
.counter { margin: 6px 8px 0; font-size: 13px; color: var(--quiet); text-align: right; }
.counter.over, .problem { color: var(--bad); }
.problem { font-size: 14px; }
.problem:not(:empty) { margin: 0 6px 9px; }

.confirm { position: absolute; inset: auto 0 0; z-index: 3; padding: 20px; border-top: 1px solid var(--line);
  border-radius: 18px 18px 0 0; background: var(--surface); box-shadow: 0 -2px 24px rgb(16 24 40 / 16%); animation: rise .16s ease-out; }
.asking .body, .asking .composer { opacity: .35; }
.confirm h3 { font-size: 17px; font-weight: 650; }
.confirm p { margin-top: 6px; }
.choice { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 16px; }
.choice button { flex: 1; min-height: 42px; padding: 0 16px; border-radius: 12px; font-weight: 600; white-space: nowrap; }
.keep { background: var(--raised); }
.yes { background: #b3261e; color: #fff; }

@media (max-width: 479.98px), (max-height: 479.98px) {
  .launcher .word { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .launcher { width: 58px; height: 58px; padding: 0; border-radius: 50%; justify-content: center; }
  .panel, .panel.large, :host([position="left"]) .panel { inset: var(--top, 0) 0 auto; width: auto; max-width: none;
    height: var(--height, 100vh); border-radius: 0; transition: none; }
  .header { padding: 8px 6px 8px 12px; }
  .tool { width: 42px; height: 42px; }
  .grow { display: none; }
  .composer { padding-bottom: max(12px, env(safe-area-inset-bottom)); }
}
@media (max-height: 359.98px) {
  .mark, .subtitle { display: none; }
  .header { padding-block: 2px; }
  .composer { padding-block: 6px; }
  textarea { max-height: 62px; }
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .launcher, .bubble, .panel, .send, .starter, .quick, .choice button, .note, .act, .file { border: 1px solid; }
}
@media print { :host { display: none; } }
`;

/** The company's own colour, for pages that don't set --desk-accent. */
export function colourSheet(colour) {
  return /^#[0-9a-f]{6}$/i.test(colour ?? "") ? `:host { --company: ${colour}; }` : "";
}

/** Gives the shadow root its looks. */
export function dress(root, ...more) {
  const sheets = [CSS, ...more];
  if ("adoptedStyleSheets" in root) {
    root.adoptedStyleSheets = sheets.map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    return;
  }
  // Safari before 16.4 has none; there a page's policy has to allow inline styles.
  root.append(...sheets.map((text) => Object.assign(document.createElement("style"), { textContent: text })));
}
