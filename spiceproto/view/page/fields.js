// Which bytes of a body are which field, behind pointers too: the structures of the inventory, read as the library reads them.

const CHILDREN = 2000; // elements of a sequence that are shown
const SHOWN = 32; // bytes of data in a line
const LETTERS = 256; // of text in a line

export class Malformed extends Error {}

// {children, error}: a child is {name, path, start, end, text, doc, children}, a pointer's child is what it leads to.
export function dissect(about, names, body) {
  const reader = new Reader(about, body);
  const root = { name: "", path: "", start: 0, end: 0, text: "", doc: "", children: [] };
  let error = "";
  try {
    let offset = 0;
    for (const name of names) offset = reader.structure(name, offset, "", root).offset;
  } catch (found) {
    if (!(found instanceof Malformed)) throw found;
    error = found.message;
  }
  return { children: root.children, error };
}

// Ranges [start, end] that no field covers.
export function uncovered(children, size) {
  const leaves = [];
  const visit = (items) => {
    for (const item of items) {
      if (item.leaf) leaves.push([item.start, item.end]);
      visit(item.children);
    }
  };
  visit(children);
  leaves.sort((one, other) => one[0] - other[0]);
  const gaps = [];
  let end = 0;
  for (const [start, stop] of leaves) {
    if (start > end) gaps.push([end, start]);
    end = Math.max(end, stop);
  }
  if (end < size) gaps.push([end, size]);
  return gaps;
}

class Reader {
  #about;
  #body;
  #view;

  constructor(about, body) {
    this.#about = about;
    this.#body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  // Reads a structure into the children of parent: {offset, numbers} with the offset behind and the numbers by dotted name.
  structure(name, offset, path, parent) {
    const prefix = path ? `${path}.` : "";
    const numbers = new Map();
    const seen = new Map();
    for (const field of this.#about.structures[name].fields) {
      if (field.type.kind === "descriptor") continue;
      if (field.when && !holds(field.when, numbers.get(field.when.field))) continue;
      const before = seen.get(field.name);
      if (before && !(before.pointer && before.number === 0)) continue;
      const item = this.#node(field.type, field.name, prefix + field.name, offset, numbers, field);
      offset = item.behind;
      if (item.number !== undefined) numbers.set(field.name, item.number);
      for (const [inner, value] of item.numbers ?? []) numbers.set(`${field.name}.${inner}`, value);
      seen.set(field.name, item);
      parent.children.push(item);
    }
    return { offset, numbers };
  }

  #node(type, name, path, offset, numbers, field) {
    const item = { name, path, start: offset, end: offset, behind: offset, text: "", doc: field?.doc ?? "", children: [] };
    if (field?.unit) item.unit = field.unit;
    switch (type.kind) {
      case "integer":
        this.#integer(type, item);
        break;
      case "struct": {
        const found = this.structure(type.name, offset, path, item);
        item.end = item.behind = found.offset;
        item.numbers = found.numbers;
        item.text = type.name.split(".").pop();
        break;
      }
      case "bytes":
        this.#bytes(type, item, numbers);
        break;
      case "array":
        this.#array(type, item, numbers);
        break;
      case "pointer":
        this.#pointer(type, item, numbers);
        break;
    }
    return item;
  }

  #room(item, size) {
    const left = this.#body.length - item.start;
    if (size > left) throw new Malformed(`${item.path} at byte ${item.start}: ${size} bytes are wanted, ${Math.max(left, 0)} are left`);
  }

  #integer(type, item) {
    this.#room(item, type.size);
    const method = `get${type.size === 8 ? "Big" : ""}${type.signed ? "Int" : "Uint"}${type.size * 8}`;
    const number = this.#view[method](item.start, type.order === "little");
    item.number = type.size === 8 ? Number(number) : number;
    item.end = item.behind = item.start + type.size;
    item.leaf = true;
    if (type.enum) {
      const found = this.#about.enums[type.enum].find((one) => one.value === item.number);
      item.text = found ? `${found.name} (${number})` : `unknown (${number})`;
    } else if (type.flags) {
      item.text = flagsText(this.#about.flags[type.flags], item.number);
    } else item.text = type.alias === "fixed28_4" ? `${item.number / 16}` : `${number}`;
  }

  #count(count, numbers, left, smallest) {
    switch (count.kind) {
      case "constant":
        return count.number;
      case "field":
        return numbers.get(count.field) ?? 0;
      case "product":
        return count.fields.reduce((product, name) => product * (numbers.get(name) ?? 0), 1);
      case "packed-rows":
        return Math.floor((numbers.get(count.width) * count.bits + 7) / 8) * numbers.get(count.height);
      default:
        return Math.floor(left / smallest);
    }
  }

  #bytes(type, item, numbers) {
    const left = this.#body.length - item.start;
    let size;
    if (type.count.kind === "zero-terminated") {
      const zero = this.#body.indexOf(0, item.start);
      if (zero < 0) throw new Malformed(`${item.path} at byte ${item.start}: no zero byte ends it`);
      size = zero + 1 - item.start;
    } else size = this.#count(type.count, numbers, left, 1);
    this.#room(item, size);
    item.end = item.behind = item.start + size;
    item.leaf = true;
    const shown = this.#body.subarray(item.start, type.count.kind === "zero-terminated" ? item.end - 1 : item.end);
    item.text = type.text ? quoted(shown) : octets(shown);
  }

  #array(type, item, numbers) {
    const { element } = type;
    const smallest = element.kind === "struct" ? this.#about.structures[element.name].smallest : element.size;
    const count = this.#count(type.count, numbers, this.#body.length - item.start, smallest);
    this.#room(item, count * smallest);
    let offset = item.start;
    for (let index = 0; index < count; index += 1) {
      const child = this.#node(element, `[${index}]`, `${item.path}[${index}]`, offset, numbers, null);
      offset = child.behind;
      if (index < CHILDREN) item.children.push(child);
    }
    item.end = item.behind = offset;
    item.leaf = count > CHILDREN; // the rest has no element of its own
    item.text = `${count} element${count === 1 ? "" : "s"}${count > CHILDREN ? `, the first ${CHILDREN} below` : ""}`;
  }

  #pointer(type, item, numbers) {
    this.#room(item, 4);
    const place = this.#view.getUint32(item.start, true);
    item.number = place;
    item.pointer = true;
    item.leaf = true;
    item.end = item.behind = item.start + 4;
    item.text = place ? `offset ${place}` : "null";
    if (!place) {
      if (!type.nullable) throw new Malformed(`${item.path} at byte ${item.start}: a null pointer that may not be null`);
      return;
    }
    if (place >= this.#body.length) {
      throw new Malformed(`${item.path} at byte ${item.start}: a pointer to byte ${place} of ${this.#body.length}`);
    }
    item.children.push(this.#node(type.target, item.name, item.path, place, numbers, null));
  }
}

function holds(when, number) {
  const found = when.mask !== undefined ? (number & when.mask) !== 0 : when.values.includes(number);
  return found === "is" in when;
}

function flagsText(names, number) {
  let rest = number;
  const words = [];
  for (const { name, value } of names) {
    if (value && (number & value) !== 0) {
      words.push(name);
      rest &= ~value;
    }
  }
  if (rest) words.push(`0x${(rest >>> 0).toString(16)}`);
  return words.length ? `${words.join(" | ")} (0x${number.toString(16)})` : "0";
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function octets(bytes) {
  if (!bytes.length) return "0 bytes";
  return `${bytes.length} bytes: ${hex(bytes.subarray(0, SHOWN))}${bytes.length > SHOWN ? " ..." : ""}`;
}

function quoted(bytes) {
  const text = new TextDecoder().decode(bytes.subarray(0, LETTERS));
  return `${JSON.stringify(text)}${bytes.length > LETTERS ? " ..." : ""}`;
}
