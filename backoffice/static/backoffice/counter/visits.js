// The visits of today that wait to be paid: one click puts what is in the chair into the sale.
"use strict";

(() => {
  const { texts, said, cents, money, clockOf, draft } = Counter;
  const { make } = Desk;

  const what = (visit) => visit.services.join(" + ");

  const asLine = (visit) => ({
    kind: "visit", id: visit.id, name: what(visit), options: "", price: visit.due,
    under: [visit.name, visit.professional, visit.order ? said("whole_order", { number: visit.order }) : ""].filter(Boolean).join(" · "),
  });

  const seat = (visit) => {
    const line = draft.add(asLine(visit));
    Counter.say(line ? said("added", { name: what(visit) }) : texts.already_there);
    Counter.focusSearch();
  };

  const visitRow = (visit) =>
    make(
      "button", {
        type: "button", class: visit.begun ? "counter-row is-now" : "counter-row", "data-visit": visit.id, on: { click: () => seat(visit) },
      },
      make("span", {}, make("strong", {}, `${clockOf(visit.starts_at)} · ${visit.name || what(visit)}`), make("small", {}, `${what(visit)} · ${visit.professional}`)),
      make("span", { class: "counter-end" }, money(cents(visit.due))),
    );

  Counter.lists.list("visits", visitRow, texts.no_visits);
})();
