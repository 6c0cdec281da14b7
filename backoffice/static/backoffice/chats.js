// What was opened in WhatsApp is not opened twice; the list is read anew when one comes back to it.
"use strict";
document.querySelector("[data-chats]")?.addEventListener("submit", (event) => {
  const button = event.target.querySelector("button");
  setTimeout(() => { button.disabled = true; });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") location.reload(); });
});
