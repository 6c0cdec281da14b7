"use strict";
/* Copies a link, where the browser lets a page do it; the link itself stands beside the button. */
document.addEventListener("DOMContentLoaded", () => {
  const said = document.querySelector(".look-said");
  const written = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy"); // the only way on a page without https
    field.remove();
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await written(button.dataset.copy);
      said.textContent = "";
      said.textContent = said.dataset.copied;
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), 1500);
    });
  }
});
