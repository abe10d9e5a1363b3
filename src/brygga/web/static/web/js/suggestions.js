// Fills the list of suggestions of a text field while something is typed into it.
const PAUSE = 200;
const field = document.querySelector("[data-suggests]");
let timer;

const suggest = async () => {
  const answer = await fetch(`${field.dataset.suggests}?q=${encodeURIComponent(field.value)}`);
  if (!answer.ok) return;
  const { items } = await answer.json();
  field.list.replaceChildren(...items.map(({ id, name, more }) => new Option(more, `${name} #${id}`)));
};

field?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, PAUSE);
});
