// The plan's operations as chips, in order. They are dragged by mouse, pen or finger, and moved with Alt and the arrow keys.

import { announce } from "./announce.js";
import { arrange, byId, iconButton, make } from "./dom.js";
import { operations, stepLabel } from "./operations.js";
import { plan } from "./plan.js";

const FIRM = 5; // pixels that a pointer moves before it drags

/** Tells "select" with the step whose parameters are wanted, or null. */
export const chips = new EventTarget();

const shown = new Map(); // a step -> its chip
let selected = null;

export function select(step) {
  selected = step;
  render();
  chips.dispatchEvent(new CustomEvent("select", { detail: step }));
}

function chipOf(step) {
  const open = make("button", { type: "button", class: "open", "aria-describedby": "steps-hint",
    click: () => select(selected === step ? null : step), keydown: (event) => onKey(event, step) });
  const chip = make("li", { class: "chip", pointerdown: (event) => startDrag(event, step) },
    make("span", { class: "grip", "aria-hidden": "true" }), open,
    iconButton("close", "", () => remove(step), { class: "bare small" }));
  shown.set(step, chip);
  return chip;
}

function render() {
  for (const step of shown.keys()) if (!plan.steps.includes(step)) shown.delete(step);
  arrange(byId("steps"), plan.steps.map((step) => shown.get(step) ?? chipOf(step)));
  plan.steps.forEach((step, index) => {
    const { name, values } = stepLabel(step);
    const [open, close] = shown.get(step).querySelectorAll("button");
    open.replaceChildren(name, values && make("span", {}, ` ${values}`));
    open.setAttribute("aria-label", `${index + 1}. ${name} ${values}`.trim());
    open.setAttribute("aria-expanded", String(step === selected));
    open.setAttribute("aria-controls", "step");
    close.setAttribute("aria-label", `Remove ${name}`);
    close.title = `Remove ${name}`;
  });
}

function remove(step) {
  const index = plan.steps.indexOf(step);
  const hadFocus = shown.get(step).contains(document.activeElement);
  plan.remove(step);
  announce(`${stepLabel(step).name} is removed`);
  const next = byId("steps").children[index] ?? byId("steps").lastElementChild ?? byId("catalog");
  if (hadFocus) next.querySelector(".open, summary").focus();
}

export function move(step, index) {
  plan.move(step, index);
  announce(`${stepLabel(step).name} is number ${plan.steps.indexOf(step) + 1} of ${plan.steps.length}`);
}

function onKey(event, step) {
  const way = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (event.altKey && way) move(step, plan.steps.indexOf(step) + way);
  else if (event.key === "Delete" || event.key === "Backspace") remove(step);
  else return;
  event.preventDefault();
}

/** Moves the step to where the pointer is, for as long as it is down. */
function startDrag(down, step) {
  // A finger on the chip may want to scroll; on its grip it wants to drag.
  if (down.button !== 0 || (down.pointerType === "touch" && !down.target.closest(".grip"))) return;
  const chip = shown.get(step);
  const listening = new AbortController();
  const { signal } = listening;
  let drags = false;

  addEventListener("pointermove", (event) => {
    drags ||= Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > FIRM;
    chip.classList.toggle("dragged", drags);
    const under = drags && document.elementFromPoint(event.clientX, event.clientY)?.closest(".chip");
    const index = [...byId("steps").children].indexOf(under);
    if (under && under !== chip && index >= 0 && isPast(event, under, index < plan.steps.indexOf(step))) move(step, index);
  }, { signal });
  const stop = () => {
    chip.classList.remove("dragged");
    listening.abort();
    if (!drags) return;
    // The click that ends a drag is none; it comes at once, or not at all.
    const swallow = (event) => event.stopPropagation();
    addEventListener("click", swallow, { capture: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
  };
  addEventListener("pointerup", stop, { signal });
  addEventListener("pointercancel", stop, { signal });
}

/** Whether the pointer is over the half that is farther away: a wide chip would else jump back and forth over a narrow one. */
function isPast(event, chip, isBefore) {
  const { left, width } = chip.getBoundingClientRect();
  return isBefore ? event.clientX < left + width / 2 : event.clientX > left + width / 2;
}

plan.addEventListener("change", () => {
  if (selected && !plan.steps.includes(selected)) select(null);
  else render();
});
