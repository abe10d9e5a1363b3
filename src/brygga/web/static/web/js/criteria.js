// Choosers of list items: they tell what is chosen, narrow a long list by typing, and close like menus do.
const LONG = 10;
const choosers = () => document.querySelectorAll("details[data-chooser]");

const tell = (chooser) => {
  const chosen = [...chooser.querySelectorAll(":checked")].map((box) => box.parentElement.textContent.trim());
  chooser.querySelector("[data-chosen]").textContent = chosen.join(", ");
  chooser.querySelector("[data-none]").hidden = chosen.length > 0;
};

const narrow = (field) => {
  const wanted = field.value.trim().toLocaleLowerCase();
  for (const item of field.parentElement.querySelectorAll(".pick")) {
    item.hidden = !item.textContent.toLocaleLowerCase().includes(wanted);
  }
};

document.addEventListener("change", ({ target }) => {
  const chooser = target.closest("details[data-chooser]");
  if (chooser && target.type === "checkbox") tell(chooser);
});

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-narrows]")) narrow(target);
});

// The field to narrow a list with is of use with a script only, and for long lists.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches("details[data-chooser][open]")) return;
    const field = target.querySelector("[data-narrows]");
    field.hidden = target.querySelectorAll(".pick").length < LONG;
    (field.hidden ? target.querySelector(":scope input[type=checkbox]") : field)?.focus();
  },
  true,
);

document.addEventListener("click", ({ target }) => {
  for (const chooser of choosers()) if (chooser.open && !chooser.contains(target)) chooser.open = false;
});

document.addEventListener("keydown", (event) => {
  const chooser = event.target.closest("details[data-chooser][open]");
  if (!chooser || (event.key !== "Escape" && event.key !== "Enter")) return;
  event.preventDefault(); // Escape closes the chooser, not the dialog around it; Enter does not search yet
  chooser.open = false;
  chooser.querySelector("summary").focus();
});
