// A button with data-opens="ID" opens the dialog of that id; data-closes closes the dialog it stands in.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    event.preventDefault(); // without a script, a link leads to the page without the dialog
    closer.closest("dialog").close();
  }
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

// A dialog that the server found something wrong with comes back open.
for (const dialog of document.querySelectorAll("dialog[data-open]")) dialog.showModal();

// A dialog that is filled from the server opens with what came.
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target instanceof HTMLDialogElement && !target.open) target.showModal();
});
