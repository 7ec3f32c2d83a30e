// Elements with what is in them.

const SVG = (() => {
  const piece = document.createElement("template");
  piece.innerHTML = "<svg></svg>";
  return piece.content.firstChild.namespaceURI;
})();

// An element with properties and children: made("p", { className: "note" }, "text").
export function made(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

// The same of SVG, where everything is an attribute.
export function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(text, act) {
  const element = made("button", { type: "button" }, text);
  element.addEventListener("click", act);
  return element;
}

export function counted(number, one, several = `${one}s`) {
  return `${number} ${number === 1 ? one : several}`;
}
