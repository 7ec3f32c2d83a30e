// What is typed into the search field, as a test of rows.
//
// Words look in channel, sender, name, summary and broken sentences; all of them have to be there, "several words" as they stand.
// Anything with an operator is a filter (docs/filters.md) of what the page knows of every row, and of what is wrong with it:
//
//   broken, tolerated, problem      the row is one of these
//   sentence                        the sentence that it broke
//   "some words"                    as above

import { KEYWORDS, Wrong, alike, content, plainWords, tokens } from "./words.js";

const DEEPEST = 100;
const ORDER = {
  "==": (one, other) => one === other,
  "!=": (one, other) => one !== other,
  "<": (one, other) => one < other,
  "<=": (one, other) => one <= other,
  ">": (one, other) => one > other,
  ">=": (one, other) => one >= other,
};
const CLOSING = { "(": ")", "{": "}" };
const MARKS = { problem: 1, tolerated: 2, broken: 4 };

// {test, all}: test(row), and whether that is so of every row; or {error}.
export function parseQuery(text, capture) {
  try {
    const words = plainWords(text);
    if (words) {
      const tests = words.map((word) => (word in MARKS && !text.includes(`"${word}"`) ? marked(capture, word) : saying(capture, word)));
      return { test: (row) => tests.every((test) => test(row)), all: !tests.length };
    }
    return { test: new Reading(tokens(text), capture).whole(), all: false };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { error: error.message };
  }
}

// What rows have: {kind, get(row)}; undefined is what a row does not have.
function names(capture) {
  const { columns, kinds, connections } = capture;
  const of = (name) => (row) => connections.get(columns.connection[row])?.[name] ?? undefined;
  const message = (column) => (row) => (columns.number[row] ? column[row] : undefined);
  const sentences = new Map();
  for (const { row, sentence } of capture.broken) sentences.set(row, [...(sentences.get(row) ?? []), sentence]);
  return {
    channel: { kind: "word", get: (row) => of("channel")(row) || undefined },
    channel_id: { kind: "number", get: (row) => (of("channel")(row) ? of("channel_id")(row) : undefined) },
    connection: { kind: "number", get: (row) => columns.connection[row] },
    session: { kind: "number", get: of("session") },
    direction: { kind: "word", get: (row) => capture.sender(row) || undefined },
    protocol: { kind: "word", get: (row) => (kinds[columns.kind[row]].layer === "message" ? "spice" : kinds[columns.kind[row]].layer) },
    name: { kind: "word", get: (row) => kinds[columns.kind[row]].name },
    number: { kind: "number", get: message(columns.number) },
    serial: { kind: "number", get: message(columns.serial) },
    size: { kind: "number", get: (row) => columns.size[row] },
    time: { kind: "number", get: (row) => columns.time[row] },
    epoch: { kind: "number", get: (row) => capture.about.start + columns.time[row] },
    frame: { kind: "number", get: (row) => columns.frame[row] },
    sentence: { kind: "word", get: (row) => sentences.get(row) },
  };
}

function marked(capture, name) {
  return (row) => (capture.marks[row] & MARKS[name]) !== 0;
}

// A row that has this in its words.
function saying(capture, said) {
  const words = said.toLowerCase();
  const ofKind = capture.kinds.map((kind) => `${kind.name} ${kind.layer}`.toLowerCase().includes(words));
  const ofChannel = new Set();
  for (const item of capture.connections.values()) if (`${item.channel}:${item.channel_id}`.includes(words)) ofChannel.add(item.connection);
  const ofSender = capture.about.senders.map((sender) => sender.includes(words) && words !== "");
  const rules = new Set(capture.broken.filter((item) => item.sentence.toLowerCase().includes(words)).map((item) => item.row));
  const { kind, connection, flags } = capture.columns;
  const { lower } = capture;
  return (row) =>
    ofKind[kind[row]] || ofChannel.has(connection[row]) || ofSender[flags[row] & 3] || lower[row].includes(words) || rules.has(row);
}

class Reading {
  #row;
  #place = 0;
  #capture;
  #names;

  constructor(row, capture) {
    this.#row = row;
    this.#capture = capture;
    this.#names = names(capture);
  }

  whole() {
    const found = this.#either(0);
    if (this.#next.kind !== "end") throw new Wrong(`${shown(this.#next)} is left over; and, or, or the end is expected`, this.#next.column);
    return found;
  }

  get #next() {
    return this.#row[this.#place];
  }

  #take() {
    const found = this.#next;
    if (found.kind !== "end") this.#place += 1;
    return found;
  }

  #has(...said) {
    const found = ["word", "sign"].includes(this.#next.kind) && said.includes(this.#next.text);
    if (found) this.#place += 1;
    return found;
  }

  #either(depth) {
    const parts = [this.#all(depth)];
    while (this.#has("or")) parts.push(this.#all(depth));
    return parts.length === 1 ? parts[0] : (row) => parts.some((part) => part(row));
  }

  #all(depth) {
    const parts = [this.#one(depth)];
    while (this.#has("and")) parts.push(this.#one(depth));
    return parts.length === 1 ? parts[0] : (row) => parts.every((part) => part(row));
  }

  #one(depth) {
    if (depth > DEEPEST) throw new Wrong(`too deep: at most ${DEEPEST} expressions inside of each other`, this.#next.column);
    if (this.#has("not")) {
      const inner = this.#one(depth + 1);
      return (row) => !inner(row);
    }
    if (this.#has("(")) {
      const found = this.#either(depth + 1);
      if (!this.#has(")")) throw new Wrong(`a parenthesis is open; ) is expected, not ${shown(this.#next)}`, this.#next.column);
      return found;
    }
    const name = this.#take();
    if (name.kind === "text") return saying(this.#capture, content(name.text));
    if (name.kind !== "word" || KEYWORDS.includes(name.text)) throw new Wrong(`no name: ${shown(name)}; a name, not, (, or a text in quotes is expected`, name.column);
    return this.#saidOf(name);
  }

  #saidOf(name) {
    if (name.text in MARKS) return marked(this.#capture, name.text);
    const field = this.#names[name.text];
    if (!Object.hasOwn(this.#names, name.text)) throw this.#unknown(name);
    const sign = this.#next;
    if (this.#has(...Object.keys(ORDER), "contains", "matches")) {
      const { matches, negated } = this.#comparison(field, name, sign, [this.#value()]);
      return asking(field, matches, negated);
    }
    if (this.#has("in")) return this.#among(field, name);
    if (this.#has("not")) {
      if (!this.#has("in")) throw new Wrong(`not in is expected, not ${shown(this.#next)}`, sign.column);
      const inner = this.#among(field, name);
      return (row) => !inner(row);
    }
    if (["number", "text"].includes(sign.kind) || (sign.kind === "word" && !KEYWORDS.includes(sign.text))) {
      throw new Wrong(`an operator is missing before ${shown(sign)}: ${Object.keys(ORDER).join(" ")} ${KEYWORDS.join(" ")}`, sign.column);
    }
    return (row) => field.get(row) !== undefined;
  }

  #unknown(name) {
    const known = [...Object.keys(this.#names), ...Object.keys(MARKS)];
    const near = alike(name.text, known);
    return new Wrong(`no such name here: ${name.text}; ${near ? `perhaps ${near}` : `there are ${known.join(", ")}`}. Fields of messages are for --filter, words to look for stand in quotes`, name.column);
  }

  #among(field, name) {
    const opening = this.#take();
    const closing = CLOSING[opening.text];
    if (!closing) throw new Wrong(`in takes a list, as (A, B), not ${shown(opening)}`, opening.column);
    const parts = [];
    do {
      const low = this.#value();
      if (this.#has("..")) {
        const high = this.#value();
        if (low.kind !== "number" || high.kind !== "number" || field.kind !== "number") throw new Wrong("a range is of numbers, as 1..5", low.column);
        if (low.value > high.value) throw new Wrong("a range goes up: the smaller number first", low.column);
        parts.push((value) => value >= low.value && value <= high.value);
      } else parts.push(this.#comparison(field, name, { text: "==" }, [low]).matches);
    } while (this.#has(","));
    if (!this.#has(closing)) throw new Wrong(`a list is open; , or ${closing} is expected, not ${shown(this.#next)}`, this.#next.column);
    return asking(field, (value) => parts.some((part) => part(value)), false);
  }

  #value() {
    const token = this.#take();
    if (token.kind === "number") return { kind: "number", value: Number(token.text.startsWith("-0x") ? -Number(token.text.slice(1)) : token.text), column: token.column, text: token.text };
    if (token.kind === "text") return { kind: "text", value: content(token.text), column: token.column, text: token.text };
    if (token.kind === "word" && !KEYWORDS.includes(token.text)) return { kind: "word", value: token.text, column: token.column, text: token.text };
    throw new Wrong(`no value: ${shown(token)}; a number, a word or a text in quotes is expected`, token.column);
  }

  #comparison(field, name, { text: sign }, [value]) {
    if (sign === "matches") {
      if (field.kind !== "word" || value.kind !== "text") throw new Wrong(field.kind === "word" ? "a regular expression in quotes is expected" : `${name.text} is a number: matches is for words`, value.column);
      let pattern;
      try {
        pattern = new RegExp(value.value, "u");
      } catch (error) {
        throw new Wrong(`no regular expression: ${error.message}`, value.column);
      }
      return { matches: (one) => pattern.test(one), negated: false };
    }
    if (field.kind === "number") {
      if (value.kind !== "number" || sign === "contains") throw new Wrong(`${name.text} can not be compared like this: a number is expected`, value.column);
      return sign === "!=" ? { matches: (one) => one === value.value, negated: true } : { matches: (one) => ORDER[sign](one, value.value), negated: false };
    }
    if (value.kind === "number" || !["==", "!=", "contains"].includes(sign)) throw new Wrong(`${name.text} can not be compared like this: ==, !=, in, contains or matches and a word are expected`, value.column);
    if (value.kind === "word") this.#check(name.text, value);
    if (sign === "contains") return { matches: (one) => one.includes(value.value), negated: false };
    return { matches: (one) => one === value.value, negated: sign === "!=" };
  }

  #check(name, value) {
    const known = this.#capture.about.words?.[name];
    if (!known || known.includes(value.value) || (name === "name" && /^UNKNOWN_\d+$/.test(value.value))) return;
    const near = alike(value.value, known);
    throw new Wrong(`no such ${name === "name" ? "message" : name}: ${value.value}; ${near ? `perhaps ${near}` : known.length < 20 ? `there are ${known.join(", ")}` : "or a text in quotes"}`, value.column);
  }
}

// Of several values one that fits is enough; negated, there are some, and none does.
function asking(field, matches, negated) {
  return (row) => {
    const found = field.get(row);
    if (found === undefined) return false;
    const fits = Array.isArray(found) ? found.some(matches) : matches(found);
    return fits !== negated;
  };
}

function shown(token) {
  return token.kind === "end" ? "the end" : token.text;
}
