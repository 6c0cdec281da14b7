// What the scripts of the desk's pages share: elements built from text, dialogs, and speaking to the shop.
// Text from people only ever becomes text nodes, never markup.
"use strict";

window.Desk = (() => {
  const make = (tag, options = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(options)) {
      if (name === "class") element.className = value;
      else if (name === "on") for (const [event, work] of Object.entries(value)) element.addEventListener(event, work);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };

  const fill = (element, ...children) => element.replaceChildren(...children.filter(Boolean));

  const icon = (name) => make("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, name);

  const button = (sign, text, work, kind = "") =>
    make("button", { type: "button", class: `desk-button ${kind}`, on: { click: work } }, icon(sign), text);

  const link = (sign, text, href, outside = false) =>
    make(
      "a",
      { class: "desk-button", href, target: outside ? "_blank" : null, rel: outside ? "noopener" : null },
      icon(sign),
      text,
    );

  const query = (address, parameters) => {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one) words.append(name, one);
    }
    return `${address}?${words}`;
  };

  const dialog = (id) => {
    const element = document.getElementById(id);
    if (!element) return null;
    for (const closing of element.querySelectorAll("[data-close]")) {
      closing.addEventListener("click", () => element.close());
    }
    element.addEventListener("click", (event) => {
      if (event.target === element) element.close();
    });
    return element;
  };

  const freshKey = () => (crypto.randomUUID ? crypto.randomUUID() : made());

  // Without https a browser has no randomUUID, but it has random bytes.
  const made = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
  };

  // How one page speaks: every answer is either data or a problem with code, title and detail; a failed line is one, too.
  const speaker = ({ root, offline }) => {
    const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
    const lost = () => ({ ok: false, problem: { code: "offline", title: offline, detail: offline, status: 0 } });
    return async (address, { body, key, method, patience } = {}) => {
      const headers = { Accept: "application/json" };
      const writes = body !== undefined || (method && method !== "GET");
      if (writes) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": token });
      if (key) headers["Idempotency-Key"] = key;
      try {
        const answer = await fetch(address, {
          method: method || (writes ? "POST" : "GET"),
          headers,
          body: body === undefined ? undefined : JSON.stringify(body),
          credentials: "same-origin",
          signal: patience ? AbortSignal.timeout(patience) : undefined,
        });
        const data = answer.status === 204 ? null : await answer.json();
        return answer.ok ? { ok: true, data } : { ok: false, problem: data };
      } catch {
        return lost();
      }
    };
  };

  const toaster = (id) => {
    let timer;
    // `undo`: what takes back what was just done, with its words; the message then stays longer.
    return (text, bad = false, undo = null) => {
      const element = document.getElementById(id);
      const back = undo && make("button", { type: "button", class: "desk-undo", on: { click: () => { element.hidden = true; undo.work(); } } }, undo.text);
      fill(element, make("span", {}, text), back);
      element.classList.toggle("is-bad", bad);
      element.hidden = false;
      clearTimeout(timer);
      timer = setTimeout(() => { element.hidden = true; }, undo ? 20000 : 6000);
    };
  };

  return { make, fill, icon, button, link, query, dialog, freshKey, speaker, toaster };
})();
