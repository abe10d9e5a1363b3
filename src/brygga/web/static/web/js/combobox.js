// Type-ahead for <input data-combobox="ID" list="ID" data-none="(None)">, whose options are those of the <datalist>
// with that id; several fields may share one. Arrow keys, Enter and Escape work as in any list box, and an empty text
// means none. Without a script the browser offers its own list. Choosing fires "change".
const MOST = 200; // more are found by typing; a list that long is for nobody's eyes

let field = null; // the field whose list is open
let popup = null;

const optionsOf = (input) => [...document.getElementById(input.dataset.combobox).options].map(({ value }) => value);

/** Texts that contain what is typed, those that begin with it first. */
const matching = (texts, typed) => {
  const wanted = typed.trim().toLocaleLowerCase();
  const found = texts.filter((text) => text.toLocaleLowerCase().includes(wanted));
  const begins = (text) => text.toLocaleLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((text) => !begins(text))];
};

const activate = (option) => {
  for (const other of popup.children) other.ariaSelected = String(other === option);
  field.setAttribute("aria-activedescendant", option?.id ?? "");
  option?.scrollIntoView({ block: "nearest" });
};

const active = () => popup?.querySelector('[aria-selected="true"]');

const drawn = (text, place, none) => {
  const option = document.createElement("li");
  Object.assign(option, { id: `combobox-option-${place}`, role: "option", ariaSelected: "false" });
  option.textContent = text || none;
  option.dataset.value = text;
  option.classList.toggle("none", !text);
  return option;
};

const close = () => {
  if (!field) return;
  field.ariaExpanded = "false";
  field.removeAttribute("aria-activedescendant");
  popup.remove();
  field = popup = null;
};

const open = (input, typed) => {
  close();
  const texts = typed ? matching(optionsOf(input), typed) : ["", ...optionsOf(input)];
  if (!texts.length) return;
  field = input;
  popup = document.createElement("ul");
  Object.assign(popup, { className: "combobox-options", id: "combobox-options", role: "listbox" });
  popup.ariaLabel = input.labels?.[0]?.textContent ?? input.ariaLabel;
  popup.append(...texts.slice(0, MOST).map((text, place) => drawn(text, place, input.dataset.none)));
  input.after(popup);
  input.ariaExpanded = "true";
  activate([...popup.children].find((option) => typed || option.dataset.value === input.value) ?? null);
  if (!active()) popup.scrollIntoView({ block: "nearest" });
};

const choose = (option) => {
  const input = field;
  const changed = input.value !== option.dataset.value;
  input.value = option.dataset.value;
  close();
  if (changed) input.dispatchEvent(new Event("change", { bubbles: true }));
};

const move = (by) => {
  const options = [...popup.children];
  const next = options.indexOf(active()) + by;
  activate(options[Math.max(0, Math.min(next, options.length - 1))]);
};

const prepare = (input) => {
  if (input.role === "combobox") return;
  input.removeAttribute("list"); // or the browser's own list would open over ours
  Object.assign(input, { role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false" });
  input.setAttribute("aria-controls", "combobox-options");
};

const ofCombobox = (target) => (target.matches?.("[data-combobox]") ? target : null);

const enter = (target) => {
  const input = ofCombobox(target);
  if (!input) return;
  prepare(input);
  input.select(); // so that typing begins anew
};

document.addEventListener("focusin", ({ target }) => enter(target));
enter(document.activeElement);

// What is typed stands for the only option that it fits.
document.addEventListener("focusout", ({ target }) => {
  if (target !== field) return;
  const found = target.value.trim() ? [...popup.children] : [];
  if (found.length === 1) choose(found[0]);
  else close();
});

document.addEventListener("input", ({ target }) => ofCombobox(target) && open(target, target.value));

document.addEventListener("click", ({ target }) => {
  const input = ofCombobox(target);
  if (input && input !== field) open(input, "");
});

// Before the field loses the focus to what is clicked.
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("#combobox-options > li");
  if (!event.target.closest?.("#combobox-options")) return;
  event.preventDefault();
  if (option) choose(option);
});

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => (active() ? choose(active()) : close()),
  Escape: close,
};

document.addEventListener("keydown", (event) => {
  const input = ofCombobox(event.target);
  if (!input) return;
  if (!field && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    open(input, "");
    return;
  }
  if (!field || !(event.key in KEYS)) return;
  event.preventDefault(); // Enter would post the form, and Escape close the dialog
  event.stopPropagation();
  KEYS[event.key]();
});
