// A count: each line is sent to the shop as it is counted, one after the other; what has not arrived yet stays in this tab
// and is sent again. What should be there is never known here.
"use strict";

(() => {
  const { config, texts, ask, part, said, sentences } = Counter;
  const PLACE = `shelf-count-${config.count}-${config.user}`;
  const PATIENCE = 15000;
  const AGAIN = 4000;
  const state = { lines: config.lines.map((line) => ({ ...line, typed: "", fault: null, choices: null, dirty: false })), busy: false, comparing: false, timer: null };
  const problem = part("problem");

  const keep = () => {
    const unsent = state.lines.filter((line) => line.dirty).map(({ choices, ...line }) => line);
    try {
      sessionStorage.setItem(PLACE, JSON.stringify(unsent));
    } catch {
      // A browser that keeps nothing still counts.
    }
  };

  const restore = () => {
    let unsent = [];
    try {
      unsent = JSON.parse(sessionStorage.getItem(PLACE)) || [];
    } catch {
      return;
    }
    for (const one of unsent) {
      const line = state.lines.find((there) => there.sku === one.sku);
      // With the version that was seen: what somebody else counted meanwhile is asked about, not replaced.
      if (line) Object.assign(line, { quantity: one.quantity, version: one.version, dirty: true });
      else state.lines.unshift({ ...one, choices: null });
    }
  };

  const show = () => {
    keep();
    table.draw();
  };

  const again = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(send, AGAIN);
  };

  // Two people have counted the same: whoever comes second says what holds.
  const settle = (line, theirs) => {
    const mine = line.quantity;
    const choose = (quantity) => () => {
      Object.assign(line, { quantity, typed: "", fault: null, choices: null, version: theirs.version, dirty: quantity !== theirs.quantity });
      show();
      send();
    };
    Object.assign(line, { dirty: false, fault: theirs.detail });
    line.choices = [
      [said("add_both", { quantity: mine + theirs.quantity }), choose(mine + theirs.quantity)],
      [said("put_mine", { quantity: mine }), choose(mine)],
      [said("keep_theirs", { quantity: theirs.quantity }), choose(theirs.quantity)],
    ];
  };

  const sendOne = async (line) => {
    const sent = line.quantity;
    const answer = sent === null
      ? await ask(config.urls.line, { method: "DELETE", body: { sku: line.sku }, patience: PATIENCE })
      : await ask(config.urls.line, { method: "PUT", body: { sku: line.sku, quantity: sent, seen: line.version }, patience: PATIENCE });
    if (answer.ok) {
      line.version = answer.data ? answer.data.version : 0;
      if (line.quantity === sent) line.dirty = false;
      line.fault = null;
      return true;
    }
    const { code, status } = answer.problem;
    if (code === "counted_meanwhile") settle(line, answer.problem);
    else if (!status || status >= 500) {
      line.fault = texts.not_saved;
      return false;
    } else Object.assign(line, { dirty: false, fault: sentences(answer.problem)[0] });
    return true;
  };

  const send = async () => {
    if (state.busy) return;
    state.busy = true;
    let through = true;
    for (let line = state.lines.find((one) => one.dirty); line && through; line = state.lines.find((one) => one.dirty)) {
      through = await sendOne(line);
    }
    state.busy = false;
    show();
    if (!through) again();
    else if (state.comparing) part("compare").requestSubmit();
  };

  const write = (line, quantity) => {
    Object.assign(line, { quantity, fault: null, choices: null, dirty: true });
    show();
    send();
  };

  const table = Shelf.table({
    least: 0,
    lines: () => state.lines,
    under: (line) => [line.options, line.sku, line.who].filter(Boolean).join(" · "),
    change: (line, quantity, fault) => {
      if (fault) {
        line.fault = fault;
        show();
      } else write(line, quantity);
    },
    remove: (line) => write(line, null),
  });

  const add = (item, quantity) => {
    const measured = Shelf.isMeasured(item);
    let line = state.lines.find((one) => one.sku === item.sku);
    if (!line) {
      line = { ...item, quantity: null, version: 0, who: "", typed: "", fault: null, choices: null, dirty: false };
      state.lines.unshift(line);
    }
    if (quantity || !measured) {
      line.typed = "";
      write(line, Math.min((line.quantity ?? 0) + (quantity || 1), config.mostPieces));
    } else show();
    return line;
  };

  // What the search field speaks to.
  Counter.draft = { locked: () => false, isMeasured: Shelf.isMeasured, add };
  Counter.ticket = { askMeasure: (line) => table.ask(line.sku) };

  const complain = (text) => {
    problem.hidden = !text;
    problem.textContent = text || "";
  };

  part("compare").addEventListener("submit", (event) => {
    const open = state.lines.find((line) => line.choices);
    if (!state.busy && !open && !state.lines.some((line) => line.dirty)) return;
    event.preventDefault();
    state.comparing = !open;  // goes on by itself once the last line has arrived
    complain(open ? open.fault : texts.wait);
    send();
  });
  const drop = part("drop");
  drop.addEventListener("submit", (event) => {
    if (!window.confirm(drop.dataset.asks)) event.preventDefault();
  });

  document.addEventListener("DOMContentLoaded", () => {
    restore();
    show();
    Counter.focusSearch();
    send();
  });
})();
