// The plot of a zone: current per phase against the limit over time, following the site as it changes.
(() => {
  const SPAN_S = { "1h": 3600, "24h": 86400, "7d": 604800 };
  const AGAIN_MS = 60000;
  const FOLLOW_MS = 2000;
  const host = document.getElementById("plot");
  if (!host) return;
  const words = JSON.parse(host.dataset.words);
  const state = { range: "1h", kind: host.dataset.kind, data: null, plot: null, asked: 0, followed: 0, later: null, busy: false };

  const { color, figure, written, timeIn } = evcePlotting;
  const inSite = timeIn(host.dataset.tz);

  const columns = () => {
    const d = state.data, bound = state.kind === "measured" ? d.t.map(() => d.maximum) : d.limit;
    return [d.t, ...d[state.kind], bound];
  };

  const say = (text) => {
    state.plot?.destroy();
    state.plot = null;
    const note = Object.assign(document.createElement("p"), { className: "plot-note", textContent: text });
    host.replaceChildren(note);
  };

  const series = (label, name) => ({
    label, stroke: color(name), width: 2, points: { show: false },
    value: (_, v) => (v == null ? "–" : figure.format(v) + " A"),
  });

  // While nobody points at the plot its legend shows the newest values.
  const newest = (plot) => {
    if (plot.cursor.idx == null) plot.setLegend({ idx: plot.data[0].length - 1 });
  };

  const draw = () => {
    if (!state.data || !state.data.t.length) { say(words.none); return; }
    state.plot?.destroy();
    host.replaceChildren();
    const [time, amps] = evcePlotting.axes("A");
    state.plot = new uPlot({
      width: host.clientWidth, height: host.clientWidth < 500 ? 220 : 260,
      tzDate: inSite, fmtDate: written,
      cursor: { drag: { x: true, y: false }, points: { size: 7 } },
      legend: { live: true },
      scales: { y: { range: evcePlotting.ampsRange } },
      axes: [time, amps],
      series: [
        { label: "", value: (_, s) => (s == null ? "–" : written("{D} {MMM} {HH}:{mm}:{ss}")(inSite(s))) },
        series("L1", "--l1"), series("L2", "--l2"), series("L3", "--l3"),
        { ...series(state.kind === "measured" ? words.maximum : words.limit, "--limit"),
          dash: [6, 4], width: 1.5, paths: uPlot.paths.stepped({ align: 1 }) },
      ],
      hooks: { setCursor: [newest] },
    }, columns(), host);
    newest(state.plot);
  };

  const fetchPoints = async (since) => {
    const query = new URLSearchParams({ range: state.range, ...(since ? { since } : {}) });
    const answer = await fetch(`${host.dataset.url}?${query}`, { headers: { "X-EVCE-Live": "1", Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  const load = async () => {
    const range = state.range;
    try {
      const data = await fetchPoints();
      if (range !== state.range) return;
      state.data = data;
      state.asked = performance.now();
      draw();
    } catch { say(words.failed); setTimeout(load, 5000); }
  };

  const append = (more) => {
    const d = state.data, from = (more.t.at(-1) ?? d.t.at(-1)) - SPAN_S[state.range];
    d.maximum = more.maximum;
    const join = (old, fresh) => old.concat(fresh);
    d.t = join(d.t, more.t);
    d.limit = join(d.limit, more.limit);
    for (const name of ["measured", "setpoints"]) d[name] = d[name].map((one, i) => join(one, more[name][i]));
    const drop = d.t.findIndex((t) => t >= from);
    if (drop > 0) {
      d.t = d.t.slice(drop);
      d.limit = d.limit.slice(drop);
      for (const name of ["measured", "setpoints"]) d[name] = d[name].map((one) => one.slice(drop));
    }
  };

  const follow = async () => {
    const now = performance.now();
    if (document.hidden || state.busy || !state.data) return;
    if (state.range !== "1h") { if (now - state.asked > AGAIN_MS) await load(); return; }
    if (now - state.followed < FOLLOW_MS) {
      state.later ??= setTimeout(() => { state.later = null; follow(); }, FOLLOW_MS - (now - state.followed));
      return;
    }
    state.busy = true;
    state.followed = now;
    try {
      const more = await fetchPoints(state.data.t.at(-1));
      if (state.range === "1h" && more.t.length) {
        append(more);
        const zoomed = state.plot && (state.plot.scales.x.max < state.plot.data[0].at(-1) || state.plot.scales.x.min > state.plot.data[0][0]);
        if (state.plot) { state.plot.setData(columns(), !zoomed); newest(state.plot); } else draw();
        host.dataset.points = state.data.t.length;
        host.dataset.newest = state.data.t.at(-1);
      }
    } catch { /* the bar says that the connection is lost; the next change tries again */ } finally { state.busy = false; }
  };

  document.addEventListener("click", (event) => {
    const range = event.target.closest("[data-plot-range]"), kind = event.target.closest("[data-plot-kind]");
    const chosen = range ?? kind;
    if (!chosen) return;
    chosen.parentElement.querySelectorAll("button").forEach((button) => button.classList.toggle("on", button === chosen));
    if (range) { state.range = range.dataset.plotRange; load(); }
    if (kind) { state.kind = kind.dataset.plotKind; draw(); }
  });
  document.addEventListener("evce:changed", follow);
  document.addEventListener("evce:theme", draw);
  let width = host.clientWidth;
  new ResizeObserver(() => {
    if (host.clientWidth !== width && state.plot) {
      width = host.clientWidth;
      state.plot.setSize({ width, height: width < 500 ? 220 : 260 });
    }
  }).observe(host);
  load();
})();
