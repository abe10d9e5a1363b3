// A button with data-opens="ID" opens the dialog of that id; data-closes closes the dialog it stands in.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    event.preventDefault(); // without a script, a link leads to the page without the dialog
    closer.closest("dialog").close();
  }
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

// Where nothing says what has the focus, that is the first field, not the button that closes the dialog.
const open = (dialog) => {
  dialog.showModal();
  if (dialog.querySelector("[autofocus]")) return;
  const fields = [...dialog.querySelectorAll("form :is(input:not([type=hidden]), select, textarea)")];
  fields.find((field) => field.checkVisibility())?.focus();
};

// A dialog that the server found something wrong with comes back open.
document.querySelectorAll("dialog[data-open]").forEach(open);

// What was asked for in a dialog that has been closed since is for nobody; what was done there has something to tell.
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  const { elt, verb } = detail.requestConfig;
  if (target instanceof HTMLDialogElement && !target.open && target.contains(elt) && verb === "get") {
    detail.shouldSwap = false;
  }
});

// A dialog that is filled from the server opens with what came.
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target instanceof HTMLDialogElement && !target.open) open(target);
});
