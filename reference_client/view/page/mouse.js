// The mouse: positions in mode CLIENT; in mode SERVER movements, for which the page has the mouse to itself (pointer lock).

const BUTTONS = [[1, 1], [4, 2], [2, 3], [8, 6], [16, 7]]; // bits of a browser's buttons, and numbers of SPICE
const STEP = 120;
const LINES = 3;

export class Mouse {
  #connection;
  #keyboard;
  #say;
  #mode = "server";
  #down = 0;
  #taking = false;
  #wheel = 0;

  constructor(connection, keyboard, say) {
    this.#connection = connection;
    this.#keyboard = keyboard;
    this.#say = say;
    connection.on("mouse", ({ mode }) => this.#setMode(mode));
    connection.on("closed", () => (this.#down = 0));
    document.addEventListener("pointerlockchange", () => this.#locked());
    addEventListener("blur", () => (this.#down = 0));
  }

  follow(display) {
    const { canvas } = display;
    canvas.addEventListener("pointerdown", (event) => this.#pressed(display, event));
    canvas.addEventListener("pointermove", (event) => this.#moved(display, event));
    canvas.addEventListener("pointerup", (event) => this.#moved(display, event));
    canvas.addEventListener("pointercancel", () => this.#buttons(0));
    canvas.addEventListener("wheel", (event) => this.#turned(event), { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("blur", () => (this.#down = 0));
  }

  get locked() {
    return document.pointerLockElement !== null;
  }

  #setMode(mode) {
    this.#mode = mode;
    document.body.dataset.mouse = mode;
    if (mode === "client" && this.locked) document.exitPointerLock();
  }

  #pressed(display, event) {
    display.canvas.focus({ preventScroll: true });
    this.#keyboard.comeBack(event);
    if (this.#mode === "server" && !this.locked) {
      event.preventDefault();
      this.#take(display.canvas);
      return;
    }
    if (this.#mode === "client") display.canvas.setPointerCapture(event.pointerId);
    this.#moved(display, event);
  }

  // The click that takes the mouse is not the guest's.
  async #take(canvas) {
    this.#taking = true;
    try {
      // Movements as the device has them, where the browser can.
      await canvas.requestPointerLock({ unadjustedMovement: true });
    } catch (error) {
      if (error.name === "NotSupportedError") {
        await canvas.requestPointerLock().catch((other) => this.#say(`The browser keeps the mouse: ${other.message}`));
      } else {
        this.#say(`The browser keeps the mouse: ${error.message}`);
      }
    }
  }

  #locked() {
    if (!this.locked) this.#buttons(0);
    document.body.classList.toggle("locked", this.locked);
    if (this.locked) this.#say("The mouse is the guest's; Esc gives it back");
  }

  #moved(display, event) {
    if (this.#mode === "client") {
      const x = Math.floor(event.offsetX / display.scale);
      const y = Math.floor(event.offsetY / display.scale);
      const inside = (value, size) => Math.max(0, Math.min(size - 1, value));
      this.#connection.send({
        do: "position",
        display: display.number,
        x: inside(x, display.width),
        y: inside(y, display.height),
      });
    } else if (this.locked) {
      if (event.movementX || event.movementY) {
        this.#connection.send({ do: "motion", dx: Math.round(event.movementX), dy: Math.round(event.movementY) });
      }
    } else {
      return;
    }
    if (this.#taking) this.#taking = event.buttons !== 0;
    if (!this.#taking) this.#buttons(event.buttons);
  }

  #buttons(down) {
    for (const [bit, button] of BUTTONS) {
      if ((down ^ this.#down) & bit) this.#connection.send({ do: "button", button, down: Boolean(down & bit) });
    }
    this.#down = down;
  }

  #turned(event) {
    event.preventDefault();
    if (this.#mode === "server" && !this.locked) return;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : event.deltaMode === WheelEvent.DOM_DELTA_LINE ? STEP / LINES : STEP;
    const turned = event.deltaY * unit;
    // A notch of a wheel is 100 to 120 pixels; a finger on a pad moves in small parts, which add up.
    this.#wheel += Math.abs(turned) >= 100 ? Math.sign(turned) * Math.max(1, Math.round(Math.abs(turned) / STEP)) * STEP : turned;
    const steps = Math.max(-100, Math.min(100, Math.trunc(this.#wheel / STEP)));
    if (!steps) return;
    this.#wheel %= STEP;
    this.#connection.send({ do: "wheel", steps: -steps });
  }
}
