// The operations of the service, as its description has them: names, parameters, ranges and defaults. Only what a description
// cannot know is here: words for people, and where to begin.

import { openAPI } from "./api.js";
import { sentence } from "./words.js";

const LABELS = {
  extend: "Canvas", pad: "Margins", round: "Round corners", flip: "Upside down", flop: "Mirror", grayscale: "Black and white",
  hue_rotate: "Turn hue", saturate: "Colour", sharpen: "Sharpness",
};

// Where a new step begins if the service names no default, or one that changes nothing.
const BEGINNINGS = {
  resize: { width: 800 }, crop: { width: 400, height: 400 }, extend: { width: 1200, height: 1200 },
  pad: { top: 20, right: 20, bottom: 20, left: 20 }, tint: { color: "#b8723a" }, convert: { format: "webp" },
};

/** By name, in the order of the service: `{name, label, about, parameters}`. */
export const operations = new Map();

/** How a result is written: parameters by name. */
export const output = {};

export async function readOperations() {
  const { schemas } = (await openAPI()).components;
  // The list of formats that a step may name has second names for some.
  const formats = schemas.File.properties.format.enum;
  const read = ([name, schema], required) => parameter(name, name === "format" ? { ...schema, enum: formats } : schema, required);

  for (const [name, reference] of Object.entries(schemas.Step.discriminator.mapping)) {
    const { description, properties, required } = schemas[reference.split("/").pop()];
    operations.set(name, {
      name, about: description, label: LABELS[name] ?? sentence(name),
      parameters: Object.entries(properties).filter(([name]) => name !== "type").map((entry) => read(entry, required)),
    });
  }
  for (const entry of Object.entries(schemas.Output.properties)) output[entry[0]] = read(entry, []);
}

/** `{name, about, kind, initial, isOptional}`, and what its kind needs: `choices`, or `low`, `high` and `isWhole`. */
function parameter(name, schema, required) {
  const types = [schema.type].flat();
  // Each may be a string as well, for those who send forms.
  const choices = (schema.enum ?? []).filter((choice) => choice !== null && typeof choice === typeOf(types[0]));
  const common = { name, about: schema.description, initial: schema.default, isOptional: !required.includes(name) };
  if (types.includes("boolean")) return { ...common, kind: "switch" };
  if (choices.length) {
    return { ...common, kind: "choice", choices, initial: schema.default ?? (common.isOptional ? undefined : choices[0]) };
  }
  if (types.includes("integer") || types.includes("number")) {
    return { ...common, kind: "number", low: schema.minimum, high: schema.maximum, isWhole: types.includes("integer") };
  }
  return { ...common, kind: schema.format === "uuid" ? "file" : "color" };
}

const typeOf = (type) => (type === "integer" ? "number" : type);

/** A step with all its parameters, in the order of the description; those that it does not name have their defaults. */
export function complete({ type, ...given }) {
  const operation = operations.get(type);
  if (!operation) return { type, ...given };
  const step = { type };
  for (const { name, initial } of operation.parameters) {
    const value = given[name] ?? initial;
    if (value !== undefined) step[name] = value;
  }
  return step;
}

/** What a step needs and does not have yet, as a sentence without its full stop; `undefined` where there is nothing. */
export function lack(step) {
  const operation = operations.get(step.type);
  const missing = operation?.parameters.find(({ name, isOptional }) => !isOptional && step[name] === undefined);
  return missing && `${operation.label} needs its ${missing.name.replaceAll("_", " ")}`;
}

/** The step with which an operation is added to a plan. */
export const begin = (type) => complete({ type, ...BEGINNINGS[type] });

/** Reads `name[:value[xvalue]][:key=value]…`. Whether the service can do it is for the service to say. */
export function readStep(text) {
  const [type, ...parts] = text.split(":");
  const parameters = operations.get(type)?.parameters ?? [];
  // The places in which values may stand without their names: width and height together, others alone.
  const sides = ["width", "height"].filter((side) => parameters.some(({ name }) => name === side));
  const others = parameters.map(({ name }) => name).filter((name) => !sides.includes(name));
  const given = {};
  for (const part of parts) {
    const [name, value] = part.split("=", 2);
    if (value !== undefined) given[name] = value;
    else if (part.includes("x") && sides.length) part.split("x").forEach((side, index) => { given[sides[index]] = side; });
    else given[others.shift() ?? part] = part;
  }
  for (const { name, kind } of parameters) {
    if (given[name] === "" || (kind === "color" && given[name] === "transparent")) delete given[name];
    else if (name in given) given[name] = readValue(given[name], kind);
  }
  return complete({ type, ...given });
}

const COLORS = { white: "#ffffff", black: "#000000" };

/** What is no value of its kind stays as it is, for the service to refuse. */
export function readValue(text, kind) {
  if (kind === "switch") return { true: true, 1: true, false: false, 0: false }[text] ?? text;
  if (kind === "file") return text;
  if (kind === "color") return COLORS[text] ?? (/^[0-9a-f]{6}$/i.test(text) ? `#${text}` : text);
  const number = Number(text);
  return text !== "" && Number.isFinite(number) ? number : text;
}

/** Every parameter by its name, so that no default is left to the shape of the request. */
export const writeStep = ({ type, ...parameters }) =>
  [type, ...Object.entries(parameters).map(([name, value]) => `${name}=${String(value).replace("#", "")}`)].join(":");

/** A step in a few words: Resize 800 × 600 inside. What is chosen of a few things is told where it is not the usual one. */
export function stepLabel({ type, width, height, ...rest }) {
  const { label = sentence(type), parameters = [] } = operations.get(type) ?? {};
  const usual = parameters.filter(({ kind, isOptional, initial, name }) =>
    ["switch", "file"].includes(kind) || (kind === "choice" && isOptional && rest[name] === initial)).map(({ name }) => name);
  const words = Object.entries(rest).filter(([name]) => !usual.includes(name)).map(([, value]) => value);
  if (width || height) words.unshift(`${width ?? "auto"} × ${height ?? "auto"}`);
  return { name: label, values: words.join(" ") };
}
