// What is typed into the search field, as a test of rows.
//
//   words               in channel, sender, name, summary or the sentence that was broken; "several words" as they stand
//   channel: from: name: layer: conn: session: number: frame: size: time:     of that alone; numbers may have < or >
//   is:broken is:tolerated is:problem
//   -term               not so

const TERM = /(-?)(?:(\w+)([:<>]))?("[^"]*"|[^\s"]+)/g;
const WORDS = ["channel", "from", "name", "layer"];
const NUMBERS = { conn: "connection", number: "number", frame: "frame", size: "size", time: "time", serial: "serial" };
const MARKS = { problem: 1, tolerated: 2, broken: 4 };

// Terms with what is wrong with them: [{test, words}], or {error}.
export function parseQuery(text, capture) {
  const tests = [];
  for (const [, minus, name, sign, raw] of text.matchAll(TERM)) {
    const value = raw.replaceAll('"', "").toLowerCase();
    const test = one(capture, name?.toLowerCase(), sign, value, name ? `${name}${sign}${raw}` : raw);
    if (typeof test === "string") return { error: test };
    tests.push(minus ? (row) => !test(row) : test);
  }
  return { test: (row) => tests.every((test) => test(row)), all: !tests.length };
}

function one(capture, name, sign, value, whole) {
  if (name === "is" && sign === ":") {
    const bit = MARKS[value];
    return bit ? (row) => (capture.marks[row] & bit) !== 0 : `is: what? broken, tolerated or problem`;
  }
  if (name === "session" && sign === ":") {
    const wanted = new Set();
    for (const item of capture.connections.values()) if (`${item.session ?? "none"}` === value) wanted.add(item.connection);
    return (row) => wanted.has(capture.columns.connection[row]);
  }
  if (name in NUMBERS) return compared(capture.columns[NUMBERS[name]], sign, value, name);
  if (WORDS.includes(name) && sign === ":") return ofWord(capture, name, value);
  const words = whole.replaceAll('"', "").toLowerCase();
  const ofKind = capture.kinds.map((kind) => `${kind.name} ${kind.layer}`.toLowerCase().includes(words));
  const ofChannel = channels(capture, words);
  const ofSender = capture.about.senders.map((sender) => sender.includes(words) && words !== "");
  const rules = new Set(capture.broken.filter((item) => item.sentence.toLowerCase().includes(words)).map((item) => item.row));
  const { kind, connection, flags } = capture.columns;
  const { lower } = capture;
  return (row) =>
    ofKind[kind[row]] || ofChannel.has(connection[row]) || ofSender[flags[row] & 3] || lower[row].includes(words) || rules.has(row);
}

function ofWord(capture, name, value) {
  const { kind, connection, flags } = capture.columns;
  if (name === "channel") {
    const wanted = channels(capture, value);
    return (row) => wanted.has(connection[row]);
  }
  if (name === "from") {
    const wanted = capture.about.senders.map((sender) => sender !== "" && sender.startsWith(value));
    return (row) => wanted[flags[row] & 3];
  }
  const wanted = capture.kinds.map((item) => item[name].toLowerCase().includes(value));
  return (row) => wanted[kind[row]];
}

function channels(capture, words) {
  const found = new Set();
  for (const item of capture.connections.values()) {
    if (`${item.channel}:${item.channel_id}`.includes(words)) found.add(item.connection);
  }
  return found;
}

function compared(column, sign, value, name) {
  const number = Number(value);
  if (value === "" || Number.isNaN(number)) return `${name}${sign} wants a number, and found ${value || "nothing"}`;
  if (sign === "<") return (row) => column[row] < number;
  if (sign === ">") return (row) => column[row] > number;
  return (row) => column[row] === number;
}
