// A list that is put in order by dragging, by arrow buttons and by keyboard. The markup, as
// web/components/ranking.html writes it, within a form:
//
//   <ol class="ranking" data-ranking data-said="{name} is number {place} of {count} now.">
//     <li class="ranking-item" data-name="NAME">
//       <input type="hidden" name="order" value="ID">
//       <span class="ranking-grip" data-grip>icon</span> <span class="ranking-name">NAME</span>
//       <button class="button square" name="up" value="ID" data-by="-1" aria-label="Move up: NAME">icon</button>
//       <button class="button square" name="down" value="ID" data-by="1" aria-label="Move down: NAME">icon</button>
//     </li> …
//   </ol>
//   <p class="visually-hidden" role="status" data-ranking-news></p>
//
// The order of the hidden fields is the order posted. On a button of an item, the up and down arrow keys move the item
// by one place, Home and End to the ends. Escape gives up dragging. After each move the list fires "ranking:moved".
// Without a script, the buttons post the form and the server moves the item (see web/ranking.py).
// A page that shows such a list loads this module and css/ranking.css.

const itemsOf = (list) => [...list.querySelectorAll(":scope > .ranking-item")];

/** The ends can't go further: their buttons say so, and stay where the focus may be. */
const markEnds = (list) => {
  const items = itemsOf(list);
  for (const [place, item] of items.entries()) {
    item.querySelector('[data-by="-1"]').ariaDisabled = String(place === 0);
    item.querySelector('[data-by="1"]').ariaDisabled = String(place === items.length - 1);
  }
};

const tell = (list, item) => {
  const news = list.parentElement.querySelector("[data-ranking-news]");
  if (!news) return;
  const items = itemsOf(list);
  const facts = { name: item.dataset.name, place: items.indexOf(item) + 1, count: items.length };
  news.textContent = list.dataset.said.replace(/\{(\w+)\}/g, (_, word) => facts[word]);
};

const settle = (list, item) => {
  markEnds(list);
  tell(list, item);
  list.dispatchEvent(new CustomEvent("ranking:moved", { bubbles: true }));
};

/** Moves an item to a place, counted from 0; what is beyond the ends means the end. */
const moveTo = (item, place, focused) => {
  const list = item.parentElement;
  const others = itemsOf(list).filter((other) => other !== item);
  const before = others[Math.max(0, place)] ?? null;
  if (before !== item.nextElementSibling) list.insertBefore(item, before);
  focused?.focus();
  settle(list, item);
};

const placeOf = (item) => itemsOf(item.parentElement).indexOf(item);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ranking] [data-by]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest(".ranking-item");
  moveTo(item, placeOf(item) + Number(button.dataset.by), button);
});

const KEYS = {
  ArrowUp: (place) => place - 1,
  ArrowDown: (place) => place + 1,
  Home: () => 0,
  End: () => Infinity,
};

document.addEventListener("keydown", (event) => {
  const button = event.target.closest?.("[data-ranking] [data-by]");
  if (!button || !(event.key in KEYS)) return;
  event.preventDefault();
  const item = button.closest(".ranking-item");
  moveTo(item, KEYS[event.key](placeOf(item)), button);
});

let dragged = null; // { item, list, start }: start is the order to go back to

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-ranking] [data-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  const item = grip.closest(".ranking-item");
  dragged = { item, list: item.parentElement, start: itemsOf(item.parentElement) };
  dragged.list.setPointerCapture(event.pointerId); // the item itself would lose it when it moves
  item.classList.add("dragged");
});

document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const { item, list } = dragged;
  const below = itemsOf(list).find((other) => {
    const box = other.getBoundingClientRect();
    return other !== item && event.clientY < box.top + box.height / 2;
  });
  const before = below ?? null;
  if (before !== item.nextElementSibling) list.insertBefore(item, before);
  item.scrollIntoView({ block: "nearest" });
});

const drop = () => {
  if (!dragged) return;
  const { item, list } = dragged;
  dragged = null;
  item.classList.remove("dragged");
  settle(list, item);
};

const giveUp = () => {
  dragged?.list.append(...dragged.start);
  drop();
};

document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", giveUp);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !dragged) return;
  event.preventDefault(); // Escape would close the dialog that the list stands in
  giveUp();
});
