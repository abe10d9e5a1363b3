// The dialog of an ERP connection: OK stays dimmed until the values on screen are the tested ones and nothing that must
// be there is missing; the server checks the same once more.
const drawn = new WeakMap(); // the configuration values with which the fields came
const asked = new WeakMap(); // the values that a test under way is about

const values = (form) =>
  JSON.stringify([...new FormData(form)].filter(([name]) => /^(config|secret|remove)-|^connector$/.test(name)));

const fieldsOf = (form) => form.querySelector("#connection-config");

const isAsDrawn = (form) => drawn.get(fieldsOf(form)) === values(form);

const reason = (form) => {
  const missing = [...form.querySelectorAll("[data-mandatory]")].find((control) => !control.value.trim());
  if (missing) return missing.dataset.mandatory;
  const { tested, untested } = fieldsOf(form).dataset;
  return tested !== undefined && isAsDrawn(form) ? "" : untested;
};

const say = (form, text) => {
  const place = form.querySelector("[data-reason]");
  if (place.textContent !== text) place.textContent = text;
  form.querySelector("[data-reason-hover]").title = text;
  form.querySelector("[data-ok]").disabled = text !== "";
};

const judge = (form) => {
  say(form, reason(form));
  const result = form.querySelector("[data-result]");
  if (result) result.hidden = !isAsDrawn(form);
};

// What the link says: who is chosen.
const namePeople = (form) => {
  const link = form.querySelector("#scope-names");
  const chosen = [...form.querySelectorAll("[name=access]:checked")];
  const names = chosen.map((box) => box.closest("[data-person]").dataset.person);
  link.textContent = names.join(", ") || link.dataset.nobody;
};

const findPeople = (field) => {
  const wanted = field.value.trim().toLocaleLowerCase();
  for (const row of field.closest("[popover]").querySelectorAll("[data-person]")) {
    row.hidden = !row.dataset.person.toLocaleLowerCase().includes(wanted);
  }
};

const begin = () => {
  const form = document.querySelector("form[data-connection]");
  if (!form || drawn.has(fieldsOf(form))) return;
  drawn.set(fieldsOf(form), values(form));
  judge(form);
};

const changed = ({ target }) => {
  const form = target.closest?.("form[data-connection]");
  if (!form) return;
  if (target.matches("[data-finds]")) findPeople(target);
  if (target.matches("[name=access]")) namePeople(form);
  judge(form);
};

document.addEventListener("input", changed);
document.addEventListener("change", changed);
document.addEventListener("htmx:afterSwap", begin);

// Enter does what comes next: the test, or OK once it has passed.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  const form = field.closest?.("form[data-connection]");
  if (!form || event.key !== "Enter" || !field.matches("input")) return;
  event.preventDefault();
  if (field.closest("[popover]")) return;
  const ok = form.querySelector("[data-ok]");
  (ok.disabled ? form.querySelector("#connection-test") : ok)?.click();
});

// A server that cannot be reached takes nothing away that was typed.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    const note = detail.elt.closest?.("form[data-connection]")?.querySelector("[data-unreachable]");
    if (note) note.hidden = false;
  });
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const form = detail.elt.closest?.("form[data-connection]");
  if (!form) return;
  form.querySelector("[data-unreachable]").hidden = true;
  if (detail.elt.id === "connection-test") asked.set(detail.xhr, values(form));
});

// The result of a test is worth nothing for values that were changed while it ran.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = document.querySelector("form[data-connection]");
  if (form && asked.has(detail.xhr) && asked.get(detail.xhr) !== values(form)) detail.shouldSwap = false;
});

begin();
