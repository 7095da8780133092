// What every staff page may use: a menu that keeps its place, and texts that survive an interrupted send.
"use strict";

(() => {
  document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // A textarea with data-draft="name" keeps what is typed in this browser tab until its form is sent.
  for (const area of document.querySelectorAll("textarea[data-draft]")) {
    const key = `draft:${location.pathname}:${area.dataset.draft}`;
    const kept = sessionStorage.getItem(key);
    if (kept && !area.value) area.value = kept;
    area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
    area.form?.addEventListener("submit", () => sessionStorage.removeItem(key));
  }
})();
