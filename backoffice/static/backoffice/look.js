"use strict";
/* A colour can be typed or picked; a shelf is moved by two buttons instead of its number. The page works without. */
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll(".look-colour")) {
    const picker = document.createElement("input");
    picker.type = "color";
    picker.className = "look-picker";
    picker.setAttribute("aria-label", document.querySelector(`label[for="${field.id}"]`)?.textContent.trim() ?? "");
    const follow = () => {
      if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value;
      else if (!field.value) picker.value = field.placeholder;
    };
    follow();
    field.addEventListener("input", follow);
    picker.addEventListener("input", () => { field.value = picker.value; });
    field.after(picker);
  }
  const list = document.querySelector(".look-shelves");
  if (!list) return;
  const number = () => [...list.children].forEach((row, place) => { row.querySelector("input").value = place + 1; });
  for (const row of list.children) {
    const ways = [["up", "↑", () => row.previousElementSibling?.before(row)], ["down", "↓", () => row.nextElementSibling?.after(row)]];
    for (const [way, sign, move] of ways) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.setAttribute("aria-label", `${list.dataset[way]}: ${row.querySelector("label").textContent}`);
      button.addEventListener("click", () => { move(); number(); button.focus(); });
      row.append(button);
    }
    row.querySelector("input").parentElement.hidden = true;
  }
  document.getElementById("look-numbers").hidden = true;
});
