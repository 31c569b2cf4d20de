// Joins the parts of the page: the views, what is done with files that come, and the connection's banner.

import { address } from "./address.js";
import { announce } from "./announce.js";
import * as batches from "./batches.js";
import { connection } from "./connection.js";
import * as descriptions from "./descriptions.js";
import { byId } from "./dom.js";
import * as history from "./history.js";
import * as intake from "./intake.js";
import { readOperations } from "./operations.js";
import * as pictures from "./pictures.js";
import { PRESETS, plan } from "./plan.js";
import * as planner from "./planner.js";

const VIEWS = ["pictures", "batches", "descriptions", "history"];
const tabs = VIEWS.map((view) => byId(`tab-${view}`));
const DROP = {
  pictures: ["Drop pictures anywhere", "or paste them. Each is made with the plan."],
  batches: ["Drop a CSV anywhere", "with the columns product_name and input_url. Each picture is made with the plan."],
  descriptions: ["Drop pictures to describe", "or paste them. You get a text for each."],
};

const viewNow = () => (VIEWS.includes(address.members.get("view")) ? address.members.get("view") : VIEWS[0]);

function openView(view) {
  if (view !== viewNow()) address.set({ view: view === VIEWS[0] ? null : view }, true);
  showView();
}

function showView() {
  const view = viewNow();
  document.body.dataset.view = view;
  tabs.forEach((tab, index) => {
    const isOpen = VIEWS[index] === view;
    tab.setAttribute("aria-selected", String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    byId(VIEWS[index]).hidden = !isOpen;
  });
  const [title, hint] = DROP[view] ?? DROP.pictures;
  byId("drop-title").textContent = title;
  byId("drop-hint").textContent = hint;
  if (view === "history") ready.then(readHistory);
  if (view === "batches") batches.openAddressed();
}

const isSheet = ({ name, type }) => type === "text/csv" || /\.csv$/i.test(name);

async function take(files) {
  // What the plan is must be known first.
  await ready;
  const [sheets, others] = [files.filter(isSheet), files.filter((file) => !isSheet(file))];
  if (sheets.length) batches.add(sheets);
  const view = viewNow() === "descriptions" ? "descriptions" : "pictures";
  if (others.length) (view === "descriptions" ? descriptions : pictures).add(others);
  openView(others.length ? view : "batches");
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => openView(VIEWS[index]));
  tab.addEventListener("keydown", (event) => {
    const goal = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: -1 }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    const other = tabs.at(goal % tabs.length);
    other.focus();
    other.click();
  });
}

connection.addEventListener("lost", () => {
  byId("connection").textContent = "The connection is lost. Trying again; everything goes on by itself.";
  byId("connection").hidden = false;
});
connection.addEventListener("back", () => {
  byId("connection").hidden = true;
  announce("The connection is back");
});

const readHistory = history.start((file) => {
  pictures.add([file]);
  openView("pictures");
});
intake.start(take);
addEventListener("popstate", showView);

async function begin() {
  await readOperations();
  planner.start();
  if (!plan.readAddress()) plan.set(PRESETS.find(({ name }) => name === "Web"));
  document.body.classList.add("ready");
}

const ready = begin();
ready.catch((problem) => {
  byId("connection").textContent = `The service does not say what it can do: ${problem.message}`;
  byId("connection").hidden = false;
});
showView();
