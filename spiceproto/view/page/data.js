// What the page holds of the capture: columns of rows, summaries, and bodies in blocks that are opened when they are wanted.

const KEPT = 24; // blocks that stay open
const WIDTHS = { d: 8, I: 4, H: 2, B: 1 };
const ARRAYS = { d: Float64Array, I: Uint32Array, H: Uint16Array, B: Uint8Array };
const HAS_BYTES = 4;

export function decoded(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place += 1) bytes[place] = letters.charCodeAt(place);
  return bytes;
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The text of an element that held something; it is needed once.
function taken(name) {
  const element = document.getElementById(`held-${name}`);
  const text = element.textContent;
  element.remove();
  return text;
}

// Whether the page has its capture, and is not to be told of it.
export function isWhole() {
  return document.getElementById("held-about") !== null;
}

// The text of an element that holds something, and may be asked for again.
export function held(name) {
  return document.getElementById(`held-${name}`).textContent;
}

export function blobOf(name, type) {
  return new Blob([decoded(held(name))], { type });
}

export async function openCapture() {
  const about = JSON.parse(new TextDecoder().decode(await inflated(decoded(taken("about")))));
  return new Capture(about, await inflated(decoded(taken("rows"))));
}

export class Capture {
  live = false; // more may come
  first = 0; // number in the whole capture of the first row that is here
  #open = new Map();
  #lower = null;

  constructor(about, packed) {
    this.about = about;
    this.length = about.rows;
    let place = 0;
    this.columns = {};
    for (const [name, code] of about.columns) {
      this.columns[name] = new ARRAYS[code](packed.buffer, place, about.rows);
      place += about.rows * WIDTHS[code];
    }
    const text = new TextDecoder().decode(packed.subarray(place));
    this.summaries = about.rows ? text.split("\n") : [];
    this.kinds = about.kinds.map(([layer, name, structures]) => ({ layer, name, structures }));
    this.connections = new Map(about.connections.map((item) => [item.connection, item]));
    this.marks = new Uint8Array(about.rows); // 1 a problem, 2 tolerated, 4 broken
    this.broken = about.broken;
    this.problems = about.problems;
    this.mark();
  }

  // Marks rows by what is wrong with them.
  mark() {
    this.marks.fill(0);
    for (const item of this.problems) if (item.row >= 0 && item.severity !== "note") this.marks[item.row] |= 1;
    for (const item of this.broken) if (item.row >= 0) this.marks[item.row] |= item.tolerated ? 2 : 4;
  }

  // The bytes of a PNG file.
  picture(place) {
    return decoded(document.getElementById(`held-picture-${place}`).textContent);
  }

  // Summaries in small letters, for those who search.
  get lower() {
    this.#lower ??= this.summaries.map((text) => text.toLowerCase());
    return this.#lower;
  }

  channel(row) {
    const item = this.connections.get(this.columns.connection[row]);
    return item ? channelName(item) : "";
  }

  sender(row) {
    return this.about.senders[this.columns.flags[row] & 3];
  }

  kind(row) {
    return this.kinds[this.columns.kind[row]];
  }

  // Promises the bytes of a row, null where the page has none.
  async body(row) {
    if (!(this.columns.flags[row] & HAS_BYTES)) return null;
    const starts = this.about.blocks;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= row) low = middle;
      else high = middle - 1;
    }
    const bytes = await this.#block(low);
    let place = 0;
    for (let at = starts[low]; at < row; at += 1) if (this.columns.flags[at] & HAS_BYTES) place += this.columns.size[at];
    return bytes.subarray(place, place + this.columns.size[row]);
  }

  #block(number) {
    let found = this.#open.get(number);
    this.#open.delete(number);
    if (!found) {
      const text = document.getElementById(`held-block-${number}`).textContent;
      const bytes = decoded(text.slice(1));
      found = text[0] === "d" ? inflated(bytes) : Promise.resolve(bytes);
    }
    this.#open.set(number, found);
    if (this.#open.size > KEPT) this.#open.delete(this.#open.keys().next().value);
    return found;
  }
}

export function channelName(connection) {
  return connection.channel ? `${connection.channel}:${connection.channel_id}` : "unknown";
}
