// The visits of an order by telephone: the services on the ticket, those of one professional together, each with a day
// and one of its free times. What was chosen is kept while the page is open, whatever becomes of the dialog.
"use strict";

Counter.booking = (() => {
  const { config, texts, ask, said, clockOf, draft } = Counter;
  const { make, fill } = Desk;
  const kept = new Map();
  const state = { visits: [], changed: () => {} };

  const hint = (text) => make("p", { class: "desk-hint" }, text);
  const shownDay = (instant) =>
    new Intl.DateTimeFormat(document.documentElement.lang || "pt-BR", { weekday: "short", day: "2-digit", month: "2-digit", timeZone: "UTC" })
      .format(new Date(`${instant.slice(0, 10)}T12:00:00Z`));

  const groups = () => {
    const found = new Map();
    for (const line of draft.services()) found.set(line.professional || "", [...(found.get(line.professional || "") || []), line]);
    return [...found].map(([who, lines]) => ({ who, skus: lines.map((line) => line.sku), name: lines.map((line) => line.name).join(" + ") }));
  };

  const choose = (one, time) => {
    one.time = time;
    kept.set(one.key, { day: one.day.value, time });
    refuse(one, null);
    state.changed();
  };

  const same = (one, time) => time && one.starts_at === time.starts_at && one.professional.id === time.professional.id;

  const chip = (one, time, number) => {
    const input = make("input", { type: "radio", name: `time-${number}`, value: time.starts_at, checked: same(time, one.time) });
    input.addEventListener("change", () => choose(one, time));
    return make("label", { class: "counter-time" }, input, make("span", {}, one.who ? time.clock : `${time.clock} · ${time.professional.name}`));
  };

  const nearest = (one, found) =>
    found.length
      ? [
          make("p", {}, texts.nearest),
          make("div", { class: "counter-times" }, ...found.map((time) =>
            make(
              "button", { type: "button", class: "counter-time", on: { click: () => take(one, time) } },
              `${shownDay(time.starts_at)} ${clockOf(time.starts_at)} · ${time.professional.name}`,
            ))),
        ]
      : [];

  const refuse = (one, lines, found = []) => {
    one.refusal.hidden = !lines;
    if (!lines) return;
    fill(one.refusal, ...lines.map((text) => make("p", {}, text)), ...nearest(one, found));
    one.refusal.scrollIntoView({ block: "nearest" });
  };

  const look = async (one) => {
    const asked = ++one.asked;
    const wanted = one.time;
    one.time = null;
    state.changed();
    if (!one.day.value) return fill(one.times);
    fill(one.times, hint(texts.looking));
    const answer = await ask(Desk.query(config.urls.times, { service: one.skus, professional: one.who, day: one.day.value }));
    if (asked !== one.asked) return undefined;
    if (!answer.ok) return fill(one.times, ...Counter.sentences(answer.problem).map(hint));
    const { times, alternatives } = answer.data;
    one.time = times.find((time) => same(time, wanted)) || null;
    const number = state.visits.indexOf(one);
    if (times.length) fill(one.times, ...times.map((time) => chip(one, time, number)));
    else fill(one.times, hint(texts.no_times), ...nearest(one, alternatives));
    one.times.querySelector(":checked")?.closest("label").scrollIntoView({ block: "nearest" });
    state.changed();
    return undefined;
  };

  // A free time somewhere else: go there, and mark it.
  const take = (one, time) => {
    one.day.value = time.starts_at.slice(0, 10);
    choose(one, time);
    return look(one);
  };

  const visit = (group, today) => {
    const key = [group.who, ...group.skus].join("|");
    const before = kept.get(key);
    const day = make("input", {
      type: "date", class: "counter-input", required: true, min: today, value: before?.day >= today ? before.day : today,
      "aria-label": said("day_of", { name: group.name }),
    });
    const one = {
      ...group, key, day, asked: 0, time: before?.time || null,
      times: make("div", { class: "counter-times" }),
      refusal: make("div", { class: "desk-refusal", role: "alert", hidden: true }),
    };
    day.addEventListener("change", () => look(one));
    one.place = make(
      "fieldset", { class: "counter-booking" },
      make("legend", {}, [group.name, config.people[group.who]].filter(Boolean).join(" · ")), one.refusal, day, one.times,
    );
    return one;
  };

  // Draw what is to be booked. `changed` hears of every time that is chosen or lost.
  const open = (place, { today, changed }) => {
    Object.assign(state, { visits: groups().map((group) => visit(group, today)), changed });
    fill(place, ...state.visits.map((one) => one.place));
    state.visits.forEach(look);
  };

  // As the shop reads it; null while a visit has no time yet.
  const wanted = () =>
    state.visits.every((one) => one.time)
      ? state.visits.map((one) => ({ services: one.skus, starts_at: one.time.starts_at, professional: one.time.professional.id }))
      : null;

  // The shop has refused: say it beside the visit it is about, and look up what is free now. Returns whether it could.
  const complain = (problem) => {
    const at = problem.lines?.[0]?.booking ?? (state.visits.length === 1 ? 0 : null);
    state.visits.forEach(look);
    const one = state.visits[at];
    if (!one) return false;
    refuse(one, Counter.sentences(problem), problem.alternatives || []);
    return true;
  };

  return {
    open, wanted, complain,
    missing: () => state.visits.find((one) => !one.time),
    clear: () => { kept.clear(); state.visits = []; },
  };
})();
