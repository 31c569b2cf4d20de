// One parameter's control, made of what the service says about it: a slider with a figure, a list, a switch, a colour or a
// file.

import { files } from "./api.js";
import { make } from "./dom.js";
import { sentence } from "./words.js";

const NOTCHES = 1000;
const FAR = 4000; // as far as a slider goes; the figure goes on to the service's own limit

let made = 0;

/** A control that shows `value`, and tells `change` of another one; undefined where the parameter is left out. */
export function control(parameter, value, change) {
  const id = `control-${made += 1}`;
  const about = parameter.about && make("p", { id: `${id}-about` }, parameter.about);
  const names = { id, "aria-describedby": about ? about.id : null };
  const fields = { number, choice, switch: toggle, color, file }[parameter.kind](parameter, value, change, names);
  return make("div", { class: `control ${parameter.kind}` }, make("label", { for: id }, sentence(parameter.name)), fields, about);
}

function number({ name, low, high, initial, isWhole, isOptional }, value, change, names) {
  const bottom = low ?? 0;
  const top = Math.min(high ?? 360, FAR);
  // Where what people want lies near the low end, the slider is fine there and coarse above.
  const bend = ((initial ?? bottom) - bottom) / (top - bottom) < 0.25 ? 2 : 1;
  const within = (value) => Math.max(bottom, Math.min(top, value));
  const rounded = (value) => Number(value.toFixed(isWhole ? 0 : 2));
  const valueAt = (notch) => rounded(bottom + (top - bottom) * (notch / NOTCHES) ** bend);
  const notchOf = (value) => NOTCHES * ((within(value) - bottom) / (top - bottom)) ** (1 / bend);

  const figure = make("input", { type: "number", ...names, min: low, max: high, step: isWhole ? 1 : "any", value,
    required: !isOptional, placeholder: "auto", input: () => settle() });
  const slider = make("input", { type: "range", max: NOTCHES, step: "any", "aria-label": `${sentence(name)}, slider`,
    input: () => settle(valueAt(slider.value)),
    // A notch of its own is often less than the figure shows.
    keydown: (event) => {
      const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      settle(rounded(within(Number(figure.value || bottom) + way * (isWhole || top > 100 ? 1 : top / 100))));
    } });

  /** Has both show the same, which is the figure's where no other is given. */
  function align() {
    const value = Number(figure.value || initial || bottom);
    // While it is dragged it stays where the hand is.
    if (value !== valueAt(slider.value)) slider.value = notchOf(value);
    slider.setAttribute("aria-valuetext", figure.value || "auto");
  }

  function settle(value = figure.value) {
    if (figure.value !== String(value)) figure.value = value;
    align();
    figure.setAttribute("aria-invalid", String(!figure.validity.valid));
    if (figure.validity.valid) change(figure.value === "" ? undefined : Number(figure.value));
  }

  align();
  return [figure, slider];
}

function choice({ choices, isOptional, initial }, value, change, names) {
  return make("select", { ...names, change: ({ target }) => change(choices[target.value]) },
    isOptional && initial === undefined ? make("option", { value: "" }, "As it is") : null,
    choices.map((choice, index) => make("option", { value: index, selected: choice === value }, String(choice))));
}

function toggle(_, value, change, names) {
  return make("input", { type: "checkbox", role: "switch", ...names, checked: value === true,
    change: ({ target }) => change(target.checked) });
}

function color({ isOptional, none = "Transparent" }, value, change, names) {
  const well = make("input", { type: "color", ...names, value: value ?? "#ffffff", input: () => {
    if (isOptional) clear.checked = false;
    change(well.value);
  } });
  if (!isOptional) return well;
  const clear = make("input", { type: "checkbox", checked: value === undefined,
    change: () => change(clear.checked ? undefined : well.value) });
  return [make("label", { class: "small" }, clear, none), well];
}

/** A file's id, which may be chosen by the name of one of the newest uploads. */
function file({ isOptional }, value, change, names) {
  const newest = make("datalist", { id: `${names.id}-files` });
  const field = make("input", { type: "text", ...names, value, list: newest.id, required: !isOptional, spellcheck: "false",
    autocomplete: "off", placeholder: "id of an upload",
    input: () => change(field.value.trim() || undefined),
    focus: async () => {
      try {
        const page = await files({});
        newest.replaceChildren(...page.files.map(({ file_id, filename }) => make("option", { value: file_id }, filename)));
      } catch { /* It can be typed all the same. */ }
    } });
  return [field, newest];
}
