// What makes the pay page comfortable: it counts down, copies the Pix, and shows by itself that the money has arrived.
// Without it the page says the same and has a link to look again.
(() => {
  "use strict";
  const page = document.querySelector("[data-pay]");
  if (!page) return;

  const FIRST = 400; // whoever comes back from paying is already waiting
  const EVERY = 1500;
  const SLOWEST = 15000;
  let wait = EVERY;
  let next = 0;
  let leaving = false; // on the way to pay: what that changes here must not call the visitor back

  const look = async () => {
    clearTimeout(next);
    if (document.hidden || leaving) return;
    try {
      const answer = await fetch(page.dataset.pay, { cache: "no-store", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { mark } = await answer.json();
      if (leaving) return;
      if (mark !== page.dataset.mark) {
        const here = new URL(window.location.href);
        here.searchParams.delete("go");
        here.searchParams.delete("done");
        window.location.replace(here.href);
        return;
      }
      wait = EVERY;
    } catch {
      wait = Math.min(wait * 2, SLOWEST);
    }
    if (!leaving) next = setTimeout(look, wait);
  };
  document.addEventListener("visibilitychange", look);
  document.addEventListener("submit", () => { leaving = true; clearTimeout(next); });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    look();
  });
  next = setTimeout(look, FIRST);

  for (const shown of document.querySelectorAll("[data-until]")) {
    const ahead = Date.parse(shown.dataset.now) - Date.now(); // the clock of a phone may be wrong
    const until = Date.parse(shown.dataset.until);
    const tick = () => {
      const left = Math.max(0, Math.floor((until - Date.now() - ahead) / 1000));
      const two = (number) => String(number).padStart(2, "0");
      const hours = Math.floor(left / 3600);
      const clock = `${hours ? `${hours}:` : ""}${hours ? two(Math.floor(left / 60) % 60) : Math.floor(left / 60)}:${two(left % 60)}`;
      shown.textContent = shown.dataset.text.replace("{time}", clock);
      shown.hidden = left > 24 * 3600;
      if (left) setTimeout(tick, 1000);
    };
    tick();
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    const text = document.getElementById(button.dataset.copy);
    const before = button.textContent;
    const said = () => {
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = before; }, 2500);
    };
    text.addEventListener("focus", () => text.select());
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.value);
        said();
      } catch {
        text.focus();
        text.select();
        if (document.execCommand("copy")) said();
      }
    });
  }
})();
