// A button with data-copies="ID" copies the value of that field, and says so on itself and to those who listen. Where
// the browser does not let a page copy, the text is selected, to be copied by hand.
const done = (button) => {
  button.querySelector("[data-label]").textContent = button.dataset.copied;
  const news = button.closest("dialog, main").querySelector("[data-copy-news]");
  if (news) news.textContent = button.dataset.copied;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    done(button);
  } catch {
    field.focus();
  }
});
