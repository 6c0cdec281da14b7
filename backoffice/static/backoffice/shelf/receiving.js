// A delivery: its lines live in this tab until the shop has them, and survive a reload; one key for it, however often it is
// sent.
"use strict";

(() => {
  const { config, texts, root, ask, part, toast, sentences } = Counter;
  const PLACE = `shelf-delivery-${config.user}`;
  const PATIENCE = 20000;
  const fresh = () => ({ key: Desk.freshKey(), lines: [], supplier: "", note: "", sending: null });
  let held = restored();

  function restored() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(PLACE));
      return kept && kept.key && Array.isArray(kept.lines) ? { ...fresh(), ...kept } : fresh();
    } catch {
      return fresh();
    }
  }

  const keep = () => {
    try {
      sessionStorage.setItem(PLACE, JSON.stringify(held));
    } catch {
      // A browser that keeps nothing still receives; only a reload would lose what was typed.
    }
  };

  const send = part("send");
  const problem = part("problem");
  const papers = ["supplier", "note"];

  const complain = (...told) => {
    problem.hidden = !told.length;
    Desk.fill(problem, ...told);
  };

  const show = () => {
    keep();
    table.draw();
    const busy = held.sending !== null;
    root.classList.toggle("is-locked", busy);
    send.disabled = busy || !held.lines.length;
    part("clear").disabled = busy || !held.lines.length;
    part("count").textContent = held.lines.length || "";
  };

  const table = Shelf.table({
    least: 1,
    lines: () => held.lines,
    under: (line) => [line.options, line.sku].filter(Boolean).join(" · "),
    change: (line, quantity, fault) => {
      if (held.sending) return;
      Object.assign(line, { quantity, fault });
      show();
    },
    remove: (line) => {
      if (held.sending) return;
      held.lines = held.lines.filter((one) => one !== line);
      show();
    },
  });

  const add = (item, quantity) => {
    const measured = Shelf.isMeasured(item);
    const there = held.lines.find((line) => line.sku === item.sku);
    const line = there || { ...item, quantity: null, typed: "", fault: null };
    if (quantity || !measured) {
      line.quantity = Math.min((there ? line.quantity || 0 : 0) + (quantity || 1), config.mostPieces);
      Object.assign(line, { typed: "", fault: null });
    }
    held.lines = [line, ...held.lines.filter((one) => one !== line)];
    show();
    return line;
  };

  // What the search field speaks to.
  Counter.draft = { locked: () => held.sending !== null, isMeasured: Shelf.isMeasured, add };
  Counter.ticket = { askMeasure: (line) => table.ask(line.sku) };

  const place = (errors) => {
    for (const error of errors) {
      const found = /^\/lines\/(\d+)\//.exec(error.pointer);
      const line = found && held.lines[Number(found[1])];
      if (line) line.fault = error.detail;
    }
  };

  const deliver = async () => {
    const answer = await ask(config.urls.receive, { body: held.sending, key: held.key, patience: PATIENCE });
    if (answer.ok) {
      held = fresh();
      for (const name of papers) part(name).value = "";
      complain();
      show();
      toast(answer.data.told);
      Counter.focusSearch();
      return;
    }
    const { status } = answer.problem;
    if (!status || status >= 500 || answer.problem.code === "idempotency_in_progress") {
      complain(texts.unsure, Desk.button("refresh", texts.ask_again, deliver));
      return;
    }
    held.sending = null;
    place(answer.problem.errors || []);
    complain(held.lines.some((line) => line.fault) ? texts.wrong : sentences(answer.problem)[0]);
    show();
  };

  send.addEventListener("click", () => {
    if (held.sending) return;
    if (held.lines.some((line) => line.quantity === null)) {
      complain(texts.missing);
      table.ask(held.lines.find((line) => line.quantity === null).sku);
      return;
    }
    complain();
    const lines = held.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    held.sending = { lines, supplier: held.supplier.trim(), note: held.note.trim() };
    show();
    deliver();
  });

  part("clear").addEventListener("click", () => {
    if (!window.confirm(texts.clear_lines)) return;
    held = fresh();
    for (const name of papers) part(name).value = "";
    complain();
    show();
    Counter.focusSearch();
  });

  for (const name of papers) {
    const input = part(name);
    input.value = held[name];
    input.addEventListener("input", () => { held[name] = input.value; keep(); });
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const item of config.first) if (!held.sending && !held.lines.some((line) => line.sku === item.sku)) add({ ...item, quantity: null });
    show();
    Counter.focusSearch();
    if (held.sending) deliver();
  });
})();
