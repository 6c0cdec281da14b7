// Brings the figures of the last days onto the first page once it stands there; without them a link to the reports stays.
"use strict";

(async () => {
  const place = document.querySelector("[data-report]");
  if (!place) return;
  try {
    const answer = await fetch(place.dataset.report, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(`answered ${answer.status}`);
    place.innerHTML = await answer.text();
    renderCharts(); // of the desk's theme
  } catch {
    place.querySelector("[role=status]")?.remove();
    place.querySelector("[hidden]")?.removeAttribute("hidden");
  }
})();
