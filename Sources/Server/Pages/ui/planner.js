// The panel in which the plan is made up: presets, chips, one operation's controls, the output, and the plan as text.

import { announce } from "./announce.js";
import { chips, move, select } from "./chips.js";
import { control } from "./controls.js";
import { copy } from "./copy.js";
import { byId, iconButton, make } from "./dom.js";
import { operations, output, stepLabel } from "./operations.js";
import { PRESETS, plan } from "./plan.js";

// How these are asked of people who save a picture.
const OUTPUT = {
  format: { about: null }, quality: { initial: 80 },
  background: { none: "White", about: "Behind what is transparent, in formats that cannot be." },
};

// On a narrow screen the pictures come first.
byId("planner").open = matchMedia("(min-width: 60rem)").matches;

export function start() {
  byId("presets").append(...PRESETS.map((preset) => make("button", { type: "button", click: () => {
    plan.set(preset);
    announce(`The plan is now: ${preset.name}`);
  } }, preset.name)));

  byId("catalog").querySelector("ul").append(...[...operations.values()].map(({ name, label, about }) => make("li", {},
    make("button", { type: "button", title: about, click: () => {
      const step = plan.add(name);
      byId("catalog").open = false;
      select(operations.get(name).parameters.length ? step : null);
      byId("steps").lastElementChild.querySelector(".open").focus();
      announce(`${label} is added`);
    } }, label))));

  const texts = { link: () => location.href, curl: () => plan.curl, json: () => JSON.stringify(plan.json) };
  for (const [name, text] of Object.entries(texts)) {
    byId(`copy-${name}`).addEventListener("click", ({ currentTarget }) => copy(text(), currentTarget));
  }
  chips.addEventListener("select", ({ detail }) => showStep(detail));
  plan.addEventListener("change", ({ detail }) => {
    if (detail === "shape") showOutput();
    showPlan();
  });
  // Somebody followed a link, or went back; what the page itself writes there is not told.
  addEventListener("hashchange", () => plan.readAddress());
}

function showPlan() {
  const { preset } = plan;
  PRESETS.forEach((other, index) => byId("presets").children[index].setAttribute("aria-pressed", String(other === preset)));
  byId("plan-words").textContent = preset?.name ?? (plan.steps.map((step) => stepLabel(step).name).join(", ") || "Nothing yet");
  byId("curl").textContent = plan.curl;
  byId("json").textContent = JSON.stringify(plan.json, null, 2);
}

/** The controls of the operation that is open, which may be none. */
function showStep(step) {
  const place = byId("step");
  if (!step) {
    place.replaceChildren();
    return;
  }
  const { label, about, parameters } = operations.get(step.type)
    ?? { label: step.type, about: "This service knows no such operation.", parameters: [] };
  place.replaceChildren(
    make("div", { class: "row" }, make("h4", {}, label),
      iconButton("earlier", `Move ${label} earlier`, () => move(step, plan.steps.indexOf(step) - 1)),
      iconButton("later", `Move ${label} later`, () => move(step, plan.steps.indexOf(step) + 1))),
    make("p", {}, about),
    ...parameters.map((parameter) => control(
      parameter, step[parameter.name], (value) => plan.give(step, parameter.name, value))));
  place.querySelector(".control")?.scrollIntoView({ block: "nearest" });
}

/** What the result is written as, but for what a step says already. */
function showOutput() {
  byId("output").replaceChildren(...Object.entries(OUTPUT).filter(([name]) => !plan.isFixed(name)).map(([name, more]) =>
    control({ ...output[name], ...more }, plan.output[name], (value) => plan.give(plan.output, name, value))));
}
