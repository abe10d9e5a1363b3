// A box that marks all rows of a page, and tells whether they are marked.
for (const form of document.querySelectorAll("form[data-marks]")) {
  const all = form.querySelector("[data-mark-all]");
  const box = all.querySelector("input");
  const rows = () => [...form.querySelectorAll("tbody input[type=checkbox]:enabled")];
  const tell = () => {
    const marked = rows().filter((row) => row.checked).length;
    box.checked = marked > 0 && marked === rows().length;
    box.indeterminate = marked > 0 && marked < rows().length;
  };
  all.hidden = rows().length === 0;
  form.querySelector("[data-mark-none]").hidden = !all.hidden;
  box.addEventListener("change", () => {
    for (const row of rows()) row.checked = box.checked;
    tell();
  });
  form.addEventListener("change", tell);
  tell();
}
