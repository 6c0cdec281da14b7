// A file that is being read, or taken in: the page looks every two seconds, and moves on once there is something to see.
// As long as nothing is different, nothing moves, and what has the focus keeps it.
"use strict";

(() => {
  const EVERY = 2000;

  const look = async () => {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-waiting]");
      if (!answer.ok || !now) {
        location.reload();
        return;
      }
      const shown = document.querySelector("[data-waiting]");
      if (shown.textContent !== now.textContent) shown.replaceChildren(...now.childNodes);
    } catch {
      // The shop cannot be reached for a moment; it is asked again.
    }
    setTimeout(look, EVERY);
  };

  setTimeout(look, EVERY);
})();
