"use strict";
/* Opens the tab a page asks for: the one with a complaint; on a new page the first, whatever the address remembers. */
document.addEventListener("DOMContentLoaded", () => {
  const wanted = document.getElementById("desk-open-tab");
  if (wanted) history.replaceState(history.state, "", `#${wanted.dataset.tab}`);
});
