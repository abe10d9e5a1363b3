// Draws a plot into every canvas with data-plots="ID" from the table of that id, in the colours of the page.
// Lines are told apart by marker and dash as well as by colour; the table says the same in words.
const MARKERS = ["circle", "rect", "triangle", "rectRot", "star", "cross"];
const DASHES = [[], [8, 4], [2, 3], [10, 4, 2, 4], [5, 5], [1, 4]];
const COLOURS = ["--brand", "--info", "--warn", "--bad", "--ok", "--off"];
const drawn = new Map();
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const series = (table) => {
  const [, ...heads] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells]);
  return {
    labels: rows.map(([label]) => label.textContent),
    datasets: heads.map((label, n) => ({
      label,
      data: rows.map((cells) => Number(cells[n + 1].dataset.value)),
      borderColor: token(COLOURS[n % COLOURS.length]),
      backgroundColor: token(COLOURS[n % COLOURS.length]),
      borderDash: DASHES[n % DASHES.length],
      pointStyle: MARKERS[n % MARKERS.length],
      borderWidth: 2,
      pointRadius: 4,
      pointHoverRadius: 6,
    })),
  };
};

const axis = (more) => ({
  beginAtZero: true,
  grid: { color: token("--line-2") },
  border: { color: token("--line") },
  ticks: { color: token("--ink-2"), ...more },
});

const options = () => ({
  animation: false,
  responsive: true,
  maintainAspectRatio: false,
  interaction: { mode: "index", intersect: false },
  font: { family: token("--font") },
  scales: { x: axis({ maxRotation: 0, autoSkipPadding: 16 }), y: axis({ precision: 0 }) },
  plugins: {
    legend: { position: "bottom", labels: { usePointStyle: true, boxHeight: 7, color: token("--ink") } },
    tooltip: { usePointStyle: true },
  },
});

const draw = (canvas) => {
  const table = document.getElementById(canvas.dataset.plots);
  if (!table || !window.Chart) return;
  drawn.get(canvas)?.destroy();
  drawn.set(canvas, new window.Chart(canvas, { type: "line", data: series(table), options: options() }));
};

const drawAll = () => {
  for (const [canvas, chart] of drawn) {
    if (canvas.isConnected) continue;
    chart.destroy();
    drawn.delete(canvas);
  }
  document.querySelectorAll("canvas[data-plots]").forEach(draw);
};

document.addEventListener("htmx:afterSettle", drawAll);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
drawAll();
