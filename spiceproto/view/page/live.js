// A capture that still runs: pieces of it come over a WebSocket, and what the server does not keep any more goes here, too.

import { Capture } from "./data.js";

const WIDTHS = { d: Float64Array, I: Uint32Array, H: Uint16Array, B: Uint8Array };
const HAS_BYTES = 4;
const EMPTY = { rows: 0, kinds: [], connections: [], broken: [], problems: [], displays: [], images: {}, sentences: {}, said: [], blocks: [], start: 0 };

// Promises the capture, when its first piece is there. grown(changes) is called with what each later piece has changed.
export function openLive(grown) {
  return new Promise((found) => {
    let capture = null;
    let first = true;
    const parts = location.hash.slice(1).split("&");
    const token = parts[0].includes("=") ? "" : parts.shift();
    history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : location.pathname);
    if (token) sessionStorage.setItem("token", token);
    const socket = new WebSocket(`ws://${location.host}/socket`, [`t.${token || sessionStorage.getItem("token")}`]);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") {
        capture = new LiveCapture(JSON.parse(data));
        return;
      }
      const changes = capture.take(data);
      if (first) found(capture);
      else grown(changes);
      first = false;
      socket.send("ok");
    });
    socket.addEventListener("close", () => {
      if (!capture) capture = new LiveCapture({ capture: "", program: "nobody", columns: [], senders: [], structures: {}, enums: {}, flags: {}, judged: false });
      capture.gone(first ? "This page may not come in, or nobody is there: open the address that the command printed." : "Nobody serves this page any more: what came before is shown.");
      if (first) found(capture);
      else grown({ state: true });
      first = false;
    });
  });
}

export class LiveCapture extends Capture {
  #room = 0; // rows that the columns have room for
  #all = {};
  #allMarks = new Uint8Array(0);
  #bodies = new Map(); // by the number of the row in the whole capture
  #pictures = new Map();
  #small = [];
  #problemsGone = 0;
  state = ""; // why no more comes
  left = { rows: 0, bodies: 0 };

  constructor(about) {
    super({ ...EMPTY, ...about, images: {}, sentences: {}, displays: [], said: [] }, new Uint8Array(0));
    this.live = true;
    for (const [name, code] of about.columns) this.#all[name] = new WIDTHS[code](0);
  }

  get lower() {
    for (let row = this.#small.length; row < this.length; row += 1) this.#small.push(this.summaries[row].toLowerCase());
    return this.#small;
  }

  async body(row) {
    return this.#bodies.get(this.first + row) ?? null;
  }

  picture(place) {
    return this.#pictures.get(place);
  }

  // Nobody says anything any more.
  gone(text) {
    this.state = this.state ? `${this.state}. ${text}` : text;
  }

  // Takes a piece (spiceproto/view/feed.py); says what has changed: rows that have gone, and which parts are others.
  take(data) {
    const size = new DataView(data).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size)));
    const changes = { gone: this.#drop(head.firsts[0]), rows: head.count ?? 0 };
    let place = Math.ceil((4 + size) / 8) * 8;
    if (head.count) place = this.#append(head, data, place);
    for (const [number, length] of head.pictures ?? []) {
      this.#pictures.set(number, new Uint8Array(data.slice(place, place + length)));
      place += length;
    }
    this.#forget(head.firsts);
    this.#show(head);
    for (const item of head.connections ?? []) this.connections.set(item.connection, item);
    Object.assign(this.about.sentences, head.sentences ?? {});
    if (head.said) this.about.said = head.said;
    if (head.start !== undefined) this.about.start = head.start;
    if (head.state !== undefined) this.state = head.state;
    this.left = head.left;
    if (head.problems) {
      this.problems.splice(0, Math.max(head.problems.gone - this.#problemsGone, 0));
      this.#problemsGone = head.problems.gone;
      this.problems.push(...head.problems.items.map((item) => this.#placed(item)));
    }
    if (head.broken) {
      this.broken.length = head.broken.keep;
      this.broken.push(...head.broken.items.map((item) => this.#placed(item)));
    }
    if (changes.gone || changes.rows || head.problems || head.broken) this.mark();
    return { ...changes, displays: Boolean(head.displays), connections: Boolean(head.connections), problems: Boolean(head.problems), broken: Boolean(head.broken), state: true };
  }

  #placed(item) {
    return { ...item, row: item.row < this.first ? -1 : item.row - this.first };
  }

  // Rows before this one are not kept any more: how many of them were here.
  #drop(first) {
    const count = Math.min(first - this.first, this.length);
    const by = first - this.first;
    this.first = first;
    if (!by) return 0;
    for (const [name] of this.about.columns) this.#all[name].copyWithin(0, count, this.length);
    this.summaries.splice(0, count);
    this.#small.splice(0, count);
    this.#resize(this.length - count);
    for (const item of [...this.problems, ...this.broken]) if (item.row >= 0) item.row = Math.max(item.row - by, -1);
    for (const display of this.about.displays) for (const moment of display.moments) moment.row -= by;
    const images = {};
    for (const [row, places] of Object.entries(this.about.images)) if (row >= by) images[row - by] = places;
    this.about.images = images;
    return count;
  }

  #resize(length) {
    if (length > this.#room) {
      this.#room = Math.max(1024, 2 * length);
      for (const [name, code] of this.about.columns) {
        const more = new WIDTHS[code](this.#room);
        more.set(this.#all[name]);
        this.#all[name] = more;
      }
      this.#allMarks = new Uint8Array(this.#room);
    }
    this.length = length;
    for (const [name] of this.about.columns) this.columns[name] = this.#all[name].subarray(0, length);
    this.marks = this.#allMarks.subarray(0, length);
  }

  #append(head, data, start) {
    let place = start;
    const before = this.length;
    this.#resize(before + head.count);
    for (const [name, code] of this.about.columns) {
      const column = new WIDTHS[code](data, place, head.count);
      this.#all[name].set(column, before);
      place = Math.ceil((place + column.byteLength) / 8) * 8;
    }
    this.summaries.push(...head.summaries);
    for (const [layer, name, structures] of head.kinds ?? []) this.kinds.push({ layer, name, structures });
    const { flags, size } = this.columns;
    for (let row = before; row < this.length; row += 1) {
      if (!(flags[row] & HAS_BYTES)) continue;
      this.#bodies.set(this.first + row, new Uint8Array(data.slice(place, place + size[row])));
      place += size[row];
    }
    return place;
  }

  // firsts: the first row that is kept, the first body, the first picture.
  #forget([, body, picture]) {
    for (const row of this.#bodies.keys()) {
      if (row >= body) break;
      this.#bodies.delete(row);
    }
    for (const place of this.#pictures.keys()) if (place < picture) this.#pictures.delete(place);
    for (const display of this.about.displays) {
      let gone = 0;
      while (gone < display.moments.length && display.moments[gone].png < picture) gone += 1;
      while (gone && gone < display.moments.length && !display.moments[gone].whole) gone += 1;
      display.moments.splice(0, gone);
    }
    for (const [row, places] of Object.entries(this.about.images)) if (places[0] < picture) delete this.about.images[row];
  }

  #show(head) {
    for (const { session, channel_id, moments } of head.displays ?? []) {
      let display = this.about.displays.find((one) => one.session === session && one.channel_id === channel_id);
      if (!display) this.about.displays.push((display = { session, channel_id, moments: [] }));
      display.moments.push(...moments.map((moment) => ({ ...moment, row: moment.row - this.first })));
    }
    for (const [row, places] of Object.entries(head.images ?? {})) this.about.images[row - this.first] = places;
  }
}
