// Joins the parts of the page: who may look, the views by their address, and the connection's banner.

import { address } from "./address.js";
import { start as startAges } from "./ages.js";
import { announce } from "./announce.js";
import { connection } from "./connection.js";
import * as dead from "./dead-letters.js";
import * as deliveries from "./deliveries.js";
import { byId, make } from "./dom.js";
import { live } from "./live.js";
import * as login from "./login.js";
import * as batches from "./monitor-batches.js";
import * as jobs from "./monitor-jobs.js";
import { gate, session, signOut } from "./operator.js";
import * as overview from "./overview.js";
import * as settings from "./settings.js";
import * as story from "./story.js";
import { mark, say } from "./update.js";
import * as workers from "./workers.js";

const VIEWS = {
  overview: { title: "Overview", ...overview }, workers: { title: "Workers", ...workers }, jobs: { title: "Jobs", ...jobs },
  dead: { title: "Dead letters", ...dead }, batches: { title: "Batches", ...batches },
  webhooks: { title: "Webhooks", ...deliveries }, settings: { title: "Settings", ...settings },
  job: { title: "Job", stands: "jobs", ...story },
};

const main = byId("main");
const links = [...document.querySelectorAll("nav a")];
let leaving = new AbortController(); // of what is shown now
let needsToken = false;
let isIn = false;

/** Shows what the address names. `isMove` where somebody went there, who then goes on from its title. */
function show(isMove) {
  if (!isIn) return;
  const { members } = address;
  const name = Object.hasOwn(VIEWS, members.get("view")) ? members.get("view") : "overview";
  const { title, stands = name, open } = VIEWS[name];
  leaving.abort();
  leaving = new AbortController();
  const heading = make("h2", { tabindex: "-1" }, title);
  document.title = `${title} · Tintype monitor`;
  for (const link of links) mark(link, { "aria-current": new URL(link.href).hash === `#view=${stands}` ? "page" : null });
  main.dataset.view = name;
  main.replaceChildren(heading, ...open({ members, signal: leaving.signal }));
  if (!isMove) return;
  scrollTo(0, 0);
  heading.focus();
}

/** Shows something in the place of all views. */
function lock(section) {
  isIn = false;
  leaving.abort();
  live.stop();
  document.body.classList.remove("in");
  for (const dialog of document.querySelectorAll("dialog")) dialog.close("no");
  main.removeAttribute("data-view");
  main.replaceChildren(section);
  document.title = "Tintype monitor";
  (section.querySelector("#token") ?? section.querySelector("h2")).focus();
}

function enter() {
  isIn = true;
  document.body.classList.add("in");
  byId("sign-out").hidden = !needsToken;
  live.start();
  // The view that the address still names, also after an interruption.
  show(true);
}

async function begin() {
  try {
    const { required, signed_in: isSignedIn } = await session();
    needsToken = required;
    if (required && !isSignedIn) askForToken();
    else enter();
  } catch (problem) {
    lock(login.refusal(problem, begin));
  }
}

const askForToken = (why) => lock(login.form(enter, why));

gate.addEventListener("closed", ({ detail: problem }) => {
  // All that was under way is told the same.
  if (!isIn) return;
  if (problem.code === "forbidden") return lock(login.refusal(problem, begin));
  needsToken = true;
  askForToken("You are signed out. Sign in to go on where you were.");
});

byId("sign-out").addEventListener("click", async () => {
  try {
    await signOut();
  } finally {
    askForToken();
    announce("You are signed out");
  }
});

function showStanding() {
  const [word] = overview.statusWords(live.overview);
  say(byId("standing"), word);
  mark(byId("standing"), { "data-status": live.overview.paused ? "paused" : live.overview.status });
  const { dead } = live.overview.queue;
  say(byId("dead-count"), dead ? String(dead) : "");
}

/** Warns of something for as long as it is so; null where all is well. */
function warn(words) {
  if (words) say(byId("connection"), words);
  mark(byId("connection"), { hidden: words ? null : "" });
}

connection.addEventListener("lost", () => warn("The connection is lost. Trying again; everything goes on by itself."));
connection.addEventListener("back", () => {
  warn(null);
  announce("The connection is back");
});
live.addEventListener("trouble", ({ detail: problem }) => warn(`What is shown is old: ${problem.message}`));
live.addEventListener("overview", () => {
  warn(null);
  showStanding();
});
overview.sayChanges();
document.querySelector(".skip").addEventListener("click", (event) => {
  // The address is the view's.
  event.preventDefault();
  main.focus();
});
addEventListener("popstate", () => show(true));
startAges(new AbortController().signal);
document.body.classList.add("ready");
begin();
