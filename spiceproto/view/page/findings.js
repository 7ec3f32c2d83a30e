// What is wrong: broken sentences with their texts, and what could not be read; each leads to its row.

import { List } from "./list.js";

// Lists of findings: {name, title, count, element}; choose(row) is called with the row of the one that is chosen.
export function findingLists(capture, choose) {
  const place = (row) => (row < 0 ? "" : `${capture.columns.number[row] || `row ${capture.first + row}`}`);
  const broken = new List(
    "Broken sentences",
    [["number", "No."], ["id", "Sentence"], ["level", "Level"], ["sender", "By"], ["summary", "What was wrong"]],
    (index) => {
      const item = capture.broken[index];
      const cells = [["number", place(item.row)], ["id", item.sentence], ["level", item.tolerated ? "tolerated" : (capture.about.sentences[item.sentence]?.level ?? "")], ["sender", item.sender], ["summary", item.text]];
      return { cells, classes: item.tolerated ? "tolerated" : "broken" };
    },
    (index) => choose(capture.broken[index].row),
  );
  const problems = new List(
    "Problems",
    [["number", "No."], ["level", "Severity"], ["code", "Code"], ["summary", "What was wrong"]],
    (index) => {
      const item = capture.problems[index];
      return { cells: [["number", place(item.row)], ["level", item.severity], ["code", item.code], ["summary", said(item)]], classes: item.severity };
    },
    (index) => choose(capture.problems[index].row),
  );
  broken.fill(capture.broken.length, -1);
  problems.fill(capture.problems.length, -1);
  return [
    { name: "broken", title: "Broken sentences", count: () => (capture.about.judged ? capture.broken.length : "not judged"), element: broken.element, heads: broken.heads, grow: () => broken.grow(capture.broken.length, broken.place) },
    { name: "problems", title: "Problems", count: () => capture.problems.length, element: problems.element, heads: problems.heads, grow: () => problems.grow(capture.problems.length, problems.place) },
  ];
}

function said(item) {
  const parts = [item.text];
  if (item.where) parts.push(`at ${item.where}`);
  if (item.expected) parts.push(`expected ${item.expected}`);
  if (item.actual) parts.push(`found ${item.actual}`);
  return parts.join("; ");
}

// What is to be said of one row, as elements; find(words) is called to see all of its kind.
export function notes(capture, row, find) {
  const found = [];
  const broken = capture.broken.filter((one) => one.row === row);
  for (const item of broken) {
    const sentence = capture.about.sentences[item.sentence];
    const note = paragraph(item.tolerated ? "note tolerated" : "note broken");
    const id = document.createElement("button");
    id.type = "button";
    id.textContent = item.sentence;
    id.title = "Show all messages that broke this sentence";
    id.addEventListener("click", () => find(`"${item.sentence}"`));
    const words = [`${item.tolerated ? "tolerated" : "broken"} by the ${item.sender}: ${said(item)}.`];
    note.append(id, ` ${words.join(" ")}`);
    if (sentence) {
      const text = document.createElement("q");
      text.textContent = sentence.text;
      note.append(document.createElement("br"), text, ` (${sentence.level}, ${sentence.role}; spec/${sentence.chapter}.md, ${sentence.section})`);
    }
    found.push(note);
  }
  // What was read off the message and names a sentence is said above.
  const again = (item) => broken.some(({ sentence }) => item.text.startsWith(`${sentence}:`));
  for (const item of capture.problems.filter((one) => one.row === row && !again(one))) {
    const note = paragraph(`note ${item.severity}`);
    note.textContent = `${item.severity}: ${said(item)}`;
    found.push(note);
  }
  return found;
}

export function paragraph(name) {
  const made = document.createElement("p");
  made.className = name;
  return made;
}
