// What stands beside the ticket: favourites, and the lists that other scripts hang beside them.
"use strict";

(() => {
  const { config, ask, part, shownPrice, sentences, toast } = Counter;
  const { make, fill } = Desk;
  const lists = [];

  const tile = (item) =>
    make(
      "button", { type: "button", class: "counter-tile", "data-sku": item.sku, on: { click: () => Counter.addItem(item) } },
      make("strong", {}, item.name),
      item.options ? make("small", {}, item.options) : null,
      make("span", {}, shownPrice(item)),
    );

  lists.push((data) => {
    fill(part("favourites"), ...data.favourites.map((item) => make("li", {}, tile(item))));
    part("favourites-section").hidden = !data.favourites.length;
  });

  const list = (name, rowOf, empty) =>
    lists.push((data) => {
      const rows = data[name].map((one) => make("li", {}, rowOf(one)));
      fill(part(name), ...(rows.length ? rows : [make("li", { class: "desk-empty" }, empty)]));
    });

  Counter.lists = { list };
  Counter.today = async () => {
    const answer = await ask(config.urls.today);
    if (answer.ok) for (const show of lists) show(answer.data);
    else toast(sentences(answer.problem)[0], true);
  };
})();
