// The bytes of a row, sixteen in a line, of which only what is seen has elements.

const LINE = 18; // pixels, as in style.css
const ACROSS = 16;
const MORE = 6;

export class Bytes {
  #element;
  #space = document.createElement("div");
  #bytes = new Uint8Array(0);
  #lit = [];
  #behind = [];
  #gaps = [];
  #cursor = -1;
  #choose;
  #asked = false;

  // choose(place) is called with the byte that is chosen.
  constructor(element, choose) {
    this.#element = element;
    this.#choose = choose;
    this.#space.className = "space";
    element.append(this.#space);
    element.addEventListener("scroll", () => this.#later());
    element.addEventListener("click", ({ target }) => {
      const { place } = target.dataset;
      if (place !== undefined) this.#pick(Number(place));
    });
    element.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#later()).observe(element);
  }

  // gaps are ranges that belong to no field.
  fill(bytes, gaps) {
    this.#bytes = bytes;
    this.#gaps = gaps;
    this.#lit = [];
    this.#behind = [];
    this.#cursor = -1;
    this.#space.style.height = `${Math.ceil(bytes.length / ACROSS) * LINE}px`;
    this.#element.scrollTop = 0;
    this.#later();
  }

  // Ranges [start, end] of a field, and of what its pointers lead to.
  light(lit, behind, { show = true } = {}) {
    this.#lit = lit;
    this.#behind = behind;
    const first = (behind[0] ?? lit[0])?.[0];
    if (show && first !== undefined) this.#scroll(first);
    this.#later();
  }

  #scroll(place) {
    const top = Math.floor(place / ACROSS) * LINE;
    const box = this.#element;
    if (top < box.scrollTop || top + LINE > box.scrollTop + box.clientHeight) box.scrollTop = Math.max(top - LINE, 0);
  }

  #later() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #draw() {
    const box = this.#element;
    const lines = Math.ceil(this.#bytes.length / ACROSS);
    const first = Math.max(Math.floor(box.scrollTop / LINE) - MORE, 0);
    const last = Math.min(Math.ceil((box.scrollTop + box.clientHeight) / LINE) + MORE, lines);
    const made = [];
    for (let line = first; line < last; line += 1) made.push(this.#line(line));
    this.#space.replaceChildren(...made);
  }

  #line(number) {
    const line = document.createElement("div");
    line.style.top = `${number * LINE}px`;
    const at = document.createElement("span");
    at.className = "at";
    at.textContent = (number * ACROSS).toString(16).padStart(5, "0");
    line.append(at);
    const letters = document.createElement("span");
    letters.className = "letters";
    for (let place = number * ACROSS; place < (number + 1) * ACROSS; place += 1) {
      const digit = document.createElement("span");
      const letter = document.createElement("span");
      if (place < this.#bytes.length) {
        const byte = this.#bytes[place];
        digit.textContent = byte.toString(16).padStart(2, "0");
        letter.textContent = byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·";
        digit.dataset.place = letter.dataset.place = place;
        digit.className = letter.className = this.#class(place);
      } else digit.textContent = "  ";
      if (place % ACROSS === 8) digit.classList.add("middle");
      line.append(digit);
      letters.append(letter);
    }
    line.append(letters);
    return line;
  }

  #class(place) {
    const inside = ([start, end]) => place >= start && place < end;
    const names = [];
    if (this.#lit.some(inside)) names.push("lit");
    else if (this.#behind.some(inside)) names.push("behind");
    if (this.#gaps.some(inside)) names.push("gap");
    if (place === this.#cursor) names.push("cursor");
    return names.join(" ");
  }

  #pick(place) {
    this.#cursor = place;
    this.#choose(place, this.#bytes[place]);
    this.#scroll(place);
    this.#later();
  }

  #key(event) {
    const page = Math.max(Math.floor(this.#element.clientHeight / LINE) - 1, 1) * ACROSS;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: ACROSS, ArrowUp: -ACROSS, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey || !this.#bytes.length) return;
    event.preventDefault();
    const next = this.#cursor < 0 ? 0 : this.#cursor + steps[event.key];
    this.#pick(Math.max(0, Math.min(this.#bytes.length - 1, next)));
  }
}
