// A plan's steps in words.

import { sentence } from "./words.js";

const words = (value) => (value === true ? "yes" : value === false ? "no" : String(value));

/** `{name, values}`: Resize, "800 × 600, fit inside, enlarge no". */
export function stepWords({ type, width, height, ...rest }) {
  const values = Object.entries(rest).filter(([, value]) => value != null && typeof value !== "object")
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${words(value)}`);
  if (width != null || height != null) values.unshift(`${width ?? "auto"} × ${height ?? "auto"}`);
  return { name: sentence(String(type)), values: values.join(", ") };
}

/** All steps by their names alone. */
export const stepsInBrief = (steps) => steps.map(({ type }) => sentence(String(type))).join(", ") || "As it is";
