// What is done in a dialog leads to a page that is loaded anew. Whoever works by keyboard goes on there where the dialog
// was opened: by the button of the same id.
const KEPT = "brygga-returning";
let opener = "";
let byKeyboard = false;

document.addEventListener("keydown", () => (byKeyboard = true), true);
document.addEventListener("pointerdown", () => (byKeyboard = false), true);

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const dialog = detail.target;
  if (dialog instanceof HTMLDialogElement && !dialog.open) opener = document.activeElement.id;
});

document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (byKeyboard && opener && detail.xhr.getResponseHeader("HX-Redirect")) sessionStorage.setItem(KEPT, opener);
});

const kept = sessionStorage.getItem(KEPT);
sessionStorage.removeItem(KEPT);
if (kept && !document.querySelector("dialog[open]")) document.getElementById(kept)?.focus();
