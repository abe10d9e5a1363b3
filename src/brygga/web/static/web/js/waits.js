// A form with data-waits may take a while: its button shows so, and is not pressed twice.
const mark = (form, waits) => {
  const button = form.querySelector("button:not([type=button])");
  button.classList.toggle("htmx-request", waits);
  button.toggleAttribute("disabled", waits);
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-waits]");
  if (form) setTimeout(mark, 0, form, true); // the button's own value is still sent
});

// Back from the next page, the browser may show this one as it was left.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) document.querySelectorAll("[data-waits]").forEach((form) => mark(form, false));
});
