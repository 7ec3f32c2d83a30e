// A long list of which only what is seen has elements.

export const HEIGHT = 22; // pixels of a line, as in style.css
const MORE = 12; // lines above and below what is seen
const MEANT = { "✗": "broke a sentence of the specification", "!": "could not be read as it should", "~": "is tolerated" };

export class List {
  element = document.createElement("div");
  heads = document.createElement("div"); // stands above
  #count = 0;
  #line;
  #place = -1;
  #choose;
  #space = document.createElement("div");
  #asked = false;
  #name;

  // columns are [class, title] from the left; line(place) fills an element: it returns {cells: [[class, text]], classes}; choose(place) is called when one is chosen.
  constructor(name, columns, line, choose) {
    this.#name = name.toLowerCase().replaceAll(" ", "-");
    this.#line = line;
    this.#choose = choose;
    const box = this.element;
    box.className = "list";
    box.tabIndex = 0;
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", name);
    this.#space.setAttribute("role", "presentation");
    this.#space.className = "space";
    box.append(this.#space);
    this.heads.className = "heads";
    this.heads.append(...columns.map(([kind, title]) => cell(kind, title)));
    box.addEventListener("scroll", () => this.later());
    box.addEventListener("keydown", (event) => this.moves(event));
    box.addEventListener("click", ({ target }) => {
      const line = target.closest("[role=option]");
      if (line) this.pick(Number(line.dataset.place));
    });
    new ResizeObserver(() => this.later()).observe(box);
  }

  get length() {
    return this.#count;
  }

  get place() {
    return this.#place;
  }

  // So many lines from now on, of which this one is chosen: -1 for none.
  fill(count, place) {
    this.#count = count;
    this.#place = place;
    this.#space.style.height = `${count * HEIGHT}px`;
    if (place >= 0) this.#show(place);
    this.later();
  }

  // So many lines from now on, wherever one looks; who looks at the end goes on looking there.
  grow(count, place) {
    const box = this.element;
    const atEnd = box.clientHeight > 0 && box.scrollTop > 0 && box.scrollTop + box.clientHeight >= this.#count * HEIGHT - 2;
    this.#count = count;
    this.#place = place;
    this.#space.style.height = `${count * HEIGHT}px`;
    if (atEnd) box.scrollTop = count * HEIGHT;
    this.later();
  }

  // Lines have gone from above: what is seen stays where it is.
  shift(lines) {
    this.element.scrollTop -= lines * HEIGHT;
  }

  pick(place) {
    if (place < 0 || place >= this.#count) return;
    this.mark(place);
    this.#choose(place);
  }

  // The line is chosen, and nobody told.
  mark(place) {
    this.#place = place;
    if (place >= 0) this.#show(place);
    this.later();
  }

  #show(place) {
    const box = this.element;
    const top = place * HEIGHT;
    if (top < box.scrollTop || top + HEIGHT > box.scrollTop + box.clientHeight) {
      box.scrollTop = Math.max(top - box.clientHeight / 3, 0);
    }
  }

  later() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #draw() {
    const box = this.element;
    const first = Math.max(Math.floor(box.scrollTop / HEIGHT) - MORE, 0);
    const last = Math.min(Math.ceil((box.scrollTop + box.clientHeight) / HEIGHT) + MORE, this.#count);
    const lines = [];
    for (let place = first; place < last; place += 1) lines.push(this.#made(place));
    // The one that is chosen is there for screen readers even if it is out of sight.
    if (this.#place >= 0 && this.#place < this.#count && (this.#place < first || this.#place >= last)) lines.push(this.#made(this.#place));
    this.#space.replaceChildren(...lines);
    if (this.#place >= 0) box.setAttribute("aria-activedescendant", `${this.#name}-${this.#place}`);
    else box.removeAttribute("aria-activedescendant");
  }

  #made(place) {
    const line = document.createElement("div");
    const { cells, classes } = this.#line(place);
    line.id = `${this.#name}-${place}`;
    line.dataset.place = place;
    line.className = classes;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", place === this.#place);
    line.setAttribute("aria-posinset", place + 1);
    line.setAttribute("aria-setsize", this.#count);
    line.style.top = `${place * HEIGHT}px`;
    line.append(...cells.map(([name, text]) => cell(name, text)));
    return line;
  }

  // Does what a key means to a list; false if it means nothing.
  moves(event) {
    const page = Math.max(Math.floor(this.element.clientHeight / HEIGHT) - 1, 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return false;
    event.preventDefault();
    const from = this.#place < 0 && steps[event.key] > 0 ? -1 : this.#place;
    this.pick(Math.max(0, Math.min(this.#count - 1, from + steps[event.key])));
    return true;
  }
}

function cell(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  if (name === "mark" && text) made.title = MEANT[text];
  else if (name === "summary" || name === "name") made.title = text;
  return made;
}
