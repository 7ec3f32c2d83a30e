// A chart over time as SVG, with its numbers as a table.

import { drawn, made } from "./element.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 150, 58, 18, 8];
const LINES = 6; // that are told apart; the others are one
const ROWS = 60; // of the table

// lines: [{name, values}] of equal pieces of the span, NaN where there is nothing, or [{name, points: [[seconds, value]]}];
// jump(seconds) is called with a time that was clicked at.
export function chart({ title, unit, span, lines, jump }) {
  const shown = ranked(lines);
  let most = 0;
  for (const line of shown) for (const [, value] of pointsOf(line, span)) if (value > most) most = value;
  const top = nice(most);
  const x = (seconds) => LEFT + ((WIDTH - LEFT) * seconds) / span;
  const y = (value) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * value) / top;
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${shown.map(({ name, most: at }) => `${name} at most ${measured(at, unit)}`).join("; ")}` });
  for (const share of [0, 0.5, 1]) {
    svg.append(drawn("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: y(top * share), y2: y(top * share) }));
    svg.append(drawn("text", { x: LEFT - 4, y: y(top * share) + 4, "text-anchor": "end" }, short(top * share)));
  }
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    svg.append(drawn("text", { x: x(span * share), y: HEIGHT - 4, "text-anchor": anchor }, `${short(span * share)} s`));
  }
  const legend = made("ul", { className: "legend" });
  shown.forEach((line, place) => {
    const points = pointsOf(line, span);
    if (line.points) for (const [at, value] of points) svg.append(drawn("circle", { class: `dot series-${place}`, cx: x(at).toFixed(1), cy: y(value).toFixed(1), r: 2.5 }));
    else svg.append(drawn("path", { class: `series series-${place}`, d: `M${points.map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L")}` }));
    const sign = line.points ? drawn("circle", { class: `dot series-${place}`, cx: 9, cy: 4, r: 2.5 }) : drawn("path", { class: `series series-${place}`, d: "M0 4H18" });
    const key = drawn("svg", { viewBox: "0 0 18 8", width: 18, height: 8, "aria-hidden": "true" }, sign);
    legend.append(made("li", {}, key, ` ${line.name}, at most ${measured(line.most, unit)}`));
  });
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) * WIDTH) / box.width;
    jump(Math.max(0, Math.min(span, ((at - LEFT) / (WIDTH - LEFT)) * span)));
  });
  return made("figure", {}, made("figcaption", {}, `${title}, ${unit}`), svg, legend, table(shown, span, unit));
}

// The largest, and what the others have together.
function ranked(lines) {
  const sum = ({ values, points }) => (values ?? points.map(([, value]) => value)).reduce((all, value) => all + (value || 0), 0);
  const sorted = lines.map((line) => ({ line, sum: sum(line) })).sort((one, other) => other.sum - one.sum).map(({ line }) => line);
  const shown = sorted.slice(0, sorted.length > LINES ? LINES - 1 : LINES);
  const rest = sorted.slice(shown.length);
  if (rest.length) {
    const name = `${rest.length} others`;
    shown.push(rest[0].points ? { name, points: rest.flatMap(({ points }) => points) } : { name, values: rest[0].values.map((_, place) => rest.reduce((all, { values }) => all + (values[place] || 0), 0)) });
  }
  for (const line of shown) line.most = (line.values ? Array.from(line.values) : line.points.map(([, value]) => value)).reduce((most, value) => (value > most ? value : most), 0);
  return shown;
}

// Seconds and value of each point; of pieces of time, their middles.
function pointsOf({ values, points }, span) {
  if (points) return points.length > 2000 ? points.filter((_, place) => place % Math.ceil(points.length / 2000) === 0) : points;
  const found = [];
  values.forEach((value, place) => {
    if (!Number.isNaN(value)) found.push([((place + 0.5) * span) / values.length, value]);
  });
  return found;
}

function table(lines, span, unit) {
  const details = made("details", {}, made("summary", {}, "As numbers"));
  details.addEventListener("toggle", () => {
    if (details.children.length > 1) return;
    const body = made("tbody");
    for (const line of lines) {
      const points = pointsOf(line, span);
      const step = Math.ceil(points.length / ROWS) || 1;
      for (let place = 0; place < points.length; place += step) {
        const group = points.slice(place, place + step);
        body.append(made("tr", {}, made("td", {}, line.name), made("td", {}, group[0][0].toFixed(3)), made("td", {}, short(Math.max(...group.map(([, value]) => value))))));
      }
    }
    const heads = ["", "from second", `at most, ${unit}`].map((text) => (text ? made("th", { scope: "col" }, text) : made("td")));
    details.append(made("div", { className: "scroll", tabIndex: 0 }, made("table", {}, made("thead", {}, made("tr", {}, ...heads)), body)));
  });
  return details;
}

// A number with its unit: 71.2 Mbit/s.
function measured(value, unit) {
  return `${short(value)} ${unit}`.replace(/ ([kMG]) (bit)/, " $1$2");
}

// The next 1, 2 or 5 with zeros.
function nice(value) {
  if (!(value > 0)) return 1;
  const ten = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * ten >= value) * ten;
}

function short(value) {
  if (value >= 1e9) return `${(value / 1e9).toPrecision(3)} G`;
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)} k`;
  return String(Number(value.toPrecision(3)));
}
