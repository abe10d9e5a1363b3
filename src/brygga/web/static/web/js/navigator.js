// Folds the navigator to icons; the cookie lets the server draw the next page folded, so that nothing jumps.
const YEAR = 365 * 24 * 60 * 60;
const button = document.getElementById("fold-navigator");

button?.addEventListener("click", () => {
  const folded = document.querySelector(".app").classList.toggle("folded");
  button.setAttribute("aria-expanded", String(!folded));
  document.cookie = `brygga_navigator=${folded ? "folded" : "open"}; path=/; max-age=${YEAR}; samesite=lax`;
});

// Where the places or the tabs do not all fit, the one that is open is in sight.
for (const open of document.querySelectorAll(".navigator [aria-current], .tabs [aria-current]")) {
  open.scrollIntoView({ block: "nearest", inline: "center" });
}
