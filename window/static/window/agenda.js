/* The shop's agenda on another site: a frame after this script, as high as what is in it.

   <script src="https://SHOP/static/window/agenda.js" async></script>
   data-servico="SKU" (several with commas), data-profissional="ID", data-titulo="..." are optional. */
(() => {
  "use strict";
  const script = document.currentScript;
  const shop = new URL(script.src).origin;
  const wanted = new URLSearchParams({ site: location.origin });
  for (const sku of (script.dataset.servico ?? "").split(",")) if (sku.trim()) wanted.append("servico", sku.trim());
  if (script.dataset.profissional) wanted.set("profissional", script.dataset.profissional);
  const frame = document.createElement("iframe");
  frame.src = `${shop}/incorporar/agendar?${wanted}`;
  frame.title = script.dataset.titulo ?? "Agendar horário";
  Object.assign(frame.style, { border: "0", colorScheme: "normal", display: "block", height: "40rem", width: "100%" });
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== shop || source !== frame.contentWindow || typeof data !== "object" || data === null) return;
    if (data.balcao === "height" && Number.isFinite(data.height))
      frame.style.height = `${Math.min(Math.max(data.height, 160), 10000)}px`;
    if (data.balcao === "top" && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  });
  script.after(frame);
})();
