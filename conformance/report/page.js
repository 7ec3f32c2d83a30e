"use strict";
// Filters cases and opens what a fragment names. The page is whole without it.
(() => {
  const form = document.querySelector("form.filter");
  const cases = [...document.querySelectorAll("details.case")];
  const count = form.querySelector("output");
  const none = document.querySelector(".none");
  const names = ["outcome", "chapter", "level", "q"];
  const words = new Map();

  // All that is said in a case: its steps, messages and their fields; not the digits of its bytes. Collected when first asked for.
  const said = (item) => {
    if (!words.has(item)) {
      const parts = [];
      const walker = document.createTreeWalker(item, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
        node.nodeName === "PRE" && node.className === "hex" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
      while (walker.nextNode()) if (walker.currentNode.nodeType === Node.TEXT_NODE) parts.push(walker.currentNode.data);
      words.set(item, parts.join(" ").toLowerCase());
    }
    return words.get(item);
  };

  const apply = () => {
    const wanted = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
    const terms = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of cases) {
      const fits =
        ["outcome", "chapter", "level"].every((name) => !wanted[name] || item.dataset[name] === wanted[name]) &&
        (!terms.length || terms.every((term) => said(item).includes(term)));
      item.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${cases.length} cases`;
    none.hidden = shown > 0;
  };

  const remember = () => {
    const found = new URLSearchParams();
    for (const name of names) if (form.elements[name].value) found.set(name, form.elements[name].value);
    history.replaceState(null, "", "#" + found.toString());
  };

  const follow = () => {
    const fragment = decodeURIComponent(location.hash.slice(1));
    const target = document.getElementById(fragment);
    if (target) {
      if (target.matches("details.case") && target.hidden) {
        form.reset();
        apply();
      }
      for (let item = target; item; item = item.parentElement) if (item.tagName === "DETAILS") item.open = true;
      target.scrollIntoView();
      return;
    }
    if (!fragment.includes("=")) return;
    const found = new URLSearchParams(location.hash.slice(1));
    for (const name of names) {
      form.elements[name].value = found.get(name) || "";
      if (form.elements[name].selectedIndex === -1) form.elements[name].value = "";
    }
    apply();
    const shown = cases.filter((item) => !item.hidden);
    if (shown.length === 1) shown[0].open = true;
    document.getElementById("cases").scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    apply();
    remember();
  });
  form.addEventListener("click", (event) => {
    const what = event.target.dataset.do;
    if (what) for (const item of cases) if (!item.hidden) item.open = what === "open";
  });
  addEventListener("hashchange", follow);
  apply();
  follow();
})();
