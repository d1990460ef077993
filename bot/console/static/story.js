/* The story grows: what is new is fetched and put in its place; what is there stays as it is, unfolded quotes and all. */

export function startStory() {
  const list = document.getElementById("story");
  const box = document.getElementById("story-scroll");
  const newer = document.getElementById("newer");
  let running = false;
  let again = false;

  const nearEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const toEnd = () => {
    box.scrollTop = box.scrollHeight;
    newer.hidden = true;
  };

  async function grow(whole) {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      // A little before the last one, too: a message may have got its time before it was stored.
      const last = list.lastElementChild?.dataset.at;
      const after = last && !whole ? new Date(Date.parse(last) - 60_000).toISOString() : "";
      const answer = await fetch(`${list.dataset.story}?after=${encodeURIComponent(after)}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return;
      const fresh = document.createElement("template");
      fresh.innerHTML = await answer.text();
      const atEnd = nearEnd();
      const added = put(list, [...fresh.content.querySelectorAll(".entry")]);
      if (!added) return;
      if (atEnd) toEnd();
      else newer.hidden = false;
    } catch {
      /* The connection is lost: when it is back, the whole story is fetched. */
    } finally {
      running = false;
      if (again) {
        again = false;
        grow(false);
      }
    }
  }

  list.addEventListener("desk", () => grow(false));
  document.body.addEventListener("desk:back", () => grow(true));
  newer.addEventListener("click", () => {
    toEnd();
    box.focus();
  });
  let stuck = true;
  box.addEventListener(
    "scroll",
    () => {
      stuck = nearEnd();
      if (stuck) newer.hidden = true;
    },
    { passive: true },
  );
  // What appears below it takes room from it; whoever read the end still sees the end.
  new ResizeObserver(() => stuck && toEnd()).observe(box);
  toEnd();
  // On a phone the whole page scrolls: it begins with what was said last.
  const last = list.lastElementChild;
  if (last && last.getBoundingClientRect().bottom > innerHeight) last.scrollIntoView({ block: "center" });
}

/** Puts entries into the list by their time; how many were not there before. */
function put(list, entries) {
  let added = 0;
  for (const entry of entries) {
    if (document.getElementById(entry.id)) continue;
    const at = Date.parse(entry.dataset.at);
    const next = [...list.children].reverse().find((one) => Date.parse(one.dataset.at) <= at);
    if (next) next.after(entry);
    else list.prepend(entry);
    added += 1;
  }
  return added;
}
