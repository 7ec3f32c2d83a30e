// Numbers of a capture over time: bits and frames a second, round trips, messages without an acknowledgement; and caches.

import { channelName } from "./data.js";
import { drawn, made } from "./element.js";
import { chart } from "./chart.js";

const PIECES = 120; // of time
const SLOWEST = 0.5; // seconds in which frames are counted at the least
const FRAMES = new Set(["STREAM_DATA", "STREAM_DATA_SIZED"]);

export class Plots {
  element = made("div", { className: "pane plots", tabIndex: 0 });
  #capture;
  #jump;

  // jump(seconds) is called with a time that somebody has clicked at.
  constructor(capture, jump) {
    this.#capture = capture;
    this.#jump = jump;
  }

  // The tab is looked at: everything is counted once.
  opened() {
    if (this.element.children.length) return;
    const { columns } = this.#capture;
    let last = 0;
    for (const at of columns.time) if (at > last) last = at;
    const span = Math.max(last, 1e-3);
    const figures = [this.#rates(span), this.#frames(span), this.#trips(span), this.#unacknowledged(span)].filter(Boolean);
    this.element.append(...figures, this.#caches());
  }

  #name(number) {
    const names = new Map([...this.#capture.connections].map(([one, item]) => [one, channelName(item)]));
    const name = names.get(number) ?? "unknown";
    const several = [...names.values()].filter((one) => one === name).length !== 1;
    return several ? `${name}, connection ${number}` : name;
  }

  #lines(sums) {
    return [...sums].map(([number, values]) => ({ name: this.#name(number), values }));
  }

  #rates(span) {
    const { time, size, connection, kind } = this.#capture.columns;
    const messages = this.#capture.kinds.map((one) => one.layer === "message");
    const width = span / PIECES;
    const sums = new Map();
    for (let row = 0; row < this.#capture.length; row += 1) {
      if (!messages[kind[row]]) continue;
      let lane = sums.get(connection[row]);
      if (!lane) sums.set(connection[row], (lane = new Float64Array(PIECES)));
      lane[Math.min(Math.floor(time[row] / width), PIECES - 1)] += (8 * size[row]) / width;
    }
    return chart({ title: `Bits of messages a second, in pieces of ${Number(width.toPrecision(2))} s`, unit: "bit/s", span, lines: this.#lines(sums), jump: this.#jump });
  }

  #frames(span) {
    const { time, connection, kind } = this.#capture.columns;
    const frames = this.#capture.kinds.map((one) => one.layer === "message" && FRAMES.has(one.name));
    if (!frames.includes(true)) return null;
    const pieces = Math.max(1, Math.min(PIECES, Math.floor(span / SLOWEST)));
    const sums = new Map();
    for (let row = 0; row < this.#capture.length; row += 1) {
      if (!frames[kind[row]]) continue;
      let lane = sums.get(connection[row]);
      if (!lane) sums.set(connection[row], (lane = new Float64Array(pieces)));
      lane[Math.min(Math.floor((time[row] / span) * pieces), pieces - 1)] += pieces / span;
    }
    return chart({ title: "Video frames a second", unit: "frames/s", span, lines: this.#lines(sums), jump: this.#jump });
  }

  #trips(span) {
    const groups = new Map();
    for (const [number, , at, took] of this.#capture.about.panes.numbers.trips) {
      if (!groups.has(number)) groups.set(number, []);
      groups.get(number).push([at, 1000 * took]);
    }
    if (!groups.size) return null;
    const lines = [...groups].map(([number, points]) => ({ name: this.#name(number), points }));
    return chart({ title: "Round trips from PING to PONG, where the capture was made", unit: "ms", span, lines, jump: this.#jump });
  }

  // Messages of the server that no ACK of the client has counted yet, from the first SET_ACK of a channel on.
  #unacknowledged(span) {
    const { windows } = this.#capture.about.panes.numbers;
    if (!windows.length) return null;
    const { time, connection, kind, flags } = this.#capture.columns;
    const names = this.#capture.kinds.map((one) => (one.layer === "message" ? one.name : ""));
    const lanes = new Map();
    let next = 0;
    for (let row = 0; row < this.#capture.length; row += 1) {
      for (; next < windows.length && windows[next][1] <= row; next += 1) {
        const [number, , , window] = windows[next];
        const lane = lanes.get(number) ?? { open: 0, windows: new Set(), values: new Float64Array(PIECES).fill(NaN) };
        lane.window = window;
        lane.windows.add(window);
        lanes.set(number, lane);
      }
      const lane = lanes.get(connection[row]);
      const name = names[kind[row]];
      if (!lane || !name || name === "SET_ACK") continue;
      if ((flags[row] & 3) === 2) lane.open += 1;
      else if (name === "ACK") lane.open = Math.max(0, lane.open - lane.window);
      else continue;
      const place = Math.min(Math.floor((time[row] / span) * PIECES), PIECES - 1);
      lane.values[place] = Math.max(lane.values[place] || 0, lane.open);
    }
    const lines = [...lanes].map(([number, lane]) => ({ name: `${this.#name(number)}, window ${[...lane.windows].join(", ")}`, values: carried(lane.values) }));
    return chart({ title: "Messages of the server without an acknowledgement", unit: "messages", span, lines, jump: this.#jump });
  }

  // Shares that came from a cache, as bars.
  #caches() {
    const { caches, dictionary } = this.#capture.about.panes.numbers;
    const rows = Object.entries(caches).map(([name, one]) => [`cache of ${name}`, one.hit_rate, `${one.taken} taken, ${one.kept} kept`]);
    if (dictionary) rows.push(["GLZ dictionary", dictionary.hit_rate, dictionary.text.replace(/^[^:]*: /, "")]);
    const body = made("tbody");
    for (const [name, share, words] of rows) {
      const bar = drawn("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", class: "bar", "aria-hidden": "true" });
      bar.append(drawn("rect", { width: 100 * (share ?? 0), height: 10 }));
      const percent = share === null ? "not used" : `${(100 * share).toFixed(1)} %`;
      body.append(made("tr", {}, made("th", { scope: "row" }, name), made("td", {}, bar), made("td", {}, percent), made("td", {}, words)));
    }
    return made("table", { className: "caches" }, made("caption", {}, "What caches and the dictionary gave"), body);
  }
}

// Where nothing was said, the number is as it was.
function carried(values) {
  let last = NaN;
  return values.map((value) => (Number.isNaN(value) ? last : (last = value)));
}
