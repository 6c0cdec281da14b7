// An order by telephone: what is on the ticket, things to be collected and visits to be booked, paid from afar or on the
// spot.
"use strict";

(() => {
  const { config, texts, ask, part, said, cents, money, sentences, draft, ticket, booking } = Counter;
  const { panel, open, onSubmit } = Counter.panels;
  const { make, fill } = Desk;
  const phone = panel("counter-phone");
  const choices = part("ways", phone.dialog);
  const total = part("total", phone.dialog);
  const state = { asked: 0, quoted: null };
  const TIME = ["slot_taken", "slot_unavailable"];

  const when = (one) => make("option", { value: one.starts_at }, `${one.day} · ${one.hours}`);

  const way = (one, at) =>
    make(
      "label", {},
      make("input", { type: "radio", name: "method", value: one.code, checked: at === 0 }),
      make("span", {}, one.name),
    );

  const ordered = () => ({ ...draft.body(), walk_ins: [], bookings: booking.wanted() || [] });

  // What it costs depends on who is chosen with the time.
  const quote = async () => {
    const asked = ++state.asked;
    state.quoted = null;
    total.hidden = true;
    if (!draft.services().length || !booking.wanted()) return null;
    const answer = await ask(config.urls.price, { body: ordered() });
    if (asked !== state.asked) return undefined;
    total.hidden = !answer.ok;
    if (!answer.ok) {
      phone.refuse(sentences(answer.problem));
      return null;
    }
    state.quoted = answer.data.total;
    total.textContent = said("phone_total", { amount: money(cents(answer.data.total)) });
    return state.quoted;
  };

  part("phone").addEventListener("click", async () => {
    if (!(await Counter.searched())) return;
    const now = draft.get();
    if (draft.locked() || !now.lines.length) return;
    if (draft.visits().length) {
      Counter.toast(texts.phone_seated, true);
      return;
    }
    const [unweighed] = draft.missing();
    if (unweighed) {
      ticket.askMeasure(unweighed);
      return;
    }
    const [priced, answer] = await Promise.all([ticket.settled(), ask(config.urls.phone)]);
    if (!priced) return;
    if (!answer.ok) {
      Counter.toast(sentences(answer.problem)[0], true);
      return;
    }
    fill(phone.field("pickup"), ...answer.data.windows.map(when));
    part("collected", phone.dialog).hidden = !draft.goods().length;
    fill(choices, ...answer.data.methods.map(way));
    phone.field("name").value = now.name;
    phone.field("phone").value = now.phone;
    open(phone, now.name ? "phone" : "name");
    booking.open(part("bookings", phone.dialog), { today: answer.data.today, changed: quote });
  });

  const done = (data) =>
    Counter.pay.finish({
      title: texts.ordered,
      lines: [
        make(
          "p", { class: "counter-done-total" },
          data.pickup ? said("ordered_for", { amount: money(cents(data.total)), when: data.pickup }) : money(cents(data.total)),
        ),
        ...data.visits.map((one) => make("p", {}, one)),
        make("p", { class: "desk-hint" }, said("order_number", { number: data.number })),
      ],
      links: [Desk.link("chat", texts.whatsapp, data.whatsapp, true)],
    });

  const refused = (problem) => {
    const about = (problem.errors || []).some((error) => error.pointer.startsWith("/goods"));
    if (TIME.includes(problem.code) && phone.dialog.open) {
      if (!booking.complain(problem)) phone.refuse(sentences(problem));
    } else if (problem.code === "total_changed" && draft.services().length && phone.dialog.open) {
      phone.refuse(sentences(problem));
      quote();
    } else if (about || (problem.lines && !TIME.includes(problem.code)) || problem.code === "total_changed") {
      if (phone.dialog.open) phone.dialog.close();
      ticket.complain(problem);
      if (problem.code === "total_changed") ticket.price();
    } else if (phone.dialog.open) phone.refuse(sentences(problem));
    else Counter.toast(sentences(problem)[0], true);
  };

  const send = async (sent) => {
    draft.mark(sent);
    const { answer, unsure } = await Counter.pay.insist(config.urls.phone, sent);
    if (unsure) {
      phone.dialog.close();
      Counter.pay.unknown(() => send(sent));
      return;
    }
    draft.mark(null);
    if (!answer.ok) {
      refused(answer.problem);
      return;
    }
    if (phone.dialog.open) phone.dialog.close();
    booking.clear();
    done(answer.data);
  };

  onSubmit(phone, async () => {
    const wanted = { name: phone.field("name").value.trim(), phone: phone.field("phone").value.trim() };
    const missing = Object.keys(wanted).find((name) => !wanted[name]);
    if (missing) {
      phone.refuse([texts.phone_who]);
      phone.field(missing).focus();
      return;
    }
    const timeless = booking.missing();
    if (timeless) {
      phone.refuse([texts.phone_times]);
      timeless.day.focus();
      return;
    }
    phone.refuse(null);
    const expected = draft.services().length ? state.quoted ?? (await quote()) : ticket.priced()?.total ?? null;
    if (expected === undefined || (expected === null && draft.services().length)) return;
    const now = draft.get();
    const customer = wanted.name === now.name ? now.customer : null;
    draft.set({ ...wanted, customer });
    await send({
      ...ordered(), expected_total: expected, pickup: draft.goods().length ? phone.field("pickup").value : null,
      method: phone.form.querySelector("[name=method]:checked")?.value || "",
    });
  });

  Counter.phone = { send };
})();
