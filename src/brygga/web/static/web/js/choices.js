// A button with data-chooses="SIDE" chooses the values of that side in its form, where they can be chosen.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chooses]");
  if (!button) return;
  for (const choice of button.form.querySelectorAll(`[data-side="${button.dataset.chooses}"]:enabled`)) {
    choice.checked = true;
  }
});
