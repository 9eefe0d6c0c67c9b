// Keeps the page alive: listens for changes, refreshes the live part in place, tells when the connection is lost.
(() => {
  const SILENT_AFTER_MS = 9000;   // the server says "alive" every 3 s
  const RETRY_MS = 1500;
  const REST_RATIO = 3;
  const LONGEST_REST_MS = 1000;   // the change must be on the screen within 2 s
  const lost = document.getElementById("lost");
  const live = () => document.getElementById("live");
  let source = null, lastWord = performance.now(), version = null, waiting = false;
  let began = 0, restUntil = 0, timer = null;

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
    if (timer !== null) return;
    const pause = restUntil - performance.now();
    if (pause > 0) { timer = setTimeout(() => { timer = null; refresh(); }, pause); return; }
    waiting = false;
    htmx.trigger(live(), "site-changed");
  };

  // A refresh that took long is followed by a rest, so that a large site is never busy with its pages.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "live") began = performance.now();
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id === "live") {
      restUntil = performance.now() + Math.min(LONGEST_REST_MS, REST_RATIO * (performance.now() - began));
    }
  });

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
      if (source.readyState === EventSource.CLOSED) { refresh(); setTimeout(() => { if (!document.hidden) connect(); }, RETRY_MS); }
    });
  };

  const loginAddress = () => "/login?next=" + encodeURIComponent(location.pathname + location.search);

  setInterval(() => {
    if (!document.hidden && performance.now() - lastWord > SILENT_AFTER_MS) {
      show(true);
      lastWord = performance.now();
      connect();
    }
  }, 1000);

  // A page that nobody looks at listens to nothing: browsers open only six connections to one host.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { source?.close(); return; }
    lastWord = performance.now();
    connect();
    if (waiting) refresh();
  });
  document.body.addEventListener("htmx:sendError", () => show(true));
  // What the page fetches by itself must not count as use of the session.
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.hasAttribute("data-self-refresh")) event.detail.headers["X-EVCE-Live"] = "1";
  });
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
