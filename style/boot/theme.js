// Puts the kept theme in force before the first paint, so that the page does not flash. The program does the rest.
try {
  const theme = localStorage.getItem("errorDesk.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing has no theme to put in force.
}
