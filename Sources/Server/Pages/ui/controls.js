// One parameter's control, made of what the service says about it: a slider with a figure, a list, a switch or a colour.

import { make } from "./dom.js";
import { sentence } from "./words.js";

const NOTCHES = 1000;
const FAR = 4000; // as far as a slider goes; the figure goes on to the service's own limit

let made = 0;

/** A control that shows `value`, and tells `change` of another one; undefined where the parameter is left out. */
export function control(parameter, value, change) {
  const id = `control-${made += 1}`;
  const field = { number, choice, switch: toggle, color }[parameter.kind](parameter, value, change, id);
  return make("div", { class: `control ${parameter.kind}` },
    make("label", { for: id }, sentence(parameter.name)), field, parameter.about && make("p", { id: `${id}-about` }, parameter.about));
}

function number({ name, low, high, initial, isWhole, isOptional }, value, change, id) {
  const bottom = low ?? 0;
  const top = Math.min(high ?? 360, FAR);
  // Where what people want lies near the low end, the slider is fine there and coarse above.
  const bend = ((initial ?? bottom) - bottom) / (top - bottom) < 0.25 ? 2 : 1;
  const digits = isWhole ? 0 : 2;
  const valueAt = (notch) => Number((bottom + (top - bottom) * (notch / NOTCHES) ** bend).toFixed(digits));
  const notchOf = (value) => NOTCHES * ((Math.max(bottom, Math.min(top, value)) - bottom) / (top - bottom)) ** (1 / bend);

  const figure = make("input", { type: "number", id, min: low, max: high, step: isWhole ? 1 : "any", required: !isOptional,
    placeholder: "auto", "aria-describedby": `${id}-about`, input: () => { follow(); accept(); } });
  const slider = make("input", { type: "range", max: NOTCHES, step: "any", "aria-label": `${sentence(name)}, slider`,
    input: () => { figure.value = valueAt(slider.value); follow(); accept(); },
    // A notch of its own is often less than the figure shows.
    keydown: (event) => {
      const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      const notch = isWhole || top > 100 ? 1 : top / 100;
      figure.value = Number(Math.max(bottom, Math.min(top, Number(figure.value || bottom) + way * notch)).toFixed(digits));
      follow();
      accept();
    } });

  /** Has the slider stand where the figure says. */
  function follow() {
    if (document.activeElement !== slider || Number(figure.value) !== valueAt(slider.value)) slider.value = notchOf(Number(figure.value || initial));
    slider.setAttribute("aria-valuetext", figure.value || "auto");
  }

  function accept() {
    figure.setAttribute("aria-invalid", String(!figure.validity.valid));
    if (figure.validity.valid) change(figure.value === "" ? undefined : Number(figure.value));
  }

  figure.value = value ?? "";
  follow();
  return [figure, slider];
}

function choice({ choices, isOptional, initial, none = "As it is" }, value, change, id) {
  const select = make("select", { id, "aria-describedby": `${id}-about`, change: () => change(choices[select.value]) },
    isOptional && initial === undefined ? make("option", { value: "" }, none) : null,
    choices.map((choice, index) => make("option", { value: index, selected: choice === value }, String(choice))));
  return select;
}

function toggle(_, value, change, id) {
  const box = make("input", { type: "checkbox", role: "switch", id, "aria-describedby": `${id}-about`, checked: value === true,
    change: () => change(box.checked) });
  return box;
}

function color({ isOptional, none = "Transparent", beginning = "#ffffff" }, value, change, id) {
  const well = make("input", { type: "color", id, value: value ?? beginning, "aria-describedby": `${id}-about`,
    input: () => { if (clear) clear.checked = false; change(well.value); } });
  if (!isOptional) return well;
  const clear = make("input", { type: "checkbox", checked: value === undefined,
    change: () => change(clear.checked ? undefined : well.value) });
  return [make("label", { class: "small" }, clear, none), well];
}
