// The keys of the page, and what happens when it opens.
"use strict";

(() => {
  const { draft, part, root } = Counter;
  const search = document.getElementById("counter-search");
  const anyDialog = () => document.querySelector("dialog[open]");
  const editable = (element) => element?.matches?.("input, textarea, select, [contenteditable]");

  // F2 leads to the search field, F8 to the money. Whatever else is typed outside a field belongs into the search field,
  // so a scanner works wherever the focus is.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "F2" || event.key === "F8") {
      event.preventDefault();
      if (anyDialog()) return;
      if (event.key === "F2") Counter.startTyping();
      else Counter.pay.open("cash");
    } else if (event.key.length === 1 && event.key !== " " && !anyDialog() && !editable(document.activeElement)) Counter.startTyping();
  });

  // On a phone a bar says what is to be paid, and leads there, while the ticket is out of sight.
  const bar = part("to-ticket");
  new IntersectionObserver(([seen]) => bar.classList.toggle("is-idle", seen.isIntersecting)).observe(root.querySelector(".counter-foot"));
  bar.addEventListener("click", () => part("ticket").scrollIntoView({ block: "start" }));

  draft.set({});
  Counter.ticket.draw();
  Counter.today();
  if (!anyDialog()) search.focus();

  // The page was left while a sale was on its way: the shop says how it stands, by the same key.
  const { sending } = draft.get();
  const door = sending?.awaited ? Counter.awaiting : sending?.method ? Counter.phone : Counter.pay;
  if (sending) door.send(sending);
  else root.classList.remove("is-locked");
})();
