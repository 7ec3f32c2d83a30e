"use strict";
// Opens what a fragment names, and what that lies in. The page is whole without it.
(() => {
  const follow = () => {
    const named = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!named) return;
    for (let item = named; item; item = item.parentElement) if (item.tagName === "DETAILS") item.open = true;
    named.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();
})();
