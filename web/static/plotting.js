// What the plots have in common: colours of the theme, figures and times as the reader writes them, axes.
const evcePlotting = (() => {
  const locale = document.documentElement.lang;
  const figure = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const named = (part, style) => (n) => new Intl.DateTimeFormat(locale, { [part]: style, timeZone: "UTC" })
    .format(new Date(part === "month" ? Date.UTC(2026, n, 1) : Date.UTC(2026, 1, 1 + n)));
  const names = {
    MMMM: [...Array(12).keys()].map(named("month", "long")), MMM: [...Array(12).keys()].map(named("month", "short")),
    WWWW: [...Array(7).keys()].map(named("weekday", "long")), WWW: [...Array(7).keys()].map(named("weekday", "short")),
  };
  const written = (template) => uPlot.fmtDate(template, names);
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const timeIn = (zone) => (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone);

  const axes = (unit) => {
    const axis = { stroke: color("--ink-soft"), font: "11px 'Inter Variable', sans-serif",
      grid: { stroke: color("--grid"), width: 1 }, ticks: { show: false } };
    return [
      { ...axis, space: 70, values: [
        [86400, "{D} {MMM}", null, null, null, null, null, null, 1],
        [3600, "{HH}:{mm}", "\n{D} {MMM}", null, null, null, null, null, 1],
        [60, "{HH}:{mm}", null, null, null, null, null, null, 1],
        [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1]] },
      { ...axis, size: 48, values: (_, all) => all.map((v) => `${v} ${unit}`) }];
  };

  const ampsRange = (_, low, high) => [0, Math.max(10, Math.ceil((high ?? 10) * 1.08 / 10) * 10)];

  return { axes, ampsRange, color, figure, timeIn, written };
})();
