// The guest's pointer: the browser's own pointer has its shape in mode CLIENT; in mode SERVER it is drawn where the guest has it.
// Where a shape inverts the screen, a white picture of that lies over the display, which shows the difference of both.

const LARGEST = 128; // of a pointer that browsers take

export class Cursor {
  #pointers = new Map();
  #mode = "server";

  constructor(connection, displays) {
    connection.on("mouse", ({ mode }) => {
      this.#mode = mode;
      for (const pointer of this.#pointers.values()) pointer.show?.();
    });
    connection.on("pointer-shape", ({ display, shape }) => this.#take(display, shape));
    connection.on("pointer", (place) => {
      Object.assign(this.#pointer(place.display), place);
      this.#pointer(place.display).show?.();
    });
    displays.onAdded((display) => this.#follow(display));
  }

  #pointer(number) {
    if (!this.#pointers.has(number)) this.#pointers.set(number, { x: 0, y: 0, visible: false, shape: undefined });
    return this.#pointers.get(number);
  }

  #take(number, shape) {
    const pointer = this.#pointer(number);
    for (const address of [pointer.shape?.address, pointer.shape?.invertsAddress]) if (address) URL.revokeObjectURL(address);
    pointer.shape = shape && { ...shape, address: addressOf(shape.png), invertsAddress: shape.inverts && addressOf(shape.inverts) };
    pointer.show?.();
  }

  #follow(display) {
    const pointer = this.#pointer(display.number);
    const pictures = ["pointer", "pointer inverts"].map((name) => {
      const picture = document.createElement("img");
      picture.className = name;
      picture.alt = "";
      picture.hidden = true;
      display.place.append(picture);
      return picture;
    });
    let here = null;
    pointer.show = () => this.#show(display, pointer, pictures, here);
    display.moved.push(pointer.show);
    display.canvas.addEventListener("pointermove", (event) => {
      if (this.#mode !== "client") return;
      here = { x: event.offsetX, y: event.offsetY };
      if (pointer.drawn) pointer.show();
    });
    display.canvas.addEventListener("pointerleave", () => {
      here = null;
      if (pointer.drawn) pointer.show();
    });
    pointer.show();
  }

  #show(display, pointer, pictures, here) {
    const { shape, visible } = pointer;
    const own = this.#mode === "client";
    const fits = shape && !shape.inverts && shape.width <= LARGEST && shape.height <= LARGEST;
    const drawn = visible && shape && (!own || !fits);
    pointer.drawn = own && drawn;
    if (!own || shape === undefined) display.canvas.style.cursor = "";
    else display.canvas.style.cursor = visible && fits ? `url(${shape.address}) ${shape.x} ${shape.y}, default` : "none";
    const at = own ? here : { x: pointer.x * display.scale, y: pointer.y * display.scale };
    const addresses = [shape?.address, shape?.invertsAddress];
    pictures.forEach((picture, number) => {
      picture.hidden = !drawn || !at || !addresses[number];
      if (picture.hidden) return;
      if (picture.src !== addresses[number]) picture.src = addresses[number];
      picture.style.left = `${at.x - shape.x * display.scale}px`;
      picture.style.top = `${at.y - shape.y * display.scale}px`;
      picture.style.width = `${shape.width * display.scale}px`;
      picture.style.height = `${shape.height * display.scale}px`;
    });
  }
}

function addressOf(png) {
  return URL.createObjectURL(new Blob([Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))], { type: "image/png" }));
}
