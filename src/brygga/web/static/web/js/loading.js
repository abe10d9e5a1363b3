// When a part of a page cannot be loaded at all, the part itself says so and offers to try again.
const showFailure = (event) => {
  const part = event.detail.elt.closest("[data-part]");
  const failure = part?.querySelector("template[data-failure]");
  if (!failure) return;
  part.replaceChildren(failure.content.cloneNode(true), failure);
  window.htmx.process(part);
};

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, showFailure);
}
