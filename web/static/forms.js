// What forms need in the browser: show passwords, copy an address, take over the browser's time zone.
(() => {
  const press = {
    reveal(button) {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      button.form.querySelectorAll("[data-secret]").forEach((field) => { field.type = shown ? "text" : "password"; });
    },
    copy(button) {
      const text = document.getElementById(button.dataset.copy).textContent.trim();
      navigator.clipboard.writeText(text).then(() => { button.querySelector("span").textContent = button.dataset.done; });
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal], [data-copy]");
    if (button) press["copy" in button.dataset ? "copy" : "reveal"](button);
  });

  // What was ticked or typed and isn't saved is not lost by a click elsewhere unasked.
  let unsaved = false;
  document.getElementById("settings")?.addEventListener("input", () => { unsaved = true; });
  document.addEventListener("submit", (event) => { if (event.target.id === "settings") unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  // A zone is dragged onto the one that feeds it, or where none does; on the keyboard its page does the same.
  const PLACES = "tr[data-zone], [data-no-zone]";
  const move = document.getElementById("move");
  const zoneOf = (event) => event.target instanceof Element ? event.target.closest(PLACES) : null;
  let dragged = null;
  const over = (row) => document.querySelectorAll(PLACES).forEach((one) => one.classList.toggle("drop", one === row));
  if (move) {
    document.addEventListener("dragstart", (event) => { dragged = event.target instanceof Element ? event.target.closest("tr[data-zone]") : null; });
    document.addEventListener("dragend", () => { dragged = null; over(null); });
    document.addEventListener("dragover", (event) => {
      const row = dragged && zoneOf(event);
      over(row !== dragged ? row : null);
      if (row && row !== dragged) event.preventDefault();
    });
    document.addEventListener("drop", (event) => {
      const row = zoneOf(event);
      if (!dragged || !row || row === dragged) return;
      event.preventDefault();
      move.elements.name.value = dragged.dataset.zone;
      move.elements.parent.value = row.dataset.zone ?? "";
      move.requestSubmit();
    });
  }

  // A site that nobody has named yet is most likely where its installer is.
  const zone = document.querySelector("[data-browser-zone]");
  const field = zone && document.getElementById(zone.dataset.browserZone);
  if (field && field.value === "UTC") field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
})();
