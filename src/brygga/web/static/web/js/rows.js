// Tables whose rows are more than text: each row of <table data-rows> has a link of the class "main". A click anywhere
// in the row follows it, and the arrow keys, Home and End go from link to link.
// In <table data-rows="select"> the link selects its row: going there selects, too, and for the Tab key the table is one
// stop, the selected row.
const linksOf = (table) => [...table.querySelectorAll(":scope > tbody > tr a.main")];

const selects = (table) => table.dataset.rows === "select";

const makeStops = () => {
  for (const table of document.querySelectorAll('[data-rows="select"]')) {
    for (const link of linksOf(table)) link.tabIndex = link.ariaCurrent ? 0 : -1;
  }
};

const PLACES = {
  ArrowUp: (place) => place - 1,
  ArrowDown: (place) => place + 1,
  Home: () => 0,
  End: (_, last) => last,
};

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest("a, button, input, label")) return;
  const link = event.target.closest("[data-rows] > tbody > tr")?.querySelector("a.main");
  if (!link || String(getSelection())) return; // whoever marks text to copy it means no row
  link.focus();
  link.click();
});

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("[data-rows] > tbody > tr a.main");
  if (!link || !(event.key in PLACES)) return;
  event.preventDefault();
  const table = link.closest("[data-rows]");
  const links = linksOf(table);
  const next = links[PLACES[event.key](links.indexOf(link), links.length - 1)];
  if (!next || next === link) return;
  next.focus();
  if (selects(table)) next.click();
});

document.addEventListener("htmx:afterSettle", makeStops);
makeStops();
