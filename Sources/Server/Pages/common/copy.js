import { announce } from "./announce.js";

/** Puts a text into the clipboard, and says so on the button. */
export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page that did not come over TLS has no clipboard of its own, but may still do as a user does.
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
  announce("Copied");
}
