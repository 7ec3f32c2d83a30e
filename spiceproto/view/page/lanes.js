// Connections as lanes on one line of time: how much was said when, and where something is wrong.

import { channelName } from "./data.js";

const LANE = 16; // pixels
const COLUMNS = 1200; // pieces of time that are told apart
const MOST = 40; // lanes

export class Lanes {
  #capture;
  #root;
  #time = document.createElement("div");
  #marker = document.createElement("div");
  #names = document.createElement("div");
  #more = document.createElement("p");
  #buttons = new Map();
  #narrow;
  #first = 0;
  #span = 1e-6;
  #seconds = 0;

  // jump(seconds) is called with a time, narrow(connection) with a lane that shall be seen alone.
  constructor(root, capture, jump, narrow) {
    this.#root = root;
    this.#capture = capture;
    this.#narrow = narrow;
    this.#names.className = "names";
    this.#time.className = "time";
    this.#marker.className = "marker";
    this.#time.tabIndex = 0;
    this.#time.setAttribute("role", "slider");
    this.#time.setAttribute("aria-label", "Time");
    this.#time.setAttribute("aria-valuemin", "0");
    this.#time.addEventListener("pointerdown", (event) => {
      const box = this.#time.getBoundingClientRect();
      jump(this.#first + ((event.clientX - box.left) / box.width) * this.#span);
    });
    this.#time.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 0.01, ArrowUp: 0.01, ArrowLeft: -0.01, ArrowDown: -0.01, PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1 };
      if (!(event.key in steps)) return;
      event.preventDefault();
      const now = Number(this.#time.getAttribute("aria-valuenow")) || 0;
      jump(this.#first + Math.max(0, Math.min(this.#span, now + steps[event.key] * this.#span)));
    });
    this.#root.append(this.#names, this.#time, this.#more);
    this.fill();
    this.show(this.#first);
  }

  // What the capture has now.
  fill() {
    const capture = this.#capture;
    const { time } = capture.columns;
    this.#first = capture.length ? time[0] : 0;
    let last = this.#first;
    for (const at of time) if (at > last) last = at;
    this.#span = Math.max(last - this.#first, 1e-6);
    this.#time.setAttribute("aria-valuemax", this.#span.toFixed(3));
    const counts = this.#counts();
    const shown = [...capture.connections.values()].slice(0, MOST);
    const names = [];
    const lanes = [];
    let session = null;
    for (const item of shown) {
      const name = this.#buttons.get(item.connection) ?? document.createElement("button");
      if (!this.#buttons.has(item.connection)) name.addEventListener("click", () => this.#narrow(item.connection));
      this.#buttons.set(item.connection, name);
      name.type = "button";
      const of = item.session === null ? "no session" : `session ${item.session}`;
      name.textContent = `${item.session === session ? "" : `${of} · `}${channelName(item)}`;
      session = item.session;
      name.title = `show connection ${item.connection} alone: ${of}: ${item.client} to ${item.server} over ${item.transport.join("/")}${item.ended ? `; ${item.ended}` : ""}`;
      names.push(name);
      lanes.push(this.#lane(item, counts.get(item.connection)));
    }
    if (this.#names.childElementCount !== names.length) this.#names.replaceChildren(...names);
    this.#time.replaceChildren(...lanes, this.#marker);
    const more = capture.connections.size - shown.length;
    this.#more.hidden = !more;
    this.#more.textContent = more ? `${more} more connections are in the list only` : "";
    this.show(this.#seconds);
  }

  #counts() {
    const { time, connection, flags } = this.#capture.columns;
    const found = new Map();
    for (let row = 0; row < this.#capture.length; row += 1) {
      let lane = found.get(connection[row]);
      if (!lane) found.set(connection[row], (lane = { client: new Uint32Array(COLUMNS), server: new Uint32Array(COLUMNS), marks: new Uint8Array(COLUMNS) }));
      const column = Math.min(Math.floor(((time[row] - this.#first) / this.#span) * COLUMNS), COLUMNS - 1);
      lane[(flags[row] & 3) === 1 ? "client" : "server"][column] += 1;
      lane.marks[column] |= this.#capture.marks[row];
    }
    return found;
  }

  #lane(item, counts) {
    const canvas = document.createElement("canvas");
    canvas.width = COLUMNS;
    canvas.height = LANE;
    canvas.setAttribute("aria-hidden", "true");
    if (!counts) return canvas;
    const context = canvas.getContext("2d");
    const colours = getComputedStyle(document.documentElement);
    const middle = LANE / 2;
    for (let column = 0; column < COLUMNS; column += 1) {
      for (const [side, up] of [["client", true], ["server", false]]) {
        const count = counts[side][column];
        if (!count) continue;
        const height = Math.min(2 + 2 * Math.log2(count), middle);
        context.fillStyle = colours.getPropertyValue(`--${side}`);
        context.fillRect(column, up ? middle - height : middle, 1.5, height);
      }
      if (counts.marks[column] & 5) {
        context.fillStyle = colours.getPropertyValue("--bad");
        context.fillRect(column - 1, 0, 3, LANE);
      }
    }
    return canvas;
  }

  // The time that is looked at.
  show(seconds) {
    this.#seconds = seconds;
    const past = Math.max(0, Math.min(this.#span, seconds - this.#first));
    this.#marker.style.left = `${(100 * past) / this.#span}%`;
    this.#time.setAttribute("aria-valuenow", past.toFixed(3));
    this.#time.setAttribute("aria-valuetext", `${past.toFixed(3)} seconds`);
  }
}
