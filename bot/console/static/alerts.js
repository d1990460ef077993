/* What concerns whoever sits here is said in a notice that leads there, and counted in the window's title while it is not seen. */
import { forget, toast } from "./toasts.js";
import { say } from "./words.js";

//: Nobody waits there any more.
const OVER = ["taken", "replied", "call_ended", "closed", "handed_back"];
const OWN = { assigned: "alert_assigned", handed_over: "alert_assigned" };

export function startAlerts() {
  const me = document.body.dataset.person;
  const here = document.querySelector("[data-ticket]")?.dataset.ticket;
  const title = document.title;
  let unseen = 0;

  function tell(words, ticket) {
    if (document.hidden) {
      unseen += 1;
      document.title = `(${unseen}) ${title}`;
    }
    if (ticket !== here) toast(say(words), "good", { link: `/desk/cases/${ticket}`, about: ticket });
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unseen = 0;
    document.title = title;
  });
  document.body.addEventListener("desk:ticket", ({ detail }) => {
    const { event, by, assignee, ticket } = detail;
    if (OVER.includes(event)) forget(ticket);
    if (!event || by === me) return;
    // A call is for whoever has the ticket, or for everybody while nobody has it.
    if (event === "called" && (!assignee || assignee === me)) tell("alert_called", ticket);
    if (assignee === me && OWN[event]) tell(OWN[event], ticket);
    if (detail.mentioned?.includes(me)) tell("alert_mentioned", ticket);
  });
  document.body.addEventListener("desk:late", ({ detail }) => {
    if (detail.assignee === me) tell(`alert_${detail.event}`, detail.ticket);
  });
}
