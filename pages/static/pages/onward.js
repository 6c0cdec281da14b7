// Whoever can run the shop window goes on to its page, and the address with the token is left out of the history. The page
// they came to stays for whoever cannot, and comes to light again where the window's does not answer.
(() => {
  const { to, language } = document.currentScript.dataset;
  if (!("supports" in HTMLScriptElement)) return; // older than what the window is built for
  try {
    if (language) sessionStorage.setItem("balcao.letter", language);
  } catch {
    // a browser that keeps nothing speaks the language it asks for
  }
  const page = document.documentElement;
  page.hidden = true;
  setTimeout(() => { page.hidden = false; }, 4000);
  location.replace(to);
})();
