// A long list of which only what is seen has elements.

const HEIGHT = 36; // pixels of a line, as in panel.css
const MORE = 8; // lines above and below what is seen

// A line is [number, seconds, channel, sender, name, serial, size, summary].
export class List {
  element = document.createElement("div");
  #rows = [];
  #chosen = null;
  #choose;
  #space = document.createElement("div");
  #asked = false;

  constructor(name, choose) {
    this.#choose = choose;
    const box = this.element;
    box.className = "list";
    box.tabIndex = 0;
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", name);
    this.#space.setAttribute("role", "presentation");
    box.append(this.#space);
    box.onscroll = () => this.#later();
    box.onkeydown = (event) => this.#key(event);
    box.onclick = ({ target }) => {
      const line = target.closest("[role=option]");
      if (line) this.#pick(Number(line.dataset.place));
    };
    new ResizeObserver(() => this.#later()).observe(box);
  }

  get length() {
    return this.#rows.length;
  }

  get chosen() {
    return this.#chosen;
  }

  // Lines that come behind the others, and how many of the first are gone. Who looks at the end goes on to do so, but keeps
  // the line in sight that he has chosen.
  append(rows, gone) {
    const box = this.element;
    const free = this.#chosen === null || this.#chosen === this.#rows.at(-1);
    const atEnd = free && box.scrollTop + box.clientHeight >= this.#rows.length * HEIGHT - HEIGHT;
    this.#rows.push(...rows);
    this.#rows.splice(0, gone);
    this.#space.style.height = `${this.#rows.length * HEIGHT}px`;
    if (atEnd) box.scrollTop = this.#rows.length * HEIGHT;
    else if (gone) box.scrollTop -= gone * HEIGHT;
    this.#later();
  }

  replace(rows) {
    this.#rows = rows;
    if (!rows.includes(this.#chosen)) this.#chosen = null;
    this.#space.style.height = `${rows.length * HEIGHT}px`;
    this.element.scrollTop = rows.length * HEIGHT;
    this.#later();
  }

  #later() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#show();
    });
  }

  #show() {
    const box = this.element;
    const first = Math.max(Math.floor(box.scrollTop / HEIGHT) - MORE, 0);
    const last = Math.min(Math.ceil((box.scrollTop + box.clientHeight) / HEIGHT) + MORE, this.#rows.length);
    const lines = [];
    for (let place = first; place < last; place += 1) lines.push(this.#line(place));
    this.#space.replaceChildren(...lines);
    const chosen = lines.find((line) => line.getAttribute("aria-selected") === "true");
    if (chosen) box.setAttribute("aria-activedescendant", chosen.id);
    else box.removeAttribute("aria-activedescendant");
  }

  #line(place) {
    const row = this.#rows[place];
    const line = document.createElement("div");
    line.id = `line-${row[0]}`;
    line.dataset.place = place;
    line.className = row[3];
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", row === this.#chosen);
    line.setAttribute("aria-posinset", place + 1);
    line.setAttribute("aria-setsize", this.#rows.length);
    line.style.top = `${place * HEIGHT}px`;
    for (const text of [row[1].toFixed(3), row[2], row[3], row[4], row[6], row[7]]) {
      const cell = document.createElement("span");
      cell.textContent = text;
      cell.title = text;
      line.append(cell);
    }
    return line;
  }

  #pick(place) {
    const row = this.#rows[place];
    if (!row) return;
    this.#chosen = row;
    const box = this.element;
    if (place * HEIGHT < box.scrollTop) box.scrollTop = place * HEIGHT;
    else if ((place + 1) * HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = (place + 1) * HEIGHT - box.clientHeight;
    this.#later();
    this.#choose(row);
  }

  #key(event) {
    const page = Math.max(Math.floor(this.element.clientHeight / HEIGHT) - 1, 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key === "Escape") {
      this.#chosen = null;
      this.#later();
    }
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const at = this.#rows.indexOf(this.#chosen);
    const next = at < 0 ? this.#rows.length - 1 : at + steps[event.key];
    this.#pick(Math.max(0, Math.min(this.#rows.length - 1, next)));
  }
}
