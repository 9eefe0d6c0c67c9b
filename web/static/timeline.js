// The plot of a session: what the car was allowed and what it drew, with its key moments, to zoom into.
(() => {
  const AGAIN_MS = 10000;
  const host = document.getElementById("course");
  if (!host) return;
  const { color, figure, written, timeIn } = evcePlotting;
  const words = JSON.parse(host.dataset.words);
  const inSite = timeIn(host.dataset.tz);
  const why = document.getElementById("course-why");
  const state = { data: null, plot: null, moments: [], running: true };
  const seconds = (text) => Date.parse(text) / 1000;

  const say = (text) => {
    state.plot?.destroy();
    state.plot = null;
    host.replaceChildren(Object.assign(document.createElement("p"), { className: "plot-note", textContent: text }));
  };

  // The stretches are told in words by the page itself; the plot only points at the one under the cursor.
  const rows = () => [...document.querySelectorAll("[data-stretch]")];
  const rowAt = (t) => rows().find((row) => t >= Number(row.dataset.begin) && t < Number(row.dataset.end));
  const point = (plot) => {
    const at = plot.cursor.left == null || plot.cursor.left < 0 ? null : plot.posToVal(plot.cursor.left, "x");
    const row = at == null ? null : rowAt(at);
    rows().forEach((one) => one.classList.toggle("pointed", one === row));
    why.textContent = row ? row.dataset.stretch : why.dataset.hint;
  };

  // A dashed line for each key moment, with the number that it has in the list.
  const mark = (plot) => {
    const { ctx, bbox } = plot, ratio = devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = color("--ink-faint");
    ctx.fillStyle = color("--ink-soft");
    ctx.font = `${11 * ratio}px 'Inter Variable', sans-serif`;
    ctx.textAlign = "left";
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    let last = -Infinity;
    state.moments.forEach((at, index) => {
      const x = plot.valToPos(at, "x", true);
      if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) return;
      ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
      if (x - last < 16 * ratio) return;
      last = x;
      ctx.fillText(String(index + 1), Math.min(x + 3 * ratio, bbox.left + bbox.width - 12 * ratio), bbox.top + 11 * ratio);
    });
    ctx.restore();
  };

  const columns = () => {
    const points = state.data.points, last = points.at(-1);
    const t = points.map((p) => seconds(p.at)), allowed = points.map((p) => p.allowed_a), drawn = points.map((p) => p.drawn_a);
    const end = state.data.stopped_at ? seconds(state.data.stopped_at) : Date.now() / 1000;
    if (end > t.at(-1)) { t.push(end); allowed.push(last.allowed_a); drawn.push(last.drawn_a); }
    return [t, allowed, drawn];
  };

  const series = (label, name, more) => ({
    label, stroke: color(name), width: 2, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }),
    value: (_, v) => (v == null ? "–" : figure.format(v) + " A"), ...more,
  });

  const draw = () => {
    if (!state.data?.points.length) { say(words.none); return; }
    state.plot?.destroy();
    host.replaceChildren();
    const [time, amps] = evcePlotting.axes("A");
    state.plot = new uPlot({
      width: host.clientWidth, height: host.clientWidth < 500 ? 220 : 280,
      tzDate: inSite, fmtDate: written,
      cursor: { drag: { x: true, y: false }, points: { size: 7 } },
      scales: { y: { range: evcePlotting.ampsRange } },
      axes: [time, amps],
      series: [
        { label: "", value: (_, s) => (s == null ? "–" : written("{D} {MMM} {HH}:{mm}:{ss}")(inSite(s))) },
        series(words.allowed, "--limit", { dash: [6, 4], width: 1.5 }),
        series(words.drawn, "--granted", { fill: color("--granted") + "26" }),
      ],
      hooks: { draw: [mark], setCursor: [point], setScale: [told] },
    }, columns(), host);
  };

  const told = (plot, scale) => {
    if (scale !== "x") return;
    host.dataset.from = plot.scales.x.min;
    host.dataset.to = plot.scales.x.max;
  };

  const whole = () => [state.plot.data[0][0], state.plot.data[0].at(-1)];
  const show = (from, to) => {
    const [first, last] = whole(), span = Math.min(Math.max(to - from, 10), last - first);
    const min = Math.min(Math.max(from, first), last - span);
    state.plot.setScale("x", { min, max: min + span });
  };
  const zooms = {
    in: (from, to) => show(from + (to - from) / 4, to - (to - from) / 4),
    out: (from, to) => show(from - (to - from) / 2, to + (to - from) / 2),
    earlier: (from, to) => show(from - (to - from) / 2, to - (to - from) / 2),
    later: (from, to) => show(from + (to - from) / 2, to + (to - from) / 2),
    whole: () => show(...whole()),
  };

  const load = async () => {
    try {
      const answer = await fetch(host.dataset.url, { headers: { "X-EVCE-Live": "1", Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      state.data = await answer.json();
      state.moments = state.data.moments.map((one) => seconds(one.at));
      state.running = state.data.stopped_at === null;
      if (!state.plot) draw();
      else {
        const [first, last] = whole(), { min, max } = state.plot.scales.x;
        const zoomed = min > first || max < last;
        state.plot.setData(columns(), !zoomed);
      }
      host.dataset.points = state.data.points.length;
    } catch { if (!state.plot) say(words.failed); }
    if (state.running) setTimeout(again, AGAIN_MS);
  };
  const again = () => { if (document.hidden) setTimeout(again, AGAIN_MS); else load(); };

  document.addEventListener("click", (event) => {
    if (!state.plot) return;
    const zoom = event.target.closest("[data-zoom]"), stretch = event.target.closest("[data-zoom-to]");
    if (zoom) zooms[zoom.dataset.zoom](state.plot.scales.x.min, state.plot.scales.x.max);
    if (stretch) {
      const row = stretch.closest("[data-stretch]"), from = Number(row.dataset.begin), to = Number(row.dataset.end);
      show(from - (to - from) / 10, to + (to - from) / 10);
      host.scrollIntoView({ block: "nearest" });
    }
  });
  document.addEventListener("evce:theme", draw);
  let width = host.clientWidth;
  new ResizeObserver(() => {
    if (host.clientWidth !== width && state.plot) {
      width = host.clientWidth;
      state.plot.setSize({ width, height: width < 500 ? 220 : 280 });
    }
  }).observe(host);
  load();
})();
