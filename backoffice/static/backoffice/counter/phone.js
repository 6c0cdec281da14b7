// An order by telephone: what is on the ticket, to be collected later, paid from afar or when it is fetched.
"use strict";

(() => {
  const { config, texts, part, said, cents, money, sentences, draft, ticket } = Counter;
  const { panel, open, onSubmit } = Counter.panels;
  const { make, fill } = Desk;
  const phone = panel("counter-phone");
  const choices = part("ways", phone.dialog);

  const when = (one) => make("option", { value: one.starts_at }, `${one.day} · ${one.hours}`);

  const way = (one, at) =>
    make(
      "label", {},
      make("input", { type: "radio", name: "method", value: one.code, checked: at === 0 }),
      make("span", {}, one.name),
    );

  part("phone").addEventListener("click", async () => {
    const now = draft.get();
    if (draft.locked() || !now.lines.length) return;
    if (draft.visits().length || draft.services().length) {
      Counter.toast(texts.phone_goods, true);
      return;
    }
    const [unweighed] = draft.missing();
    if (unweighed) {
      ticket.askMeasure(unweighed);
      return;
    }
    const [priced, answer] = await Promise.all([ticket.settled(), Counter.ask(config.urls.phone)]);
    if (!priced) return;
    if (!answer.ok) {
      Counter.toast(sentences(answer.problem)[0], true);
      return;
    }
    fill(phone.field("pickup"), ...answer.data.windows.map(when));
    fill(choices, ...answer.data.methods.map(way));
    phone.field("name").value = now.name;
    phone.field("phone").value = now.phone;
    open(phone, now.name ? "phone" : "name");
  });

  const done = (data) =>
    Counter.pay.finish({
      title: texts.ordered,
      lines: [
        make("p", { class: "counter-done-total" }, said("ordered_for", { amount: money(cents(data.total)), when: data.pickup })),
        make("p", { class: "desk-hint" }, said("order_number", { number: data.number })),
      ],
      links: [Desk.link("chat", texts.whatsapp, data.whatsapp, true)],
    });

  const send = async (sent) => {
    draft.mark(sent);
    const { answer, unsure } = await Counter.pay.insist(config.urls.phone, sent);
    if (unsure) {
      phone.dialog.close();
      Counter.pay.unknown(() => send(sent));
      return;
    }
    draft.mark(null);
    if (answer.ok) {
      if (phone.dialog.open) phone.dialog.close();
      done(answer.data);
      return;
    }
    const { problem } = answer;
    if ((problem.errors || []).some((error) => error.pointer.startsWith("/goods")) || problem.lines || problem.code === "total_changed") {
      if (phone.dialog.open) phone.dialog.close();
      ticket.complain(problem);
      if (problem.code === "total_changed") ticket.price();
    } else if (phone.dialog.open) phone.refuse(sentences(problem));
    else Counter.toast(sentences(problem)[0], true);
  };

  onSubmit(phone, async () => {
    const wanted = { name: phone.field("name").value.trim(), phone: phone.field("phone").value.trim() };
    const missing = Object.keys(wanted).find((name) => !wanted[name]);
    if (missing) {
      phone.refuse([texts.phone_who]);
      phone.field(missing).focus();
      return;
    }
    const now = draft.get();
    const customer = wanted.name === now.name ? now.customer : null;
    draft.set({ ...wanted, customer });
    await send({
      ...draft.body(), expected_total: ticket.priced()?.total ?? null, pickup: phone.field("pickup").value,
      method: phone.form.querySelector("[name=method]:checked")?.value || "",
    });
  });

  Counter.phone = { send };
})();
