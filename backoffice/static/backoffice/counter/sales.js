// What was sold today at the counter: the receipt once more, and undoing a sale.
"use strict";

(() => {
  const { config, texts, ask, part, said, cents, money, sentences, clockOf, toast } = Counter;
  const { make, fill, icon } = Desk;
  const sales = Desk.dialog("counter-sales");
  const body = part("body", sales);
  const refuse = (problem) => {
    const place = part("refusal", sales);
    place.hidden = !problem;
    if (problem) fill(place, ...sentences(problem).map((text) => make("p", {}, text)));
  };

  const saleRow = (sale) =>
    make(
      "li", { class: "counter-sold" },
      make(
        "span", {},
        make("strong", {}, `${clockOf(sale.at)} · ${money(cents(sale.total))}`),
        make("small", {}, [sale.number, sale.name, sale.summary].filter(Boolean).join(" · ")),
      ),
      make(
        "span", { class: "counter-acts" },
        sale.undone ? make("em", {}, texts.undone) : null,
        make("a", { class: "desk-button", href: sale.why, target: "_blank", rel: "noopener" }, icon("help"), texts.why_total),
        make("a", { class: "desk-button", href: sale.receipt, target: "_blank", rel: "noopener" }, icon("receipt"), texts.receipt),
        sale.may_undo ? Desk.button("undo", texts.undo, () => askWhy(sale), "is-danger-quiet") : null,
      ),
    );

  const undo = async (sale, reason, button) => {
    button.disabled = true;
    const answer = await ask(config.urls.undo.replace("NUMBER", sale.number), { body: { reason } });
    button.disabled = false;
    if (!answer.ok) return refuse(answer.problem);
    toast(said("undone_sale", { number: sale.number }));
    await Counter.today();
    return list();
  };

  const askWhy = (sale) => {
    refuse(null);
    const reason = make("input", { class: "counter-input", maxlength: "200", autocomplete: "off", name: "reason" });
    const go = Desk.button("undo", texts.undo, () => undo(sale, reason.value, go), "is-danger");
    fill(
      body,
      make("p", {}, said("undo_hint", { number: sale.number, total: money(cents(sale.total)) })),
      make("label", {}, texts.reason, reason),
      make("div", { class: "desk-buttons" }, go, Desk.button("arrow_back", texts.back, list)),
    );
    reason.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go.click(); } });
    reason.focus();
  };

  const list = async () => {
    refuse(null);
    const answer = await ask(config.urls.sales);
    if (!answer.ok) return refuse(answer.problem);
    const rows = answer.data.sales.map(saleRow);
    return fill(body, rows.length ? make("ul", { class: "desk-list" }, ...rows) : make("p", { class: "desk-empty" }, texts.no_sales));
  };

  part("sales").addEventListener("click", async () => {
    await list();
    if (!sales.open) sales.showModal();
  });
})();
