// The fields of a row as a tree: the one that is chosen tells which bytes are its own.

export class Tree {
  #element;
  #choose;
  #items = [];
  #chosen = -1;

  // choose(item) is called with the field that is chosen; item is one of dissect().
  constructor(element, choose) {
    this.#element = element;
    this.#choose = choose;
    element.addEventListener("click", ({ target }) => {
      const line = target.closest("[role=treeitem]");
      if (!line) return;
      const index = this.#items.findIndex((one) => one.line === line);
      if (target.classList.contains("twist")) this.#fold(index, !this.#items[index].folded);
      this.pick(index);
    });
    element.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#items[this.#chosen]?.line.scrollIntoView({ block: "nearest" })).observe(element);
  }

  fill(children) {
    this.#items = [];
    this.#chosen = -1;
    const lines = [];
    const visit = (items, level, parent) => {
      items.forEach((item, index) => {
        const line = made(item, level, index + 1, items.length);
        line.id = `field-${this.#items.length}`;
        const here = this.#items.length;
        this.#items.push({ item, line, level, parent, folded: false });
        lines.push(line);
        visit(item.children, level + 1, here);
      });
    };
    visit(children, 1, -1);
    this.#element.replaceChildren(...lines);
    this.#element.removeAttribute("aria-activedescendant");
    this.#items.forEach(({ item }, index) => {
      if (item.children.length > 16) this.#fold(index, true); // long sequences
    });
  }

  get path() {
    return this.#chosen < 0 ? "" : this.#items[this.#chosen].item.path;
  }

  // The innermost field with this byte.
  pickByte(place) {
    let best = -1;
    this.#items.forEach(({ item }, index) => {
      if (item.start > place || item.end <= place) return;
      if (best < 0 || item.end - item.start <= this.#items[best].item.end - this.#items[best].item.start) best = index;
    });
    this.pick(best);
  }

  pickPath(path) {
    this.pick(this.#items.findIndex(({ item }) => item.path === path));
  }

  pick(index) {
    this.#items[this.#chosen]?.line.setAttribute("aria-selected", "false");
    this.#chosen = index;
    if (index < 0) {
      this.#element.removeAttribute("aria-activedescendant");
      this.#choose(null);
      return;
    }
    for (let up = this.#items[index].parent; up >= 0; up = this.#items[up].parent) this.#fold(up, false);
    const { line, item } = this.#items[index];
    line.setAttribute("aria-selected", "true");
    line.scrollIntoView({ block: "nearest" });
    this.#element.setAttribute("aria-activedescendant", line.id);
    this.#choose(item);
  }

  #fold(index, folded) {
    const one = this.#items[index];
    if (!one.item.children.length || one.folded === folded) return;
    one.folded = folded;
    one.line.setAttribute("aria-expanded", !folded);
    for (let below = index + 1; below < this.#items.length && this.#items[below].level > one.level; below += 1) {
      this.#items[below].line.hidden = this.#hidden(below);
    }
  }

  #hidden(index) {
    for (let up = this.#items[index].parent; up >= 0; up = this.#items[up].parent) if (this.#items[up].folded) return true;
    return false;
  }

  #step(from, by) {
    let index = from + by;
    while (index >= 0 && index < this.#items.length && this.#items[index].line.hidden) index += by;
    return index >= 0 && index < this.#items.length ? index : from;
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || !this.#items.length) return;
    const at = this.#chosen;
    const one = this.#items[at];
    const moves = {
      ArrowDown: () => this.#step(at, 1),
      ArrowUp: () => (at < 0 ? 0 : this.#step(at, -1)),
      Home: () => 0,
      End: () => this.#step(this.#items.length, -1),
      ArrowRight: () => {
        if (one?.folded) this.#fold(at, false);
        else if (one?.item.children.length) return at + 1;
        return Math.max(at, 0);
      },
      ArrowLeft: () => {
        if (one?.item.children.length && !one.folded) this.#fold(at, true);
        else if (one && one.parent >= 0) return one.parent;
        return Math.max(at, 0);
      },
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    this.pick(moves[event.key]());
  }
}

function made(item, level, place, size) {
  const line = document.createElement("div");
  line.setAttribute("role", "treeitem");
  line.setAttribute("aria-level", level);
  line.setAttribute("aria-posinset", place);
  line.setAttribute("aria-setsize", size);
  line.setAttribute("aria-selected", "false");
  if (item.children.length) line.setAttribute("aria-expanded", "true");
  line.style.paddingLeft = `${(level - 1) * 14 + 4}px`;
  if (item.doc) line.title = item.doc;
  const parts = [
    ["twist", item.children.length ? "" : " "],
    ["name", item.name],
    ["value", item.unit && item.leaf ? `${item.text} ${item.unit}` : item.text],
    ["place", `${item.start}–${item.end}`],
  ];
  for (const [name, text] of parts) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    if (name === "twist") part.setAttribute("aria-hidden", "true");
    line.append(part, " ");
  }
  return line;
}
