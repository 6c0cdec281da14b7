// What the counter's scripts share: speaking to the shop, money and quantities as they are read and typed.
// Money is counted in cents here and travels as text; the shop alone says what anything costs.
"use strict";

window.Counter = (() => {
  const config = JSON.parse(document.getElementById("counter-config").textContent);
  const texts = config.texts;
  const root = document.querySelector("[data-counter]");
  const ask = Desk.speaker({ root, offline: texts.offline });
  const toast = Desk.toaster("counter-toast");
  const part = (name, within = root) => within.querySelector(`[data-${name}]`);
  const said = (name, values) => texts[name].replace(/%\((\w+)\)s/g, (whole, key) => values[key] ?? whole);

  const cents = (amount) => Math.round(Number(amount) * 100);
  const amount = (count) => (count / 100).toFixed(2);
  const money = (count) => {
    const [whole, rest] = amount(Math.abs(count)).split(".");
    return `${count < 0 ? "−" : ""}R$ ${whole.replace(/\B(?=(\d{3})+$)/g, ".")},${rest}`;
  };

  // 10 · 10,5 · 10,50 · 10.50 · 1.234,56; anything that could be two amounts is none.
  const readMoney = (typed) => {
    const bare = typed.replace(/R\$|[\s\p{Cf}]/gu, "");
    if (/^\d+([.,]\d{1,2})?$/.test(bare)) return cents(bare.replace(",", "."));
    if (/^\d{1,3}(\.\d{3})+(,\d{1,2})?$/.test(bare)) return cents(bare.replace(/\./g, "").replace(",", "."));
    return null;
  };

  // 0,350 · 350 g · 1,2 kg. Without a unit, what has a comma or is small counts kilograms, what is large grams; what
  // could be both is nothing, and the page asks.
  const MANY = { g: "kg", ml: "l" };
  const readOne = (typed, unit) => {
    const found = /^(\d{1,6}(?:[.,]\d{1,3})?)\s*(kg|g|l|ml)?$/i.exec(typed.trim());
    if (!found) return null;
    const number = Number(found[1].replace(",", "."));
    const named = found[2]?.toLowerCase();
    const fraction = /[.,]/.test(found[1]);
    let many;
    if (named) {
      if (named !== unit && named !== MANY[unit]) return null;
      many = named === MANY[unit];
    } else if (fraction || number < 10) many = true;
    else if (number >= 50) many = false;
    else return null;
    const count = many ? Math.round(number * 1000) : number;
    return Number.isInteger(count) && count > 0 ? count : null;
  };

  // Several pieces of one thing are weighed one after the other: 350 g + 0,220.
  const readMeasure = (typed, unit) => {
    const counts = typed.replace(/\+\s*$/, "").split("+").map((one) => readOne(one, unit));
    const sum = counts.reduce((all, one) => all + (one ?? NaN), 0);
    return sum <= config.mostMeasured ? sum : null;
  };

  const shownMeasure = (count, unit) => {
    if (count < 1000) return `${count} ${unit}`;
    const name = unit === "g" ? "kg" : "L";
    return `${String(count / 1000).replace(".", ",")} ${name}`;
  };
  const shownQuantity = (count, unit) => (unit === "piece" ? `${count}×` : shownMeasure(count, unit));
  const shownPrice = (one) => {
    const price = money(cents(one.price));
    if (one.kind !== "goods" || one.unit === "piece") return price;
    const per = one.price_per === 1 ? one.unit : one.unit === "g" ? "kg" : "L";
    return `${price}/${per}`;
  };

  // Half a cent is rounded up, once, as the shop does it.
  const cost = (one, count) => Math.floor((cents(one.price) * count) / one.price_per + 0.5);

  const sentences = (problem) => {
    const errors = (problem.errors || []).map((error) => error.detail);
    if (errors.length) return errors;
    return [problem.detail || problem.title];
  };

  const clockOf = (instant) => instant.slice(11, 16);

  return {
    config, texts, root, ask, toast, part, said, cents, amount, money, readMoney, readMeasure, shownMeasure,
    shownQuantity, shownPrice, cost, sentences, clockOf,
  };
})();
