// The displays side by side: frames are drawn as they come, and acknowledged; size, full screen and pictures of them.

import { decode } from "./lz4.js";

const HEAD = 16;
const RECTANGLE = 16;
const PIXELS = 0;
const FRAME = 0;
const PATIENCE = 300; // milliseconds
const GAP = 8;

export class Displays {
  #connection;
  #root;
  #shown = new Map();
  #size = "fit";
  #arranged = "";
  #timer = 0;
  #added = [];
  #image = null;

  constructor(connection, root) {
    this.#connection = connection;
    this.#root = root;
    connection.onKind(FRAME, (data) => this.#draw(data));
    connection.on("opened", () => this.#seen());
    document.addEventListener("visibilitychange", () => this.#seen());
    new ResizeObserver(() => this.layOut()).observe(root);
  }

  // Displays by their numbers: {number, place, canvas, width, height, scale}, where place is the element around the canvas.
  get all() {
    return [...this.#shown.values()];
  }

  // What is called with each display that is new; to be said before there is any.
  onAdded(act) {
    this.#added.push(act);
  }

  setSize(mode) {
    this.#size = mode;
    this.#arranged = "";
    this.#root.dataset.size = mode;
    this.layOut();
  }

  // Every edge on a pixel of the screen: what lies between two is blurred.
  layOut() {
    const displays = this.all;
    const box = this.#root.getBoundingClientRect();
    const width = Math.floor(this.#root.clientWidth) - GAP * (displays.length - 1);
    const height = Math.floor(this.#root.clientHeight);
    if (!displays.length || width <= 0 || height <= 0) return;
    const across = displays.reduce((sum, display) => sum + display.width, 0);
    const down = Math.max(...displays.map((display) => display.height));
    const scale = this.#size === "actual" ? 1 : Math.min(width / across, height / down);
    for (const display of displays) {
      const shown = Math.max(1, Math.floor(display.width * scale));
      display.scale = shown / display.width;
      display.canvas.style.width = `${shown}px`;
      display.canvas.style.height = `${Math.max(1, Math.floor(display.height * display.scale))}px`;
      for (const act of display.moved) act();
    }
    const margin = (free, edge) => `${Math.max(0, Math.floor(free / 2)) + Math.ceil(edge) - edge}px`;
    this.#root.style.paddingLeft = margin(width - across * scale, box.left);
    this.#root.style.paddingTop = margin(height - down * scale, box.top);
    if (this.#size === "guest") this.#arrange(Math.floor(width / displays.length), height);
  }

  // Ask for monitors that fill the window, when it has kept its size for a while.
  #arrange(width, height) {
    const wanted = `${width}x${height}`;
    if (wanted === this.#arranged) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#arranged = wanted;
      this.#connection.send({ do: "arrange", sizes: this.all.map(() => [width, height]) });
    }, PATIENCE);
  }

  async fullScreen() {
    await this.#root.requestFullscreen();
    // The browser's own keys, such as Ctrl+W, come here then.
    await navigator.keyboard?.lock?.().catch(() => {});
    this.all[0]?.canvas.focus();
  }

  // A PNG file of each display.
  async save() {
    for (const { number, canvas } of this.all) {
      const file = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = this.all.length > 1 ? `display-${number}.png` : "display.png";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }
  }

  #seen() {
    this.#connection.send({ do: "seen", seen: document.visibilityState === "visible" });
  }

  #draw(data) {
    const view = new DataView(data);
    const count = view.getUint16(2, true);
    const display = this.#display(view.getUint16(8, true), view.getUint16(10, true), view.getUint16(12, true));
    let at = HEAD + count * RECTANGLE;
    for (let place = HEAD; place < HEAD + count * RECTANGLE; place += RECTANGLE) {
      const [x, y, width, height] = [0, 2, 4, 6].map((offset) => view.getUint16(place + offset, true));
      const size = view.getUint32(place + 8, true);
      const image = this.#imageOf(width, height);
      const words = new Uint32Array(image.data.buffer);
      if (view.getUint32(place + 12, true) === PIXELS) {
        toCanvas(new Uint32Array(data, at, size / 4), words);
      } else {
        decode(new Uint8Array(data, at, size), new Uint8Array(image.data.buffer));
        toCanvas(words, words);
      }
      display.context.putImageData(image, x, y);
      at += (size + 3) & ~3;
    }
    // Here, and not when it is on the screen: in a page that nobody sees that never comes.
    const acknowledgement = new Uint32Array(2);
    acknowledgement[1] = view.getUint32(4, true);
    this.#connection.sendBytes(acknowledgement);
  }

  // Large pictures are used again: most have the size of the one before.
  #imageOf(width, height) {
    if (this.#image?.width !== width || this.#image.height !== height) this.#image = new ImageData(width, height);
    return this.#image;
  }

  #display(number, width, height) {
    let display = this.#shown.get(number);
    const added = display ? [] : this.#added;
    if (!display) {
      display = this.#make(number);
      this.#shown = new Map([...this.#shown, [number, display]].sort(([one], [other]) => one - other));
      this.#root.replaceChildren(...this.all.map(({ place }) => place));
    }
    if (display.width !== width || display.height !== height) {
      display.canvas.width = display.width = width;
      display.canvas.height = display.height = height;
      this.layOut();
    }
    for (const act of added) act(display);
    return display;
  }

  #make(number) {
    const place = document.createElement("div");
    place.className = "display";
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.id = `display-${number}`;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", `Display ${number + 1} of the guest`);
    canvas.setAttribute("aria-describedby", "way-out");
    place.append(canvas);
    const context = canvas.getContext("2d", { alpha: false });
    return { number, place, canvas, context, width: 0, height: 0, scale: 1, moved: [] };
  }
}

// Words 0x??RRGGBB to words of a canvas, 0xFFBBGGRR.
function toCanvas(from, to) {
  for (let at = 0; at < to.length; at++) {
    const word = from[at];
    to[at] = 0xff000000 | ((word & 0xff) << 16) | (word & 0xff00) | ((word >> 16) & 0xff);
  }
}
