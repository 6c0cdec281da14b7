"use strict";
/* Opens the tab a page asks for: the one with a complaint; on a new page the first, whatever the address remembers.
   The theme reads the address as soon as it starts, which is before the page's own event. */
document.addEventListener("alpine:init", () => {
  const wanted = document.getElementById("desk-open-tab");
  if (wanted) history.replaceState(history.state, "", `#${wanted.dataset.tab}`);
});
/* The field that a page begins with has the focus. The browser gives it before the theme shows the page, when it may
   still be hidden, and does not ask again. */
const begin = () => {
  if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus({ preventScroll: true });
};
for (const shown of ["DOMContentLoaded", "alpine:initialized"]) document.addEventListener(shown, begin);
window.addEventListener("load", begin);
document.addEventListener("DOMContentLoaded", () => {
  for (const cell of document.querySelectorAll("#result_list [data-label]")) {
    cell.dataset.label = cell.dataset.label.charAt(0).toLocaleUpperCase() + cell.dataset.label.slice(1);
  }
});
/* A field that looks things up while one types is called by its label; the theme's script leaves it without a name.
   That script waits for the page by jQuery, which is later than the page's own event: so does this. */
document.addEventListener("DOMContentLoaded", () => window.django?.jQuery?.(() => {
  for (const box of document.querySelectorAll(".select2-selection")) {
    const field = box.closest(".select2")?.previousElementSibling;
    const label = field?.id && document.querySelector(`label[for="${field.id}"]`);
    const shown = box.querySelector(".select2-selection__rendered");
    if (!label || !shown) continue;
    label.id ||= `${field.id}-label`;
    box.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
    shown.removeAttribute("role");
    shown.removeAttribute("aria-readonly");
  }
}));
/* The boxes that filter a list to choose from: their name stands on an icon, where no name may stand. */
window.addEventListener("load", () => setTimeout(() => {
  for (const icon of document.querySelectorAll(".selector-filter .search-label-icon[aria-label]")) icon.setAttribute("role", "img");
}));
/* What would come of a form is told below its fields while one types; an answer that is late tells nothing. */
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll("[data-effect]")) {
    const form = place.closest("form");
    let asked = 0, timer = null;
    const tell = async () => {
      const mine = ++asked;
      const said = new URLSearchParams(new FormData(form));
      said.delete("csrfmiddlewaretoken");
      try {
        const answer = await fetch(`${place.dataset.effect}?${said}`, { headers: { Accept: "text/html" } });
        // Whoever is signed out meanwhile is sent to the page that signs in; that is no answer.
        const effect = answer.ok && !answer.redirected ? await answer.text() : "";
        if (mine === asked) place.innerHTML = effect;
      } catch {
        if (mine === asked) place.textContent = "";
      }
    };
    form.addEventListener("input", ({ target }) => {
      if (target.dataset.unset) form.elements[target.dataset.unset].value = "";
      clearTimeout(timer);
      timer = setTimeout(tell, 250);
    });
    tell();
  }
});
/* F2 leads to the counter from every page of the desk, for whoever has it in the menu. What has been typed into a page
   is not lost by it: then the counter opens in a tab of its own. What was typed into a dialog is sent or given up when it
   closes, and what chooses or searches is no work. The counter's own page uses the key itself. */
let typedHere = false;
document.addEventListener("input", ({ target }) => {
  if (target.closest("form")?.method === "post" && !target.closest("dialog")) typedHere = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "F2" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const way = document.querySelector("#nav-sidebar-apps a[href$='/admin/caixa/']");
  if (!way || document.getElementById("counter") || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  if (typedHere) window.open(way.href, "_blank");
  else location.assign(way.href);
});
