// Keys of the desk. Everything works without this file; it makes a lead's work faster.
"use strict";

(() => {
  const STORED = "stemme-keys";
  const dialog = document.getElementById("keys");
  const cases = [...document.querySelectorAll("[data-case]")];
  let on = localStorage.getItem(STORED) !== "off";

  const setting = dialog?.querySelector("[data-keys-on]");
  if (setting) {
    setting.checked = on;
    setting.addEventListener("change", () => {
      on = setting.checked;
      localStorage.setItem(STORED, on ? "on" : "off");
    });
  }
  for (const button of document.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialog?.showModal());
  }

  const place = () => cases.findIndex((one) => one.contains(document.activeElement));
  const focus = (one) => {
    one?.querySelector("[data-open]").focus();
    one?.scrollIntoView({ block: "nearest" });
  };

  // After an action the page comes back at #case-12, where the browser puts the focus on the row's link. If the row has
  // left the list, go on from the one that took its place.
  const remembered = Number(sessionStorage.getItem("stemme-row") ?? -1);
  sessionStorage.removeItem("stemme-row");
  if (remembered >= 0 && cases.length && !document.querySelector(":target")) {
    focus(cases[Math.min(remembered, cases.length - 1)]);
  }
  for (const [index, one] of cases.entries()) {
    one.addEventListener("submit", () => sessionStorage.setItem("stemme-row", String(index)));
  }

  const move = (step) => {
    const here = place();
    focus(cases[Math.max(0, Math.min(cases.length - 1, here < 0 ? 0 : here + step))]);
  };
  const press = (selector) => document.querySelector(selector)?.click();
  const inCase = (key) => (cases.length ? cases[place()] : document)?.querySelector(`[data-key="${key}"]`)?.click();

  const actions = {
    j: () => (cases.length ? move(1) : press("[data-next]")),
    k: () => (cases.length ? move(-1) : press("[data-previous]")),
    o: () => cases[place()]?.querySelector("[data-open]").click(),
    a: () => inCase("a"),
    u: () => inCase("u"),
    n: () => inCase("n"),
    i: () => press("[data-inbox]"),
    "/": () => document.querySelector("input[type=search]")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog?.open) return;
    // A dialog that was closed just now may still hold the focus, until the browser paints again.
    const field = event.target.closest("input, textarea, select, [contenteditable]");
    if (field && !dialog?.contains(field)) return;
    if (event.key === "?") {
      event.preventDefault();
      dialog?.showModal();
    } else if (on && actions[event.key]) {
      event.preventDefault();
      actions[event.key]();
    }
  });
})();
