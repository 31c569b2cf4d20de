// Who may look: a form for the operator's token, or why nobody may from here.

import { make } from "./dom.js";
import { signIn } from "./operator.js";
import { capital } from "./words.js";

/** `why` is said where the page was in use before; `entered` is told once the token is right. */
export function form(entered, why = "") {
  const trouble = make("p", { id: "token-trouble", class: "reason", role: "alert" }, why);
  const field = make("input", { type: "password", id: "token", name: "password", required: true, autocomplete: "current-password",
    "aria-describedby": "token-hint token-trouble" });
  const submitter = make("button", { type: "submit", class: "primary" }, "Sign in");
  let isAsking = false;

  async function submit(event) {
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    trouble.textContent = "";
    try {
      await signIn(field.value);
      field.value = "";
      entered();
    } catch (problem) {
      const isWrong = problem.code === "unauthorized";
      trouble.textContent = isWrong ? "This is not the token of this service." : capital(problem.message);
      field.setAttribute("aria-invalid", String(isWrong));
      field.select();
      field.focus();
    } finally {
      isAsking = false;
    }
  }

  // Password managers keep a token under a name.
  const name = make("input", { type: "text", name: "username", autocomplete: "username", value: "operator", hidden: true,
    readonly: true });
  return make("section", { class: "glass gate" }, make("h2", { tabindex: "-1" }, "Sign in"), make("form", { submit }, name,
    make("label", { for: "token" }, "Operator’s token"), field, make("p", { id: "token-hint", class: "soft" },
      "It is the service’s setting ADMIN_TOKEN."), trouble, submitter));
}

/** Says why nobody may look from here. */
export const refusal = ({ code, message }, again) => make("section", { class: "glass gate" },
  make("h2", { tabindex: "-1" }, code === "forbidden" ? "Not from here" : "The service does not answer as it should"),
  code === "forbidden" ? make("p", {}, "Without a token this page answers only on the machine itself. Set ADMIN_TOKEN to look "
    + "from elsewhere.") : null, make("p", { class: "soft" }, capital(message)),
  make("button", { type: "button", click: again }, "Try again"));
