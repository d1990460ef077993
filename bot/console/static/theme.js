/* Before anything is painted: the theme that this browser chose, and that scripts run. */
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("desk.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  /* A browser that keeps nothing follows its system. */
}
