// A form with data-filters asks only for what is filled in, so that the address stays as short as what it says.
document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (!target.matches("[data-filters]")) return;
  for (const name of new Set(new FormData(target).keys())) {
    if (!detail.parameters[name]) delete detail.parameters[name];
  }
});
