// The dialogs in which a connection is mapped: tabs that stay loaded, direction buttons, filters, and what is not
// saved yet. What follows from a change (directions, remarks) the server says; see web/mappings/mappings.html.
import "./combobox.js";

const dialog = document.getElementById("dialog");
const formOf = () => dialog.querySelector("form[data-guards]");

// Tabs: a panel is loaded when it is first asked for, and stays in the form.
const show = (id) => {
  for (const panel of dialog.querySelectorAll(".panel")) panel.hidden = panel.id !== `panel-${id}`;
  for (const tab of dialog.querySelectorAll("[data-panel-tab]")) {
    tab.ariaCurrent = tab.dataset.panelTab === id ? "true" : null;
  }
  formOf().elements.current.value = id;
  filter();
};

dialog.addEventListener("click", async (event) => {
  const tab = event.target.closest("[data-panel-tab]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const id = tab.dataset.panelTab;
  const isThere = () => document.getElementById(`panel-${id}`);
  if (!isThere()) await window.htmx.ajax("GET", tab.href, { target: "#panels", swap: "beforeend" });
  if (isThere()) show(id);
});

// A direction that is not available stays off; one that should not be on can be switched off.
dialog.addEventListener("click", (event) => {
  const button = event.target.closest('.direction input[aria-disabled="true"]');
  if (button?.checked) event.preventDefault();
});

// Filters: by what is typed, and by whether a row is mapped.
const filter = () => {
  const words = (dialog.querySelector("[data-filter]")?.value ?? "").trim().toLowerCase();
  const only = dialog.querySelector("[data-only]:checked")?.dataset.only;
  for (const panel of dialog.querySelectorAll(".panel:not([hidden])")) {
    let shown = 0;
    for (const row of panel.querySelectorAll("[data-row]")) {
      const filled = Boolean(row.querySelector("[data-combobox]")?.value);
      row.hidden = !row.dataset.row.includes(words) || (only && (only === "filled") !== filled);
      shown += !row.hidden;
    }
    const none = panel.querySelector("[data-none]:not(input)");
    if (none) none.hidden = shown > 0 || !(words || only);
  }
};

dialog.addEventListener("input", ({ target }) => target.matches("[data-filter], [data-only]") && filter());
dialog.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-filter]")) event.preventDefault();
});

// List items: a CRM item goes with one ERP item, and what is still to be made is forgotten when another is chosen.
const checkItems = (panel) => {
  const fields = [...panel.querySelectorAll("[data-combobox]")];
  const texts = fields.map(({ value }) => value.trim().toLowerCase());
  const times = new Map();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  for (const [place, field] of fields.entries()) mark(field, texts[place] && times.get(texts[place]) > 1, panel);
  const news = panel.querySelector("[data-unmapped]");
  if (!news) return; // what the ERP has is not known
  const facts = { n: texts.filter((text) => !text).length, count: texts.length };
  news.textContent = news.dataset.unmapped.replace(/\{(\w+)\}/g, (_, word) => facts[word]);
};

const mark = (field, twice, panel) => {
  const row = field.closest("[data-row]");
  const fault = row.querySelector("[data-fault]");
  row.classList.toggle("double", Boolean(twice));
  fault.hidden = !twice;
  fault.querySelector("span").textContent = twice ? panel.dataset.oneToOne : "";
  if (twice) field.setAttribute("aria-describedby", fault.id);
  field.ariaInvalid = twice ? "true" : null;
  const made = row.querySelector("[data-new]");
  if (made) made.hidden = field.value !== row.querySelector('[name^="new-"]').value;
};

dialog.addEventListener("change", ({ target }) => {
  const panel = target.closest("[data-one-to-one]");
  if (panel && target.matches("[data-combobox]")) checkItems(panel);
});

// A value that is entered is meant to be set.
dialog.addEventListener("input", ({ target }) => {
  const set = document.getElementById(target.dataset.sets ?? "");
  if (set) set.checked = target.type === "checkbox" ? set.checked || target.checked : Boolean(target.value);
});

// What the server says anew of a row, and is on the screen already, is left alone: a control that is replaced while a
// key is down loses that key.
const appearance = (part) => {
  const chosen = [...part.querySelectorAll("input, select")].map(({ checked, value }) => [checked, value]);
  const copy = part.cloneNode(true);
  for (const choice of copy.querySelectorAll("[checked], [selected]")) {
    choice.removeAttribute("checked");
    choice.removeAttribute("selected");
  }
  return JSON.stringify([copy.outerHTML, chosen]);
};

dialog.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (appearance(detail.target) === appearance(detail.fragment.firstElementChild)) detail.shouldSwap = false;
});

// A request that fails leaves the form as it is.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:beforeRequest"]) {
  dialog.addEventListener(name, () => {
    const note = formOf()?.querySelector("[data-unanswered]");
    if (!note) return;
    note.hidden = name === "htmx:beforeRequest";
    if (!note.hidden) note.scrollIntoView({ block: "nearest" });
  });
}

// What is not saved: asked for before it is left by accident. Cancel and Save are no accident.
let changes = 0;
const noteChange = ({ target }) => {
  const form = formOf();
  if (form?.contains(target) && !target.matches("[data-filter], [data-only], .trial-count, .tried *")) {
    form.dataset.changed = "";
    changes += 1;
  }
};
// Noted on the way down to the field, before anything is asked because of it.
for (const name of ["change", "ranking:moved"]) dialog.addEventListener(name, noteChange, true);

// What was said of the form as it was before a change is out of date: it is not shown, but asked for once more.
const askedAt = new WeakMap();
dialog.addEventListener("htmx:beforeRequest", ({ detail }) => askedAt.set(detail.xhr, changes));
dialog.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.requestConfig.elt.matches("[data-checks]") || askedAt.get(detail.xhr) === changes) return;
  detail.shouldSwap = false;
  window.htmx.trigger("#mapping-check", "outdated");
});

const mayLeave = () => {
  const form = formOf();
  return form?.dataset.changed === undefined || window.confirm(form.dataset.guards);
};

dialog.addEventListener("cancel", (event) => {
  if (event.target === dialog && !mayLeave()) event.preventDefault();
});
document.addEventListener(
  "click",
  (event) => {
    if (event.target === dialog && !mayLeave()) event.stopPropagation();
  },
  true,
);
dialog.addEventListener("htmx:confirm", (event) => {
  if (!event.target.matches("[data-leaves]")) return;
  event.preventDefault();
  if (mayLeave()) event.detail.issueRequest(true);
});
