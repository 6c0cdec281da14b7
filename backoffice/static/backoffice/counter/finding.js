// The one search field: typed, or filled by a scanner, which types fast and ends with Enter.
"use strict";

(() => {
  const { config, texts, ask, part, said, shownPrice, draft } = Counter;
  const { make, fill } = Desk;
  const search = document.getElementById("counter-search");
  const found = document.getElementById("counter-found");
  const fault = part("search-fault");
  const state = { items: [], words: "", at: 0, timer: null, queue: Promise.resolve(), waiting: 0 };

  // 3*pão or 3x pão is three of it.
  const split = (typed) => {
    const many = /^(\d{1,3})\s*[*x×]\s*(.+)$/i.exec(typed.trim());
    return many ? { count: Number(many[1]), words: many[2].trim() } : { count: null, words: typed.trim() };
  };

  // Where it is told why goods cannot be sold.
  Counter.why = (asked) =>
    config.urls.why
      ? make("a", { class: "counter-why", href: Desk.query(config.urls.why, asked), target: "_blank", rel: "noopener" }, texts.why_not)
      : null;

  const complain = (text, words) => {
    fault.hidden = !text;
    fill(fault, text || "", text && words ? Counter.why({ q: words }) : null);
  };

  const close = () => {
    Object.assign(state, { items: [], words: "", at: 0 });
    fill(found);
    found.hidden = true;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  };

  const choose = (item, count) => {
    clearTimeout(state.timer);
    search.value = "";
    complain(null);
    close();
    Counter.addItem(item, count);
  };

  const mark = () => {
    [...found.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === state.at)));
    const marked = found.children[state.at];
    if (!marked) return;
    search.setAttribute("aria-activedescendant", marked.id);
    marked.scrollIntoView({ block: "nearest" });
  };

  const show = (items, words, count) => {
    Object.assign(state, { items, words, at: 0 });
    fill(
      found,
      ...items.map((item, place) =>
        make(
          "li",
          {
            id: `counter-found-${place}`, role: "option", class: "counter-option",
            on: { mousedown: (event) => event.preventDefault(), click: () => choose(item, count) },
          },
          make("span", {}, make("strong", {}, item.name), make("small", {}, [item.options, item.sku].filter(Boolean).join(" · "))),
          make("span", { class: "counter-end" }, shownPrice(item), item.stock ? make("small", {}, item.stock) : null),
        ),
      ),
    );
    found.hidden = !items.length;
    search.setAttribute("aria-expanded", String(items.length > 0));
    if (items.length) mark();
  };

  const PATIENCE = 15000;
  const ahead = (words) => ask(Desk.query(config.urls.find, { q: words }), { patience: PATIENCE });

  const look = () => {
    clearTimeout(state.timer);
    complain(null);
    const { words, count } = split(search.value);
    if (words.length < 2) return close();
    state.timer = setTimeout(async () => {
      const answer = await ahead(words);
      if (words !== split(search.value).words) return;
      if (!answer.ok) complain(Counter.sentences(answer.problem)[0]);
      else if (answer.data.items.length) show(answer.data.items, words, count);
      else { close(); complain(said("nothing_found", { words }), words); }
    }, 110);
    return undefined;
  };

  // What was not found is given back to the field, unless the next is being typed there already; whatever is typed or
  // scanned next takes its place.
  const giveBack = (typed, text, words) => {
    if (!search.value) {
      search.value = typed;
      search.select();
    }
    complain(text, words);
  };

  const settle = async (typed) => {
    const { words, count } = split(typed);
    const answer = await ahead(words);
    if (!answer.ok) return giveBack(typed, Counter.sentences(answer.problem)[0]);
    const { items } = answer.data;
    const sure = items.find((item) => item.exact) || (items.length === 1 ? items[0] : null);
    if (sure) return Counter.addItem(sure, count);
    if (!items.length) return giveBack(typed, said("nothing_found", { words }), words);
    if (search.value) return complain(said("several_found", { words }));
    search.value = typed;
    return show(items, words, count);
  };

  const enter = () => {
    const typed = search.value.trim();
    if (!typed) return;
    clearTimeout(state.timer);
    const { words, count } = split(typed);
    if (state.items.length && state.words === words) {
      choose(state.items.find((item) => item.exact && state.at === 0) || state.items[state.at], count);
      return;
    }
    // The field is empty at once, so that the next scan begins in it; scans are worked off one after the other.
    search.value = "";
    close();
    complain(null);
    state.waiting += 1;
    state.queue = state.queue.then(() => settle(typed)).finally(() => { state.waiting -= 1; });
  };

  // Whoever pays or parks before the shop has answered waits for it: what was scanned belongs to the sale. It is false
  // when something is not on the ticket after all; what the field says about it is read first.
  Counter.searched = async () => {
    if (!state.waiting) return true;
    while (state.waiting) await state.queue;
    return fault.hidden && found.hidden;
  };

  search.addEventListener("input", look);
  search.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (moves && state.items.length) {
      event.preventDefault();
      state.at = (state.at + moves + state.items.length) % state.items.length;
      mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      enter();
    } else if (event.key === "Escape" && (search.value || state.items.length)) {
      event.preventDefault();
      search.value = "";
      complain(null);
      close();
    }
  });
  search.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== search) close(); }, 150));

  Counter.startTyping = () => {
    search.focus();
    if (!fault.hidden) search.select();
  };
  Counter.focusSearch = () => search.focus({ preventScroll: Counter.narrow.matches });
  Counter.narrow = window.matchMedia("(max-width: 767px)");

  // A thing that is weighed without a scale's label asks for its weight at once.
  Counter.addItem = (item, count) => {
    if (draft.locked()) return;
    const asks = draft.isMeasured(item) && !item.quantity;
    const line = draft.add(item, item.quantity || (asks ? null : count));
    if (line && asks) Counter.ticket.askMeasure(line);
    else if (!Counter.narrow.matches || document.activeElement === search) Counter.focusSearch();
    Counter.say(line ? said("added", { name: line.name }) : texts.already_there);
  };

  const ear = part("ear");
  Counter.say = (text) => { ear.textContent = text; };
})();
