// Asks before what cannot be undone, in the page itself.

import { button, make } from "./dom.js";

/** -> whether to go on; Escape says no */
export function sure(question, consequences, verb) {
  return new Promise((resolve) => {
    const dialog = make("dialog", { class: "glass", "aria-labelledby": "question", "aria-describedby": "consequences",
      close: () => {
        resolve(dialog.returnValue === "yes");
        dialog.remove();
      } },
    make("h2", { id: "question" }, question), make("p", { id: "consequences" }, consequences),
    make("div", { class: "row" }, button(null, "Cancel", () => dialog.close("no")),
      button(null, verb, () => dialog.close("yes"), { class: "primary" })));
    document.body.append(dialog);
    // It gives the focus back where it was.
    dialog.showModal();
  });
}
