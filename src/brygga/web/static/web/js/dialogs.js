// A button with data-opens="ID" opens the dialog of that id; data-closes closes the dialog it stands in.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog").close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

// A dialog that the server found something wrong with comes back open.
for (const dialog of document.querySelectorAll("dialog[data-open]")) dialog.showModal();
