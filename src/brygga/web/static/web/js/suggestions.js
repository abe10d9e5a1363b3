// Fills the list of suggestions of a text field while something is typed into it.
const PAUSE = 200;
let timer;

const suggest = async (field) => {
  const answer = await fetch(`${field.dataset.suggests}?q=${encodeURIComponent(field.value)}`);
  if (!answer.ok) return;
  const { items } = await answer.json();
  field.list.replaceChildren(...items.map(({ value, more }) => new Option(more, value)));
};

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-suggests]")) return;
  clearTimeout(timer);
  timer = setTimeout(suggest, PAUSE, target);
});
