// The ticket: its lines, what the shop says they cost, and the words beside a line that cannot be sold.
"use strict";

(() => {
  const { config, texts, root, ask, part, said, cents, money, cost, readMeasure, shownMeasure, shownPrice, draft } = Counter;
  const { make, fill } = Desk;
  const list = part("lines");
  const state = { asked: 0, priced: null, problem: null, busy: false, timer: null };

  const small = (sign, label, work, options = {}) =>
    make(
      "button",
      { type: "button", class: "counter-small", "aria-label": label, title: label, on: { click: work }, ...options },
      Desk.icon(sign),
    );

  const pieces = (line) => {
    const input = make("input", {
      class: "counter-count", inputmode: "numeric", value: line.quantity, "aria-label": said("quantity_of", { name: line.name }),
    });
    input.addEventListener("change", () => {
      const count = Number(input.value.trim());
      if (Number.isInteger(count) && count >= 1 && count <= config.mostPieces) draft.change(line, { quantity: count, fault: null });
      else draft.change(line, { fault: said("pieces_wanted", { most: config.mostPieces }) });
    });
    const step = (by) => {
      if (line.quantity + by < 1) draft.remove(line);
      else if (line.quantity + by <= config.mostPieces) draft.change(line, { quantity: line.quantity + by, fault: null });
    };
    return make(
      "span", { class: "counter-stepper" },
      small("remove", said("one_less", { name: line.name }), () => step(-1)),
      input,
      small("add", said("one_more", { name: line.name }), () => step(1)),
    );
  };

  const measure = (line) => {
    const input = make("input", {
      class: "counter-measure", inputmode: "decimal", placeholder: line.unit === "g" ? texts.weight_example : texts.volume_example,
      value: line.typed || (line.quantity ? shownMeasure(line.quantity, line.unit) : ""),
      "aria-label": said(line.unit === "g" ? "weight_of" : "volume_of", { name: line.name }), "data-measure": line.place,
    });
    const understood = make("small", { class: "counter-understood" }, line.quantity ? shownMeasure(line.quantity, line.unit) : "");
    input.addEventListener("input", () => {
      const count = readMeasure(input.value, line.unit);
      understood.textContent = count ? `= ${shownMeasure(count, line.unit)} · ${money(cost(line, count))}` : "";
      draft.change(line, { typed: input.value }, { quietly: true });
    });
    const settle = () => {
      if (!input.isConnected || draft.locked()) return;
      const count = readMeasure(input.value, line.unit);
      const fault = count || !input.value.trim() ? null : texts[line.unit === "g" ? "weight_wanted" : "volume_wanted"];
      if (count !== line.quantity || fault !== line.fault) draft.change(line, { typed: input.value, quantity: count, fault });
    };
    input.addEventListener("change", settle);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      settle();
      if (line.quantity && !line.fault) Counter.focusSearch();
    });
    return make("span", { class: "counter-weigh" }, input, understood);
  };

  const performer = (line) => {
    const able = config.performers[line.sku] || [];
    const select = make(
      "select", { class: "counter-who", "aria-label": said("who_of", { name: line.name }) },
      make("option", { value: "" }, texts.any),
      ...able.map((one) => make("option", { value: one.id }, config.people[one.id])),
    );
    select.value = line.professional || "";
    select.addEventListener("change", () => draft.change(line, { professional: select.value || null, fault: null, force: "" }));
    return select;
  };

  // A time that is not free is begun all the same by whoever may say so, and why.
  const forcing = (line) => {
    const input = make("input", { class: "counter-measure", maxlength: "200", placeholder: texts.force_why, "aria-label": texts.force_why });
    const go = () => { if (input.value.trim()) draft.change(line, { force: input.value.trim(), fault: null, forcible: false }); else input.focus(); };
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go(); } });
    return make("span", { class: "counter-force" }, input, Desk.button("priority_high", texts.force, go));
  };

  const groupOf = (line) => draft.services().filter((one) => (one.professional || "") === (line.professional || ""));

  // What the shop said of a line; services of one professional are one visit, with a price for each of them.
  const answered = (line) => {
    const found = state.priced?.lines || [];
    if (line.kind === "goods") return found.find((one) => one.kind === "goods" && one.sku === line.sku && one.quantity === line.quantity);
    if (line.kind === "visit") return found.find((one) => one.appointment === line.id);
    const groups = [...new Set(draft.services().map((one) => one.professional || ""))];
    return found.filter((one) => one.kind === "walk_in")[groups.indexOf(line.professional || "")];
  };

  const asked = (line) => {
    const price = (config.performers[line.sku] || []).find((one) => one.id === line.professional)?.price || line.price;
    return money(cents(price));
  };

  // Before a discount, which stands below the lines.
  const lineTotal = (line) => {
    const priced = answered(line);
    if (line.kind === "service") {
      const price = priced?.prices[groupOf(line).indexOf(line)];
      return price ? money(cents(price)) : asked(line);
    }
    if (priced) return money(cents(priced.total) + cents(priced.discount));
    if (line.kind === "goods") return line.quantity ? money(cost(line, line.quantity)) : "";
    return state.priced ? "" : money(cents(line.price));
  };

  const row = (line) => {
    const priced = answered(line);
    const who = line.kind === "service" && !line.professional ? priced?.professional : "";
    const under = [line.options, line.kind === "visit" ? line.under : shownPrice(line), who].filter(Boolean).join(" · ");
    const fault = line.fault || priced?.short;
    const control =
      line.kind === "visit" ? null : line.kind === "service" ? performer(line) : line.unit === "piece" ? pieces(line) : measure(line);
    return make(
      "li", { class: fault ? "counter-line is-wrong" : "counter-line", "data-line": line.place },
      make("span", { class: "counter-what" }, make("strong", {}, line.name), make("small", {}, under)),
      make("strong", { class: "counter-sum" }, lineTotal(line)),
      make(
        "span", { class: "counter-controls" }, control,
        small("close", said("take_off", { name: line.name }), () => { draft.remove(line); Counter.focusSearch(); }),
      ),
      fault ? make("p", { class: "counter-fault", role: "alert" }, fault, line.kind === "goods" ? Counter.why({ sku: line.sku }) : null) : null,
      line.forcible && config.may.force ? forcing(line) : null,
    );
  };

  const focusEnd = (field) => {
    field?.focus();
    if (field?.setSelectionRange) field.setSelectionRange(field.value.length, field.value.length);
  };

  // What a person is typing into stays where it is: the field of the same line gets the focus again.
  const drawLines = () => {
    const active = document.activeElement;
    const at = active?.closest?.("[data-line]")?.dataset.line;
    const what = at && ["counter-count", "counter-measure", "counter-who"].find((name) => active.classList.contains(name));
    const step = at && active.classList.contains("counter-small") ? active.getAttribute("aria-label") : null;
    const lines = draft.get().lines;
    fill(list, ...lines.map(row));
    part("empty").hidden = lines.length > 0;
    if (!at) return;
    const again = list.querySelector(`[data-line="${at}"]`);
    if (what) focusEnd(again?.querySelector(`.${what}`));
    else if (step) [...(again?.querySelectorAll(".counter-small") || [])].find((one) => one.getAttribute("aria-label") === step)?.focus();
  };

  const fact = (label, value, kind = "") => make("div", { class: kind }, make("dt", {}, label), make("dd", {}, value));

  const drawTotals = () => {
    const { priced } = state;
    const sums = part("sums");
    const worth = draft.get().lines.length > 0;
    const due = worth && priced ? cents(priced.due) : 0;
    const facts = [];
    if (worth && priced) {
      if (cents(priced.discount) || cents(priced.already_paid)) facts.push(fact(texts.subtotal, money(cents(priced.subtotal))));
      if (cents(priced.discount)) facts.push(fact(texts.discount, money(-cents(priced.discount)), "is-less"));
      if (cents(priced.already_paid)) facts.push(fact(texts.already_paid, money(-cents(priced.already_paid)), "is-less"));
    }
    fill(sums, ...facts);
    for (const place of root.querySelectorAll("[data-due]")) place.textContent = money(due);
    root.classList.toggle("is-pricing", state.busy || state.timer !== null);
    const ready = worth && !draft.locked();
    for (const button of root.querySelectorAll("[data-needs-lines]")) button.disabled = !ready;
  };

  const drawProblem = () => {
    const place = part("problem");
    place.hidden = !state.problem;
    if (state.problem) fill(place, ...state.problem.map((text) => make("p", {}, text)));
  };

  // A refusal stands beside the line it is about; what is about none stands above the total.
  const TIME = ["slot_unavailable", "slot_taken"];
  const complain = (problem) => {
    const left = [];
    for (const line of draft.get().lines) Object.assign(line, { fault: null, forcible: false });
    const placed = (line, text) => {
      if (line) line.fault = text;
      else left.push(text);
    };
    for (const error of problem.errors || []) {
      const [, kind, at] = error.pointer.split("/");
      placed({ goods: draft.goods()[at], visits: draft.visits()[at] }[kind], error.detail);
    }
    const [sentence] = Counter.sentences(problem);
    if (!(problem.errors || []).length) {
      const missing = (problem.lines || []).map((one) => draft.goods().find((line) => line.sku === one.sku)).filter(Boolean);
      const about = [...draft.goods(), ...draft.services()].find((line) => line.sku === problem.sku);
      if (missing.length === 1) placed(missing[0], sentence);
      else if (about) placed(about, sentence);
      else if (TIME.includes(problem.code) && draft.services().length) {
        const services = draft.services();
        const busy = services.length === 1 ? services[0] : services.at(-1);
        placed(busy, sentence);
        busy.forcible = true;
      } else left.push(sentence);
    }
    state.problem = left.length ? left : null;
    drawLines();
    drawProblem();
  };

  // Only the answer to the latest question counts; an older one returns undefined.
  const price = async () => {
    clearTimeout(state.timer);
    state.timer = null;
    const asked = ++state.asked;
    const body = draft.body();
    if (!body.goods.length && !body.visits.length && !body.walk_ins.length) {
      Object.assign(state, { priced: null, problem: null, busy: false });
      drawTotals();
      drawProblem();
      return null;
    }
    state.busy = true;
    drawTotals();
    const answer = await ask(config.urls.price, { body });
    if (asked !== state.asked) return undefined;
    state.busy = false;
    if (answer.ok) {
      Object.assign(state, { priced: answer.data, problem: null });
      drawLines();
      drawProblem();
    } else {
      state.priced = null;
      complain(answer.problem);
    }
    drawTotals();
    return state.priced;
  };

  const priceSoon = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(price, 60);
  };

  // The total that a person pays is one that the shop has said for just these lines.
  const settled = async () => {
    for (;;) {
      const found = state.timer || state.busy || !state.priced ? await price() : state.priced;
      if (found !== undefined) return found;
    }
  };

  draft.onChange(() => {
    drawLines();
    priceSoon();
    drawTotals();
    const { label } = draft.get();
    part("ticket-title").textContent = label || texts.sale;
    root.classList.toggle("is-locked", draft.locked());
  });

  Counter.ticket = {
    settled, complain, price,
    priced: () => state.priced,
    draw: () => { drawLines(); drawTotals(); drawProblem(); },
    askMeasure: (line) => focusEnd(list.querySelector(`[data-measure="${line.place}"]`)),
  };
})();
