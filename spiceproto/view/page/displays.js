// What a display showed when a message had been drawn, put together of moments; and who drew what is there.

const BOX = 20; // bytes of surface and box at the beginning of a message that draws

export class Displays {
  #capture;
  #root;
  #canvas = document.createElement("canvas");
  #frame = document.createElement("div");
  #words = document.createElement("p");
  #stage = document.createElement("div");
  #display = null;
  #shown = null; // moment that the canvas has
  #turn = 0;
  #row = -1;
  #choose;

  // choose(row) is called with the row that drew where somebody has clicked.
  constructor(root, capture, choose) {
    this.#root = root;
    this.#capture = capture;
    this.#choose = choose;
    root.hidden = true;
    this.#canvas.setAttribute("role", "img");
    this.#frame.className = "frame";
    this.#frame.hidden = true;
    this.#stage.className = "stage";
    this.#words.setAttribute("role", "status");
    this.#stage.append(this.#canvas, this.#frame);
    root.append(this.#words, this.#stage);
    this.#canvas.addEventListener("click", (event) => {
      const box = this.#canvas.getBoundingClientRect();
      const scale = this.#canvas.width / box.width;
      this.#drawer(Math.floor((event.clientX - box.left) * scale), Math.floor((event.clientY - box.top) * scale));
    });
  }

  get display() {
    return this.#display;
  }

  // The display of a row, or the one that was shown last; as it was behind that row. Its fields say which part it is about.
  async show(row, fields) {
    const { about } = this.#capture;
    this.#root.hidden = !about.displays.length;
    if (!about.displays.length) return;
    const connection = this.#capture.connections.get(this.#capture.columns.connection[row]);
    const own = about.displays.find((one) => this.#is(one, connection));
    const display = own ?? about.displays.find((one) => one.session === connection?.session) ?? this.#display ?? about.displays[0];
    if (display !== this.#display) this.#shown = null;
    const ready = () => (this.#root.dataset.row = row);
    this.#display = display;
    this.#row = row;
    const turn = (this.#turn += 1);
    let wanted = display.moments.length - 1;
    while (wanted >= 0 && display.moments[wanted].row > row) wanted -= 1;
    const name = `Display ${display.channel_id}${about.displays.length > 1 ? ` of session ${display.session}` : ""}`;
    if (wanted < 0) {
      this.#words.textContent = `${name}: nothing is shown yet`;
      this.#stage.hidden = true;
      ready();
      return;
    }
    const moment = display.moments[wanted];
    if (!(await this.#put(display, wanted, turn))) return;
    const number = this.#capture.columns.number[moment.row];
    const drawn = number ? `message ${number}` : "a message that is not in this page";
    this.#stage.hidden = false;
    this.#words.textContent = `${name}, ${moment.width} x ${moment.height}, as it was after ${drawn}. A click finds the message that drew there.`;
    this.#canvas.setAttribute("aria-label", `${name} after ${drawn}`);
    this.#place(own ? drawnBox(fields) : null, moment);
    ready();
  }

  #is(display, connection) {
    return connection?.channel === "display" && display.session === (connection.session ?? 0) && display.channel_id === connection.channel_id;
  }

  // Draws moments up to the wanted one; false if somebody wants another meanwhile.
  async #put(display, wanted, turn) {
    let from = wanted;
    while (from > 0 && !display.moments[from].whole) from -= 1;
    const shown = display.moments.indexOf(this.#shown);
    if (shown >= from && shown <= wanted) from = shown + 1;
    for (const moment of display.moments.slice(from, wanted + 1)) {
      const picture = await createImageBitmap(new Blob([this.#capture.picture(moment.png)], { type: "image/png" }));
      if (turn !== this.#turn) return false;
      if (moment.whole && (this.#canvas.width !== moment.width || this.#canvas.height !== moment.height)) {
        this.#canvas.width = moment.width;
        this.#canvas.height = moment.height;
      }
      this.#canvas.getContext("2d").drawImage(picture, moment.x, moment.y);
      this.#shown = moment;
    }
    return true;
  }

  #place(box, moment) {
    this.#frame.hidden = !box;
    if (!box) return;
    const share = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(this.#frame.style, {
      left: share(box.left, moment.width),
      top: share(box.top, moment.height),
      width: share(box.right - box.left, moment.width),
      height: share(box.bottom - box.top, moment.height),
    });
  }

  // Chooses the last message, up to the one that is looked at, that drew on the first surface at a place.
  async #drawer(x, y) {
    const { columns, about, kinds } = this.#capture;
    const draws = kinds.map(({ layer, structures }) => layer === "message" && about.structures[structures[0]]?.fields[0]?.type.name === "draw.DisplayBase");
    for (let row = this.#row; row >= 0; row -= 1) {
      if (!draws[columns.kind[row]] || !this.#is(this.#display, this.#capture.connections.get(columns.connection[row]))) continue;
      const body = await this.#capture.body(row);
      if (!body || body.length <= BOX) continue;
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      const inside = (at) => view.getInt32(at, true) <= y && view.getInt32(at + 4, true) <= x && view.getInt32(at + 8, true) > y && view.getInt32(at + 12, true) > x;
      if (view.getUint32(0, true) !== 0 || !inside(4)) continue;
      if (body[BOX] === 1) {
        const count = view.getUint32(BOX + 1, true);
        let some = false;
        for (let at = BOX + 5, index = 0; index < count && at + 16 <= body.length; index += 1, at += 16) some ||= inside(at);
        if (!some) continue;
      }
      this.#choose(row);
      return;
    }
    this.#words.textContent = `No message up to this one drew at ${x}, ${y}: video is not looked for, nor what is on other surfaces.`;
  }
}

// Where a message draws, null if it does not draw on the first surface.
function drawnBox(fields) {
  const base = fields.find((item) => item.name === "base" && item.text === "DisplayBase");
  if (!base || base.children[0]?.number !== 0) return null;
  const found = {};
  for (const item of base.children[1]?.children ?? []) found[item.name] = item.number;
  return found;
}

// The images that a row brought, as elements.
export function imagesOf(capture, row) {
  return (capture.about.images[row] ?? []).map((place, index) => {
    const image = document.createElement("img");
    image.src = URL.createObjectURL(new Blob([capture.picture(place)], { type: "image/png" }));
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    image.alt = `image ${index + 1} of this message, as it was decoded`;
    return image;
  });
}
