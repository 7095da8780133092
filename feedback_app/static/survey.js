// The survey page with scripts: it keeps a draft, asks only what applies, counts characters, and does not give up
// sending. Without this file everything still works.
"use strict";
(() => {
  const WAITS = [1, 2, 4, 8, 15, 30, 30, 30]; // seconds between attempts to send
  const DAYS = 7; // a draft is kept this long
  const NEAR = 200; // so few characters before the limit a screen reader is told, too
  const key = "stemme:" + location.pathname;
  const tapped = new URLSearchParams(location.search).get("score"); // in a mail, for instance
  let form, all, busy, timer;

  const each = (selector, what) => form.querySelectorAll(selector).forEach(what);
  const picked = (name) => all().filter((field) => field.name === name && field.checked);
  const choosable = (field) => field.type === "radio" || field.type === "checkbox";
  const store = (what) => { try { return what(localStorage); } catch { return null; } }; // may be switched off
  const forget = () => store((s) => s.removeItem(key));

  function save() {
    const values = {};
    for (const field of all()) {
      if (field.name === "lang" || !field.name) continue;
      if (!choosable(field)) values[field.name] = [field.value];
      else if (field.checked) (values[field.name] ??= []).push(field.value);
    }
    store((s) => s.setItem(key, JSON.stringify({ at: Date.now(), tapped, values })));
  }

  function restore() {
    const draft = store((s) => JSON.parse(s.getItem(key)));
    if (!draft || Date.now() - draft.at > DAYS * 864e5) return forget();
    const first = form.querySelector("[data-band]");
    for (const field of all()) {
      const values = draft.values[field.name];
      if (field.name === "lang") continue;
      if (first && field.name === first.name && tapped !== draft.tapped && tapped !== null) continue; // a newer tap
      if (choosable(field)) field.checked = !!values && values.includes(field.value);
      else if (values) field.value = values[0];
    }
  }

  function update() {
    const first = form.querySelector("[data-band]");
    const score = first && picked(first.name)[0];
    each("[data-any]", (text) => {
      const words = (score && text.dataset[score.dataset.band]) || text.dataset.any;
      if (text.textContent !== words) text.textContent = words;
    });
    const questions = [...form.querySelectorAll("[data-question]")];
    for (const question of questions) {
      const { if: before, values } = question.dataset;
      if (!before) continue;
      const source = questions.find((other) => other.dataset.question === before);
      const wanted = values.split(" ");
      question.hidden = !source || source.hidden || !picked(before).some((f) => wanted.includes(f.dataset.band || f.value));
    }
    const shown = questions.filter((question) => !question.hidden);
    shown.forEach((question, at) => {
      const words = form.dataset.place.replace("{place}", at + 1).replace("{total}", shown.length);
      question.querySelector(".place").textContent = words;
    });
    each("[data-parts]", (parts) => {
      parts.hidden = !parts.closest("fieldset").querySelector("[type=checkbox]").checked;
    });
    each("[data-longest]", count);
  }

  function count(field) {
    const left = field.dataset.longest - [...field.value.trim()].length;
    let note = field.nextElementSibling;
    if (!note) {
      const spoken = document.createElement("p");
      spoken.className = "hidden";
      spoken.setAttribute("aria-live", "polite");
      note = document.createElement("p");
      note.className = "count";
      field.after(note, spoken);
    }
    const spoken = note.nextElementSibling;
    const words = left < 0 ? form.dataset.over : form.dataset.left;
    const now = words.replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
    note.hidden = !field.value;
    note.classList.toggle("over", left < 0);
    if (note.textContent === now) return;
    note.textContent = now;
    clearTimeout(timer);
    timer = setTimeout(() => { spoken.textContent = left < NEAR ? now : ""; }, 900); // not at every key
  }

  function wait(seconds) {
    return new Promise((go) => {
      const later = setTimeout(go, seconds * 1000);
      addEventListener("online", () => { clearTimeout(later); go(); }, { once: true });
    });
  }

  function say(words, working) {
    form.querySelector(".status").textContent = words;
    form.querySelector("button").setAttribute("aria-disabled", working);
    each("[data-question]", (question) => { question.inert = working; }); // what is being sent cannot be changed
    busy = working;
  }

  async function send(event) {
    event.preventDefault();
    if (busy) return;
    const body = new URLSearchParams(new FormData(form)); // with its submission_id: repeated, it is stored once
    save();
    for (const pause of [...WAITS, 0]) {
      say(form.dataset.sending, true);
      try {
        const answer = await fetch(location.href, { method: "POST", body, signal: AbortSignal.timeout?.(30000) });
        const html = await answer.text();
        if (answer.redirected && answer.ok) {
          forget();
          return location.assign(answer.url);
        }
        if (answer.status < 500) return show(html, answer.status);
      } catch { /* no connection: try again */ }
      if (!pause) break;
      say(form.dataset.retry, true);
      await wait(pause);
    }
    say(form.dataset.failed, false);
  }

  function show(html, status) { // the form with what is wrong, or a plain page: its content takes the place of ours
    const page = new DOMParser().parseFromString(html, "text/html");
    if (status === 409 || status === 410) forget();
    else if (status !== 422) history.pushState(null, ""); // it says "go back": back leads to the form
    document.title = page.title;
    page.querySelector("[autofocus]")?.removeAttribute("autofocus"); // focus is set below
    document.querySelector("main").replaceWith(page.querySelector("main"));
    start();
    const about = document.getElementById("problems") || document.querySelector("h1");
    about.tabIndex = -1;
    about.focus();
    about.scrollIntoView();
  }

  function start() {
    form = document.querySelector("[data-survey]");
    busy = false;
    if (!form) return;
    all = () => [...form.elements];
    each(".when", (hint) => hint.remove());
    if (!document.getElementById("problems")) restore();
    update();
    form.addEventListener("input", () => { update(); save(); });
    form.addEventListener("submit", send);
  }

  start();
  addEventListener("popstate", () => form || location.reload());
  addEventListener("pageshow", (event) => { // back from the thank-you page
    if (event.persisted && form) { say("", false); update(); }
  });
})();
