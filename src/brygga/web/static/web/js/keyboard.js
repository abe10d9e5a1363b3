// "/" goes to quick find from anywhere but a control that takes text.
const takesText = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
  const find = document.getElementById("quick-find");
  if (!find) return;
  event.preventDefault();
  find.focus();
  find.select();
});

// From a search field of the page the arrow down goes to the first row of the list.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" || !event.target.matches('main input[type="search"]')) return;
  const first = document.querySelector("[data-rows] tbody a.main");
  if (!first) return;
  event.preventDefault();
  first.focus();
});
