import { make } from "./dom.js";

/** Two pictures of one place, the second to the right of a line that is moved by hand or with the arrow keys. */
export function compare(before, after, name) {
  const range = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": `Before and after, ${name}`,
    input: () => update() });
  const place = make("div", { class: "compare" }, before, after, make("span", { class: "tag" }, "Before"),
    make("span", { class: "tag" }, "After"), range);
  const update = () => {
    place.style.setProperty("--line", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${range.value} % before, ${100 - range.value} % after`);
  };
  update();
  return place;
}
