// Sets light or dark before anything is painted: the reader's choice, else the system's.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let chosen = null;
    try { chosen = localStorage.getItem("evce-theme"); } catch { /* storage is closed: follow the system */ }
    document.documentElement.dataset.bsTheme = chosen ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("evce-theme", next); } catch { /* it holds for this page only */ }
    document.documentElement.dataset.bsTheme = next;
    document.dispatchEvent(new CustomEvent("evce:theme"));
  });
})();
