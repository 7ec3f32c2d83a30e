// What is typed into the search field as a row of tokens: those of filters (spiceproto/filters/words.py).

const TOKEN = /(?<space>\s+)|(?<number>-?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)(?!\w))|(?<word>\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\d+[A-Za-z_]\w*)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<sign>==|!=|<=|>=|&&|\|\||\.\.|[<>!(){},])/suy;
const SIGNS = { "&&": "and", "||": "or", "!": "not" };
const PLAIN = { n: "\n", r: "\r", t: "\t", 0: "\0" };
const ANY_SIGN = /[=<>!(){}&|,]/;
export const KEYWORDS = ["and", "or", "not", "in", "contains", "matches"];

export class Wrong extends Error {
  constructor(what, column) {
    super(`column ${column}: ${what}`);
  }
}

// [{kind, text, column}], of which the last is the end. Throws Wrong.
export function tokens(text) {
  const found = [];
  let place = 0;
  while (place < text.length) {
    TOKEN.lastIndex = place;
    const match = TOKEN.exec(text);
    if (!match) throw unreadable(text[place], place + 1);
    const [kind] = Object.entries(match.groups).find(([, said]) => said !== undefined);
    if (kind !== "space") found.push({ kind, text: SIGNS[match[0]] ?? match[0], column: place + 1 });
    place += match[0].length;
  }
  found.push({ kind: "end", text: "", column: text.length + 1 });
  return found;
}

function unreadable(said, column) {
  if (said === '"' || said === "'") return new Wrong(`a text that does not end; another ${said} is expected`, column);
  if (said === "=") return new Wrong("no such operator: =; == is expected", column);
  return new Wrong(`nothing begins with ${said}; a name, a number or a text in quotes is expected`, column);
}

// What the quotes of a text enclose.
export function content(text) {
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|.)/gsu, (_, said) => (said.length === 3 ? String.fromCharCode(parseInt(said.slice(1), 16)) : (PLAIN[said] ?? said)));
}

// The words of what is no expression, texts in quotes without them; null if it is one.
export function plainWords(text) {
  const bare = text.replace(/"[^"]*"/g, " ");
  if (ANY_SIGN.test(bare) || bare.includes('"') || bare.split(/\s+/).some((word) => KEYWORDS.includes(word))) return null;
  return [...text.matchAll(/"([^"]*)"|[^\s"]+/g)].map((match) => match[1] ?? match[0]);
}

// The known words that are most like one, as a text; "" if none is.
export function alike(word, known) {
  const near = known.map((one) => [distance(word.toLowerCase(), one.toLowerCase()), one]).filter(([far]) => far <= Math.max(1, word.length / 3));
  near.sort(([one], [other]) => one - other);
  return near.slice(0, 3).map(([, one]) => one).join(", ");
}

function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let place = 1; place <= one.length; place += 1) {
    const next = [place];
    for (let at = 1; at <= other.length; at += 1) next.push(Math.min(next[at - 1] + 1, row[at] + 1, row[at - 1] + (one[place - 1] === other[at - 1] ? 0 : 1)));
    row = next;
  }
  return row[other.length];
}
