// What the agenda's scripts share: speaking to the shop, building elements from text, dialogs, and the toast.
// Text from people only ever becomes text nodes, never markup.
"use strict";

window.Agenda = (() => {
  const config = JSON.parse(document.getElementById("agenda-config").textContent);
  const texts = config.texts;
  const root = document.getElementById("agenda");
  const token = root.querySelector("[name=csrfmiddlewaretoken]").value;

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

  // Every answer is either data or a problem with code, title and detail; a failed line is a problem, too.
  const ask = async (address, { body, key } = {}) => {
    const headers = { Accept: "application/json" };
    if (body !== undefined) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": token });
    if (key) headers["Idempotency-Key"] = key;
    let answer;
    try {
      answer = await fetch(address, {
        method: body === undefined ? "GET" : "POST",
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "same-origin",
      });
      const data = await answer.json();
      return answer.ok ? { ok: true, data } : { ok: false, problem: data };
    } catch {
      return { ok: false, problem: { code: "offline", title: texts.offline, detail: texts.offline, status: 0 } };
    }
  };

  const query = (address, parameters) => {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one) words.append(name, one);
    }
    return `${address}?${words}`;
  };

  const sentences = (problem) => {
    const lines = [];
    if (problem.detail && problem.detail !== problem.title) lines.push(problem.detail);
    for (const error of problem.errors || []) lines.push(error.detail);
    for (const reason of problem.reasons || []) lines.push(config.reasons[reason] || reason);
    return lines;
  };

  // A reason is wanted where a field says so, and where nothing but the clock stands in the way.
  const isPast = (problem) => problem.code === "slot_unavailable" && problem.reasons?.join() === "lead_time";
  const needsReason = (problem) =>
    isPast(problem) || (problem.errors || []).some((error) => error.pointer === "/reason");

  const explain = (problem) => [
    make("strong", {}, problem.title || texts.offline),
    ...sentences(problem).map((line) => make("p", {}, line)),
  ];

  // Instants of the shop carry its offset, so the wall clock is what stands written.
  const clockOf = (instant) => instant.slice(11, 16);
  const dayOf = (instant) => instant.slice(0, 10);
  const shownDay = (day, options = { weekday: "short", day: "2-digit", month: "2-digit" }) =>
    new Intl.DateTimeFormat(config.language, { ...options, timeZone: "UTC" }).format(new Date(`${day}T12:00:00Z`));

  const dialog = (id) => {
    const element = document.getElementById(id);
    if (!element) return null;
    for (const button of element.querySelectorAll("[data-close]")) {
      button.addEventListener("click", () => element.close());
    }
    element.addEventListener("click", (event) => {
      if (event.target === element) element.close();
    });
    return element;
  };

  let timer;
  const toast = (text, bad = false) => {
    const element = document.getElementById("agenda-toast");
    element.textContent = text;
    element.classList.toggle("is-bad", bad);
    element.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => { element.hidden = true; }, 6000);
  };

  const alternatives = (found, choose) =>
    make(
      "div",
      { class: "agenda-times" },
      ...found.map((one) =>
        make(
          "button",
          { type: "button", class: "agenda-time", on: { click: () => choose(one) } },
          `${shownDay(dayOf(one.starts_at))} ${clockOf(one.starts_at)} · ${one.professional.name}`,
        ),
      ),
    );

  const people = (select, { any = false, chosen = "" } = {}) => {
    const options = Agenda.resources().map((one) => make("option", { value: one.id }, one.title));
    fill(select, any ? make("option", { value: "" }, texts.any) : null, ...options);
    select.value = chosen || "";
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  };

  // What a person is told depends on whether there is an address to write to.
  const told = (name, visit) => (visit.written_to ? texts[name] : texts[`${name}_untold`]);

  const freshKey = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);

  return {
    config, texts, make, fill, ask, query, explain, sentences, needsReason, isPast, clockOf, dayOf, shownDay, dialog, toast,
    alternatives, people, told, freshKey,
    resources: () => [],
    now: () => config.today,
    reload: async () => {},
  };
})();
