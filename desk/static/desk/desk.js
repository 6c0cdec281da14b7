"use strict";
/* Opens the tab a page asks for: the one with a complaint; on a new page the first, whatever the address remembers. */
document.addEventListener("DOMContentLoaded", () => {
  const wanted = document.getElementById("desk-open-tab");
  for (const cell of document.querySelectorAll("#result_list [data-label]")) {
    cell.dataset.label = cell.dataset.label.charAt(0).toLocaleUpperCase() + cell.dataset.label.slice(1);
  }
  if (wanted) history.replaceState(history.state, "", `#${wanted.dataset.tab}`);
});
