// The settings in force, and where each was set. The service hides those that are secret.

import { make } from "./dom.js";
import { Table } from "./listing.js";
import { settings } from "./operator.js";
import { say } from "./update.js";
import { capital, count } from "./words.js";

const COLUMNS = ["Name", "Value", "Set by", "What it is"];

const cells = ({ name, value, source, meaning }) => [
  make("strong", { class: "mono wild" }, name),
  value === "" ? make("span", { class: "soft" }, "empty") : make("span", { class: "mono wild" }, value),
  make("span", { class: source === "default" ? "soft" : "badge" }, source), make("span", { class: "soft" }, meaning),
];

export function open({ signal }) {
  let all = [];
  const table = new Table("Settings", COLUMNS, cells);
  const note = make("p", { class: "note", role: "status" });
  const field = make("input", { type: "search", autocomplete: "off", spellcheck: "false", input: () => show() });
  const onlySet = make("input", { type: "checkbox", change: () => show() });

  function show() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter((setting) => (!onlySet.checked || setting.source !== "default")
      && words.every((word) => Object.values(setting).join(" ").toLowerCase().includes(word)));
    table.show(found.map((setting) => ({ id: setting.name, facts: setting })));
    say(note, found.length === all.length ? count(all.length, "setting") : `${found.length} of ${count(all.length, "setting")}`);
  }

  settings(signal).then((answer) => {
    all = answer.settings;
    show();
  }).catch((problem) => { if (!signal.aborted) say(note, capital(problem.message)); });
  return [make("div", { class: "glass sheet" }, make("div", { class: "row filters" },
    make("label", { class: "filter" }, "Search", field), make("label", { class: "filter" }, onlySet, "Not the default")), note,
  table.element)];
}
