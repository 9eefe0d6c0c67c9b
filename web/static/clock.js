// Clocks that run on by themselves, the browser's beside them, and its time in the form that sets the site's.
(() => {
  const language = document.documentElement.lang || "en";
  const english = language === "en";  // whose pages write 2026-11-22 14:03:07, as Swedes do
  const shown = (moment, zone) => {
    const style = { dateStyle: english ? "short" : "medium", timeStyle: "medium" };
    try {
      return new Intl.DateTimeFormat(english ? "sv-SE" : language, { ...style, timeZone: zone }).format(moment);
    } catch {  // a zone that this browser doesn't know
      return new Intl.DateTimeFormat(english ? "sv-SE" : language, { ...style, timeZone: "UTC" }).format(moment);
    }
  };
  const length = (seconds) => {
    const whole = Math.round(seconds), minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60);
    if (whole < 60) return `${whole} s`;
    if (minutes < 60) return `${minutes} min`;
    if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  };

  // What the page says was so when it was answered.
  const answered = performance.getEntriesByType("navigation")[0]?.responseStart ?? performance.now();
  const tick = () => {
    const passed = performance.now() - answered, now = Date.now();
    const at = (clock) => Number(clock.dataset.clock) * 1000 + passed;
    document.querySelectorAll("[data-clock]").forEach((clock) => { clock.textContent = shown(at(clock), clock.dataset.zone); });
    document.querySelectorAll("[data-browser-clock]").forEach((clock) => {
      clock.textContent = shown(now, clock.dataset.zone);
      const lines = clock.closest("[data-clocks]"), off = (now - at(lines.querySelector("[data-clock]"))) / 1000;
      lines.querySelector("[data-browser-off]").textContent = Math.abs(off) < 1.5
        ? lines.dataset.same
        : `${off > 0 ? lines.dataset.ahead : lines.dataset.behind} ${length(Math.abs(off))}`;
    });
  };
  if (document.querySelector("[data-clock]")) {
    tick();
    setInterval(tick, 1000);
  }

  const form = document.querySelector("[data-from-browser]");
  if (form) {
    form.querySelector("button[type=submit]").disabled = false;
    form.addEventListener("submit", () => { form.elements.browser_time.value = new Date().toISOString(); });
  }
})();
