// Tips beside the price: for whom, how much, and as what. They are in no total; one in cash is kept of what was handed over.
"use strict";

Counter.tips = (() => {
  const { config, texts, part, said, money, amount, readMoney, draft } = Counter;
  const { make, fill } = Desk;
  const dialog = document.getElementById("counter-pay");
  const place = part("tips", dialog);
  const sum = part("with-tips", dialog);
  const people = Object.entries(config.people);
  let rows = [];
  let changed = () => {};
  let due = () => 0;

  const total = () => rows.reduce((all, one) => all + (one.amount || 0), 0);
  const settle = () => {
    sum.hidden = total() === 0;
    sum.textContent = said("with_tips", { amount: money(due() + total()) });
    changed();
  };
  const choice = (label, options, value, work) => {
    const select = make("select", { class: "counter-input", "aria-label": label }, ...options.map(([code, name]) => make("option", { value: code }, name)));
    select.value = value;
    select.addEventListener("change", () => { work(select.value); settle(); });
    return select;
  };
  const row = (one) => {
    const how = make("input", { class: "counter-input", name: "tip", inputmode: "decimal", autocomplete: "off", placeholder: "0,00", "aria-label": texts.tip, value: one.typed || "" });
    how.addEventListener("input", () => {
      one.typed = how.value.trim();
      one.amount = readMoney(one.typed) || 0;
      settle();
    });
    return make(
      "div", { class: "counter-tip" }, how,
      choice(texts.tip_for, people, one.professional, (value) => { one.professional = value; }),
      choice(texts.tip_as, config.tenders.map(({ code, name }) => [code, name]), one.tender, (value) => { one.tender = value; }),
      make("button", { type: "button", class: "counter-small", "aria-label": texts.no_tip, on: { click: () => { rows = rows.filter((other) => other !== one); draw(); } } }, Desk.icon("close")),
    );
  };
  const draw = () => {
    fill(place, ...rows.map(row));
    settle();
  };

  // The next of those who did the work, so that two clicks share a tip between two.
  const next = () => {
    const names = new Map(people.map(([id, name]) => [name, id]));
    const own = draft.get().lines.map((line) => (line.kind === "visit" ? names.get(line.professional) : line.professional)).filter((id) => config.people[id]);
    const left = own.find((id) => !rows.some((one) => one.professional === id));
    return left || own[0] || people[0][0];
  };
  const add = (tender) => {
    rows.push({ professional: next(), tender, amount: 0, typed: "" });
    draw();
    place.querySelector(".counter-tip:last-child input").focus();
  };

  return {
    add, settle,
    offered: people.length > 0,
    begin: (work, of) => { rows = []; changed = work; due = of; draw(); },
    cash: () => rows.reduce((all, one) => all + (one.tender === "cash" ? one.amount || 0 : 0), 0),
    wrong: () => rows.some((one) => !one.amount),
    list: () => rows.map((one) => ({ professional: one.professional, tender: one.tender, amount: amount(one.amount) })),
  };
})();
