// What stands beside the ticket: favourites, and the lists that other scripts hang beside them.
"use strict";

(() => {
  const { config, texts, ask, part, said, shownPrice, sentences, toast } = Counter;
  const { make, fill } = Desk;
  const lists = [];

  const tile = (item) =>
    make(
      "button", { type: "button", class: "counter-tile", "data-sku": item.sku, on: { click: () => Counter.addItem(item) } },
      make("strong", {}, item.name),
      item.options ? make("small", {}, item.options) : null,
      make("span", {}, shownPrice(item)),
    );

  // Whoever may pin gives a star to what stays on top, and moves it to the front; each change is kept at once.
  const arrange = part("arrange");
  let shown = [];
  const pinned = () => shown.filter((item) => item.pinned).map((item) => item.sku);
  const arranging = () => arrange.getAttribute("aria-pressed") === "true";
  const keep = async (skus) => {
    const answer = await ask(config.urls.pin, { body: { skus, seen: pinned() }, method: "PUT" });
    if (!answer.ok) toast(sentences(answer.problem)[0], true);
    await Counter.today();
  };
  const star = (item) => {
    const place = pinned().indexOf(item.sku);
    const press = (name, label, work) =>
      make("button", { type: "button", class: "counter-small", "data-pin": name, "aria-label": said(label, { name: item.name }), title: said(label, { name: item.name }), on: { click: work } }, Desk.icon(name));
    if (place < 0) return [press("star", "pin", () => keep([...pinned(), item.sku]))];
    const without = pinned().filter((sku) => sku !== item.sku);
    return [
      place > 0 ? press("arrow_back", "pin_earlier", () => keep([...without.slice(0, place - 1), item.sku, ...without.slice(place - 1)])) : null,
      press("keep_off", "unpin", () => keep(without)),
    ];
  };
  const drawFavourites = () => {
    fill(
      part("favourites"),
      ...shown.map((item) =>
        make("li", { class: item.pinned ? "is-pinned" : "" }, tile(item), arranging() ? make("span", { class: "counter-pins" }, ...star(item)) : null)),
    );
    part("favourites-section").hidden = !shown.length && !config.may.pin;
    part("arrange-hint").hidden = !arranging();
  };
  arrange.hidden = !config.may.pin;
  arrange.addEventListener("click", () => {
    arrange.setAttribute("aria-pressed", String(!arranging()));
    drawFavourites();
  });
  part("arrange-hint").textContent = texts.pin_hint;
  // Meanwhile what is searched for, scanned or touched is pinned, and not sold.
  const sell = Counter.addItem;
  Counter.addItem = (item, count) => (arranging() ? keep([...new Set([...pinned(), item.sku])]) : sell(item, count));
  lists.push((data) => {
    shown = data.favourites;
    drawFavourites();
  });

  const list = (name, rowOf, empty) =>
    lists.push((data) => {
      const rows = data[name].map((one) => make("li", {}, rowOf(one)));
      fill(part(name), ...(rows.length ? rows : [make("li", { class: "desk-empty" }, empty)]));
    });

  Counter.lists = { list };
  // Of answers that overtake each other the last question's counts; what is as before is not drawn anew under a finger.
  let asked = 0;
  let drawn = "";
  Counter.today = async () => {
    const question = (asked += 1);
    const answer = await ask(config.urls.today);
    if (question !== asked) return;
    if (!answer.ok) {
      toast(sentences(answer.problem)[0], true);
      return;
    }
    const told = JSON.stringify(answer.data);
    if (told === drawn) return;
    drawn = told;
    for (const show of lists) show(answer.data);
  };
})();
