// Asks before a page with unsaved input is left by accident; Save and Cancel are no accident.
const form = document.querySelector("form[data-guarded]");
let unsaved = false;

form?.addEventListener("input", () => (unsaved = true));
form?.addEventListener("submit", () => (unsaved = false));
form?.querySelector("[data-cancel]")?.addEventListener("click", () => (unsaved = false));

if (form) {
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}
