// Taking the money: one way or several, the change, and the answer. A sale is sent with the key of its draft, so a second
// click, a lost answer or a reload is the same sale; while it waits nothing can be changed.
"use strict";

(() => {
  const { config, texts, root, ask, part, said, cents, amount, money, readMoney, sentences, draft, ticket, tips } = Counter;
  const { make, fill } = Desk;
  const NOTES = [2000, 5000, 10000];
  const TOO_MUCH = 100000; // more change than any drawer gives: a code was scanned into the field
  const AGAIN = [1000, 2000, 4000];
  const PATIENCE = 15000;
  const dialog = Desk.dialog("counter-pay");
  const body = part("body", dialog);
  const receive = part("receive", dialog);
  const refusal = part("refusal", dialog);
  const state = { due: 0, parts: [], opening: false, sending: false };

  const refuse = (lines) => {
    refusal.hidden = !lines;
    if (lines) fill(refusal, ...lines.map((text) => make("p", {}, text)));
  };
  const taken = () => state.parts.reduce((sum, one) => sum + (one.amount || 0), 0);
  const rest = () => state.due - taken();
  const icons = { cash: "payments", card: "credit_card", pix: "qr_code_2" };

  const wanted = (one) => one.amount + (one === state.parts.find((part) => part.tender === "cash") ? tips.cash() : 0);
  const change = (one) => (one.tender === "cash" && one.received !== null ? one.received - wanted(one) : 0);
  const faultOf = (one) => {
    if (!one.amount) return texts.amount_wanted;
    if (one.tender !== "cash" || one.received === null) return null;
    if (one.received === undefined) return texts.amount_wanted;
    if (one.received < wanted(one)) return said("too_little", { missing: money(wanted(one) - one.received) });
    if (change(one) > TOO_MUCH) return texts.too_much;
    return null;
  };

  const field = (label, name, value, work) => {
    const input = make("input", { class: "counter-input", name, inputmode: "decimal", autocomplete: "off", value, placeholder: "0,00" });
    input.addEventListener("input", () => { work(input.value.trim()); settle(); });
    return make("label", {}, label, input);
  };
  const typed = (count) => amount(count).replace(".", ",");

  const cash = (one) => {
    const back = make("output", { class: "counter-change", "data-change": "" });
    const given = field(texts.received, "received", one.given || "", (text) => {
      one.given = text;
      one.received = text ? readMoney(text) ?? undefined : null;
    });
    const hand = (note) => {
      Object.assign(one, { received: note, given: typed(note) });
      given.querySelector("input").value = one.given;
      settle();
      receive.focus();
    };
    const notes = NOTES.filter((note) => note > one.amount).map((note) =>
      make(
        "button", {
          type: "button", class: "counter-note",
          on: { click: () => hand(note) },
        },
        money(note).replace(",00", ""),
      ),
    );
    return [given, make("div", { class: "counter-notes", role: "group", "aria-label": texts.notes }, ...notes), back];
  };

  const pix = (one) => {
    const place = make("div", { class: "counter-qr" }, make("p", { class: "desk-hint" }, texts.loading));
    const show = async () => {
      const wanted = one.amount;
      if (!wanted) return;
      const answer = await ask(Desk.query(config.urls.pix, { amount: amount(wanted), key: draft.get().key }));
      if (wanted !== one.amount || !place.isConnected) return;
      one.known = true;
      one.awaited = answer.ok && answer.data.awaited && !one.byHand;
      settle();
      if (one.awaited) fill(place, make("p", { class: "desk-hint" }, texts.pix_shown_next), Desk.button("account_balance", texts.pix_by_hand, () => { one.byHand = true; show(); }));
      else if (!answer.ok || !answer.data.image) fill(place, make("p", { class: "desk-hint" }, answer.ok ? texts.no_pix : sentences(answer.problem)[0]));
      else fill(place, make("img", { src: answer.data.image, alt: said("pix_code", { amount: money(wanted) }), width: "220", height: "220" }), make("p", { class: "desk-hint" }, texts.pix_hint));
    };
    let timer;
    one.changed = () => { clearTimeout(timer); timer = setTimeout(show, 250); };
    queueMicrotask(show);
    return [place];
  };

  const CONTENT = { cash, pix, card: () => [make("p", { class: "desk-hint" }, texts.card_hint)] };

  const partOf = (one) => {
    const several = state.parts.length > 1;
    const name = config.tenders.find((way) => way.code === one.tender).name;
    const how = field(texts.amount, "amount", one.asked ?? typed(one.amount), (text) => {
      one.asked = text;
      one.amount = readMoney(text) || 0;
      one.changed?.();
    });
    return make(
      "section", { class: "counter-part", "data-tender": one.tender, "aria-label": name },
      make(
        "header", {}, make("h3", {}, Desk.icon(icons[one.tender]), name), how,
        several ? make("button", { type: "button", class: "counter-small", "aria-label": said("take_off", { name }), on: { click: () => { state.parts = state.parts.filter((other) => other !== one); draw(); } } }, Desk.icon("close")) : null,
      ),
      ...CONTENT[one.tender](one),
      make("p", { class: "counter-fault", role: "alert", "data-fault": "", hidden: true }),
    );
  };

  // The words that follow from the figures; the fields themselves stay as they are.
  const settle = () => {
    const sections = [...body.querySelectorAll("[data-tender]")];
    let wrong = false;
    state.parts.forEach((one, place) => {
      const fault = faultOf(one);
      wrong ||= Boolean(fault);
      const told = part("fault", sections[place]);
      told.hidden = !fault;
      told.textContent = fault || "";
      const back = part("change", sections[place]);
      if (back) back.textContent = !fault && change(one) > 0 ? said("change", { amount: money(change(one)) }) : "";
    });
    const left = rest();
    const open = part("rest", dialog);
    open.hidden = left === 0;
    open.textContent = left > 0 ? said("left", { amount: money(left) }) : said("over", { amount: money(-left) });
    for (const one of dialog.querySelectorAll("[data-more]")) one.hidden = left <= 0;
    const asking = state.parts.some((one) => one.tender === "pix" && !one.known); // who tells of the Pix is not known yet
    receive.disabled = state.sending || wrong || left !== 0 || asking || tips.wrong();
    const shows = state.parts.some((one) => one.awaited);
    if (receive.classList.contains("is-pix") !== shows) {
      receive.classList.toggle("is-pix", shows);
      receive.firstChild.textContent = `${shows ? texts.show_pix : texts.complete} `;
    }
  };

  const draw = () => {
    fill(body, ...state.parts.map(partOf));
    settle();
  };

  const add = (tender) => {
    state.parts.push({ tender, amount: Math.max(rest(), 0), received: null });
    draw();
    const fields = [...body.querySelectorAll("[data-tender]")].at(-1).querySelectorAll("input");
    const first = tender === "cash" ? fields[1] : null; // what was received; the amount stands before it
    if (first && !Counter.narrow.matches) first.focus();
    else receive.focus();
  };

  const ready = async () => {
    if (!(await Counter.searched())) return null;
    const [unweighed] = draft.missing();
    if (unweighed) {
      draft.change(unweighed, { fault: texts[unweighed.unit === "g" ? "weight_wanted" : "volume_wanted"] });
      ticket.askMeasure(unweighed);
      return null;
    }
    return draft.get().lines.length ? ticket.settled() : null;
  };

  const open = async (tender) => {
    if (state.opening || dialog.open || draft.locked()) return;
    state.opening = true;
    const priced = await ready();
    state.opening = false;
    if (!priced) return;
    state.due = cents(priced.due);
    state.parts = [];
    refuse(null);
    part("due", dialog).textContent = money(state.due);
    tips.begin(settle, () => state.due);
    dialog.showModal();
    if (state.due > 0) add(tender);
    else { draw(); receive.focus(); }
  };

  const payments = () =>
    state.parts.filter((one) => !one.awaited).map((one) => ({
      tender: one.tender, amount: amount(one.amount), received: one.tender === "cash" && one.received ? amount(one.received) : null,
    }));
  const awaited = () => state.parts.reduce((sum, one) => sum + (one.awaited ? one.amount : 0), 0);

  const wait = (time) => new Promise((done) => setTimeout(done, time));

  // No answer is no refusal: the same sale is asked for again, with the same key, until the shop has said how it stands.
  const insist = async (address, sent) => {
    const { key } = draft.get();
    const unsure = (answer) => !answer.ok && ["offline", "idempotency_in_progress"].includes(answer.problem.code);
    let answer = await ask(address, { body: sent, key, patience: PATIENCE });
    for (const time of AGAIN) {
      if (!unsure(answer)) break;
      await wait(time);
      answer = await ask(address, { body: sent, key, patience: PATIENCE });
    }
    return { answer, unsure: unsure(answer) };
  };

  const send = async (sent) => {
    state.sending = true;
    receive.disabled = true;
    receive.classList.add("is-waiting");
    refuse(null);
    draft.mark(sent);
    const { answer, unsure } = await insist(config.urls.sell, sent);
    state.sending = false;
    receive.classList.remove("is-waiting");
    if (unsure) return unknown(() => send(sent));
    draft.mark(null);
    if (answer.ok) return done(answer.data);
    return refused(answer.problem);
  };

  const refused = (problem) => {
    const aboutMoney = problem.code === "payments_do_not_add_up" || (problem.errors || []).some((error) => /^\/(payments|tips)/.test(error.pointer));
    if (!aboutMoney) {
      ticket.complain(problem);
      if (problem.code === "total_changed") ticket.price();
      if (dialog.open) dialog.close();
      Counter.toast(sentences(problem)[0], true);
      return;
    }
    if (!dialog.open) dialog.showModal();
    refuse(sentences(problem));
    settle();
  };

  const unknown = (again) => {
    if (dialog.open) dialog.close();
    const place = part("unsure");
    place.hidden = false;
    const go = () => {
      place.hidden = true;
      again();
    };
    fill(place, make("p", {}, texts.unsure), Desk.button("refresh", texts.ask_again, go, "is-primary"));
    place.querySelector("button").focus();
  };

  const end = Desk.dialog("counter-done");
  const next = part("next", end);
  let shownAt = 0;

  const finish = ({ title, lines, links }) => {
    if (dialog.open) dialog.close();
    draft.clear();
    part("done-title", end).textContent = title;
    fill(part("body", end), ...lines);
    fill(part("links", end), ...links);
    shownAt = Date.now();
    end.showModal();
    next.focus();
    Counter.today();
  };

  const done = (sold) => {
    const back = cents(sold.change);
    finish({
      title: texts.sold_title,
      lines: [
        make("p", { class: "counter-done-total" }, said("sold", { amount: money(cents(sold.total)) })),
        cents(sold.tips) > 0 ? make("p", { class: "desk-hint" }, said("tips_taken", { amount: money(cents(sold.tips)) })) : null,
        back > 0 ? make("p", { class: "counter-done-change" }, said("change", { amount: money(back) })) : null,
        make("p", { class: "desk-hint" }, said("sale_number", { number: sold.number })),
      ],
      links: [
        Desk.link("receipt_long", texts.receipt, sold.receipt, true),
        Desk.link("chat", texts.whatsapp, sold.whatsapp, true),
      ],
    });
  };

  // Whoever clicked twice, or whose Enter came twice, has not read the change yet.
  next.addEventListener("click", () => { if (Date.now() - shownAt > 500) end.close(); });
  end.addEventListener("close", () => Counter.focusSearch());
  dialog.addEventListener("close", () => { if (!end.open) Counter.focusSearch(); });
  dialog.addEventListener("cancel", (event) => { if (state.sending) event.preventDefault(); });

  receive.addEventListener("click", () => {
    if (state.sending || receive.disabled || draft.locked()) return;
    const { parked, version } = draft.get();
    const sale = {
      ...draft.body(), expected_total: ticket.priced().total, payments: payments(), tips: tips.list(), parked: parked ? { id: parked, version } : null,
    };
    if (awaited()) Counter.awaiting.send({ ...sale, awaited: amount(awaited()) });
    else send(sale);
  });
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    receive.click();
  });
  for (const button of root.querySelectorAll("[data-pay]")) button.addEventListener("click", () => open(button.dataset.pay));
  for (const button of dialog.querySelectorAll("[data-more]")) button.addEventListener("click", () => add(button.dataset.more));

  const tip = part("add-tip", dialog);
  tip.hidden = !tips.offered;
  tip.addEventListener("click", () => tips.add(state.parts[0]?.awaited ? "cash" : state.parts[0]?.tender || "cash"));

  Counter.pay = { open, send, insist, unknown, finish, done, refused };
})();
