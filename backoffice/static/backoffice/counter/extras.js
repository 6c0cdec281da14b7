// What a sale may have besides: a discount with its reason, a customer, a note; and starting over.
"use strict";

(() => {
  const { config, texts, ask, part, said, cents, amount, money, readMoney, sentences, draft, ticket } = Counter;
  const { make, fill } = Desk;

  const { panel, open, onSubmit } = Counter.panels;

  // The discount: an amount or per cent, and why.
  const discount = panel("counter-discount");
  const asWritten = (found) => (found.kind === "amount" ? money(cents(found.value)) : `${found.value.replace(/\.?0+$/, "").replace(".", ",")}%`);
  const readDiscount = () => {
    const kind = discount.form.querySelector("[name=kind]:checked").value;
    const typed = discount.field("value").value.replace("%", "").trim();
    const count = readMoney(typed);
    if (!count) return { fault: kind === "amount" ? texts.amount_wanted : texts.percent_wanted };
    if (kind === "percent" && count > 10000) return { fault: texts.percent_wanted };
    const reason = discount.field("reason").value.trim();
    if (!reason) return { fault: texts.reason_wanted, field: "reason" };
    return { found: { kind, value: amount(count), reason } };
  };
  onSubmit(discount, async () => {
    const { found, fault, field } = readDiscount();
    if (fault) {
      discount.refuse([fault]);
      discount.field(field || "value").focus();
      return;
    }
    const answer = await ask(config.urls.price, { body: { ...draft.body(), discount: found } });
    if (!answer.ok) {
      discount.refuse(sentences(answer.problem));
      return;
    }
    draft.set({ discount: found });
    discount.dialog.close();
  });
  part("discount").addEventListener("click", () => {
    const now = draft.get().discount;
    if (now) {
      discount.form.querySelector(`[name=kind][value=${now.kind}]`).checked = true;
      discount.field("value").value = now.value.replace(".", ",");
      discount.field("reason").value = now.reason;
    } else discount.form.reset();
    part("remove", discount.dialog).hidden = !now;
    const limit = ticket.priced()?.discount_limit;
    part("limit", discount.dialog).textContent = limit ? said("limit", { amount: money(cents(limit)) }) : "";
    open(discount, "value");
  });
  part("remove", discount.dialog).addEventListener("click", () => {
    draft.set({ discount: null });
    discount.dialog.close();
  });

  // Who buys: somebody known, found as one types, or a name and a phone. Nobody has to be anybody.
  const customer = panel("counter-customer");
  const foundPlace = part("found", customer.dialog);
  let waiting;
  const known = (one) => {
    draft.set({ customer: one.id, name: one.name, phone: one.phone, document: "" });
    customer.dialog.close();
  };
  const look = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const words = customer.field("name").value.trim();
      const answer = words.length < 2 ? null : await ask(Desk.query(config.urls.customers, { q: words }));
      if (words !== customer.field("name").value.trim()) return;
      fill(
        foundPlace,
        ...(answer?.ok ? answer.data.customers : []).map((one) =>
          make(
            "button", { type: "button", on: { click: () => known(one) } },
            make("strong", {}, one.name), make("small", {}, [one.warning, one.shown_phone, one.email].filter(Boolean).join(" · ")),
          ),
        ),
      );
    }, 200);
  };
  if (config.may.find) customer.field("name").addEventListener("input", look);
  onSubmit(customer, async () => {
    const wanted = { customer: null };
    for (const name of ["name", "phone", "document"]) wanted[name] = customer.field(name).value.trim();
    const answer = await ask(config.urls.price, { body: { ...draft.body(), ...wanted } });
    const wrong = answer.ok ? [] : (answer.problem.errors || []).filter((error) => ["/name", "/phone", "/document"].includes(error.pointer));
    if (wrong.length) {
      customer.refuse(wrong.map((error) => error.detail));
      customer.field(wrong[0].pointer.slice(1)).focus();
      return;
    }
    draft.set(wanted);
    customer.dialog.close();
  });
  part("customer").addEventListener("click", () => {
    const now = draft.get();
    for (const name of ["name", "phone", "document"]) customer.field(name).value = now[name];
    fill(foundPlace);
    open(customer, "name");
  });
  part("forget", customer.dialog).addEventListener("click", () => {
    draft.set({ customer: null, name: "", phone: "", document: "" });
    customer.dialog.close();
  });

  const note = panel("counter-note");
  onSubmit(note, async () => {
    draft.set({ note: note.field("note").value.trim() });
    note.dialog.close();
  });
  part("note").addEventListener("click", () => {
    note.field("note").value = draft.get().note;
    open(note, "note");
  });

  // An empty ticket, once whoever empties it has said so.
  const clear = panel("counter-clear");
  onSubmit(clear, async () => {
    clear.dialog.close();
    draft.clear();
    Counter.focusSearch();
  });
  part("clear").addEventListener("click", () => {
    if (draft.locked() || !draft.get().lines.length) return;
    if (draft.get().parked) {
      Counter.dropParked();
      return;
    }
    clear.refuse(null);
    clear.dialog.showModal();
    clear.submit.focus();
  });

  const mark = (name, on, text) => {
    const button = part(name);
    button.classList.toggle("is-on", on);
    part("label", button).textContent = text;
  };
  draft.onChange(() => {
    const now = draft.get();
    mark("discount", Boolean(now.discount), now.discount ? `${texts.discount}: ${asWritten(now.discount)}` : texts.discount);
    mark("customer", Boolean(now.name), now.name || texts.customer);
    mark("note", Boolean(now.note), texts.note);
  });
})();
