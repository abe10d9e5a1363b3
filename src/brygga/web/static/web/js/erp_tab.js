// Asks before the ERP tab is left with changes that wait for Save; what the tab itself does with them is no accident.
const waits = document.querySelector("[data-unsaved]") !== null;
let leaving = false;

document.addEventListener("submit", (event) => (leaving = !event.defaultPrevented));
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  leaving = Boolean(detail.xhr.getResponseHeader("HX-Redirect"));
});

if (waits) {
  window.addEventListener("beforeunload", (event) => {
    if (!leaving) event.preventDefault();
  });
}
