// The field of the top bar as a combobox: the server fills its list of options (records/options.html) while something
// is typed. The arrow keys choose one, Enter goes there, Escape closes the list; without a choice Enter shows all
// results.
const field = document.getElementById("quick-find");
const list = document.getElementById("find-options");
const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector('[aria-selected="true"]');

const choose = (option) => {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
};

const show = (open) => {
  list.hidden = !open;
  field.setAttribute("aria-expanded", String(open));
  if (!open) choose(null);
};

/** From the field to the first or the last option, past the ends back to the field. */
const step = (by) => {
  const all = [null, ...options()];
  choose(all.at((all.indexOf(chosen()) + by) % all.length));
};

const KEYS = {
  ArrowDown: () => (list.hidden ? show(options().length > 0) : step(1)),
  ArrowUp: () => step(-1),
  Enter: () => chosen()?.click(),
  Escape: () => show(false),
};

field?.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (!act || (event.key === "Enter" && !chosen()) || (event.key !== "ArrowDown" && list.hidden)) return;
  event.preventDefault();
  act();
});

field?.addEventListener("blur", () => show(false));
list?.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus until the click
list?.addEventListener("htmx:afterSwap", () => {
  choose(null);
  show(document.activeElement === field && options().length > 0);
});
