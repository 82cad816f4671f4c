// Runs before the first paint, so that a chosen theme never flashes. The choice is written by src/shell/theme.ts.
(function applyTheme() {
  var choice = null;
  try {
    choice = localStorage.getItem("tideline.theme");
  } catch {
    // Storage is switched off: the system's theme it is.
    return;
  }
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
})();
