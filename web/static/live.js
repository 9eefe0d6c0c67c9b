// Keeps the page alive: listens for changes, refreshes the live part in place, tells when the connection is lost.
(() => {
  const SILENT_AFTER_MS = 9000;   // the server says "alive" every 3 s
  const RETRY_MS = 1500;
  const lost = document.getElementById("lost");
  const live = () => document.getElementById("live");
  let source = null, lastWord = performance.now(), version = null, waiting = false;

  // What the reader did to the page stays: open branches, ticked boxes, plots, forms.
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old) => !(old instanceof Element && old.hasAttribute("data-keep"));
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
    !((name === "open" && node.tagName === "DETAILS") ||
      (node.tagName === "INPUT" && ["checked", "indeterminate", "value"].includes(name)) ||
      (name === "disabled" && node.hasAttribute("data-stop")) ||
      (name === "hidden" && node.hasAttribute("data-selected")));

  const show = (isLost) => { lost.hidden = !isLost; document.body.classList.toggle("is-lost", isLost); };

  const refresh = () => {
    if (document.hidden) { waiting = true; return; }
    waiting = false;
    htmx.trigger(live(), "site-changed");
  };

  const connect = () => {
    source?.close();
    source = new EventSource("/events");
    const heard = (answering) => { lastWord = performance.now(); show(!answering); };
    source.addEventListener("changed", (event) => {
      heard(true);
      version = JSON.parse(event.data).version;
      refresh();
      document.dispatchEvent(new CustomEvent("evce:changed", { detail: { version } }));
    });
    source.addEventListener("alive", () => { lastWord = performance.now(); });
    source.addEventListener("silent", () => heard(false));
    source.addEventListener("ended", () => location.assign(loginAddress()));
    source.addEventListener("error", () => {
      show(true);
      if (source.readyState === EventSource.CLOSED) { refresh(); setTimeout(connect, RETRY_MS); }
    });
  };

  const loginAddress = () => "/login?next=" + encodeURIComponent(location.pathname + location.search);

  setInterval(() => {
    if (performance.now() - lastWord > SILENT_AFTER_MS) {
      show(true);
      lastWord = performance.now();
      connect();
    }
  }, 1000);

  document.addEventListener("visibilitychange", () => { if (!document.hidden && waiting) refresh(); });
  document.body.addEventListener("htmx:sendError", () => show(true));
  // A refresh that fails must not put its error page into the live part: the bar says it instead.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400 && event.detail.requestConfig.headers["X-EVCE-Live"]) {
      event.detail.shouldSwap = false;
      event.detail.isError = false;
      if (event.detail.xhr.status >= 500) show(true);
    }
  });
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) { connect(); refresh(); } });
  connect();
})();
