// What the agenda's scripts share beyond what every page of the desk has.
"use strict";

window.Agenda = (() => {
  const config = JSON.parse(document.getElementById("agenda-config").textContent);
  const texts = config.texts;
  const root = document.getElementById("agenda");
  const { make, fill, query, dialog, freshKey } = Desk;
  const ask = Desk.speaker({ root, offline: texts.offline });
  const toast = Desk.toaster("agenda-toast");

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

  // `any`: whoever is free will do; `ask`: one of several has to be chosen, and nobody is by chance.
  const people = (select, { any = false, ask = false, chosen = "" } = {}) => {
    const options = Agenda.resources().map((one) => make("option", { value: one.id }, one.title));
    const nobody = any ? texts.any : ask && options.length > 1 ? texts.who : "";
    fill(select, nobody ? make("option", { value: "" }, nobody) : null, ...options);
    select.value = chosen || "";
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  };

  // What a person is told depends on whether there is an address to write to.
  const told = (name, visit) => (visit.written_to ? texts[name] : texts[`${name}_untold`]);

  return {
    config, texts, make, fill, ask, query, explain, sentences, needsReason, isPast, clockOf, dayOf, shownDay, dialog, toast,
    alternatives, people, told, freshKey,
    resources: () => [],
    now: () => config.today,
    reload: async () => {},
  };
})();
