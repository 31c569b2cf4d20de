// What the operator has the service do: each order is said to have been done, or why not, where everybody notices.

import { announce } from "./announce.js";
import { byId } from "./dom.js";
import { capital } from "./words.js";

const STAY = 8000; // milliseconds that a note is there

let leaving = null;

/** Shows and says one sentence. */
export function tell(sentence, isTrouble = false) {
  const note = byId("note");
  clearTimeout(leaving);
  note.textContent = sentence;
  note.classList.toggle("reason", isTrouble);
  note.hidden = false;
  leaving = setTimeout(() => { note.hidden = true; }, STAY);
  announce(sentence);
}

/** Does what a button is for, once at a time. -> what it became; undefined where it was refused */
export async function carryOut(button, act, done) {
  if (button.getAttribute("aria-disabled") === "true") return undefined;
  // A button that is truly disabled would lose the focus.
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await act();
    if (done) tell(done);
    return answer ?? null;
  } catch (problem) {
    tell(capital(problem.message), true);
    return undefined;
  } finally {
    button.removeAttribute("aria-disabled");
  }
}
