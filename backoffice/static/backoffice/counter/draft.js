// The sale that is being put together. It lives in this tab until it is sold, and survives a reload: its lines, what was
// typed, and the key under which it is sold once however often it is sent.
"use strict";

Counter.draft = (() => {
  const { config } = Counter;
  const PLACE = `counter-draft-${config.user}`;
  const fresh = () => ({
    key: Desk.freshKey(), lines: [], discount: null, customer: null, name: "", phone: "", document: "", note: "",
    parked: null, version: 0, label: "", keep: false, sending: null,
  });
  const heard = [];
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
      // A browser that keeps nothing still sells; only a reload would lose the draft.
    }
  };
  const changed = ({ quietly = false } = {}) => {
    keep();
    if (!quietly) for (const work of heard) work();
  };
  const locked = () => held.sending !== null;
  const isMeasured = (item) => item.kind === "goods" && item.unit !== "piece";

  // Things of one kind are one line, as the shop prices them; what is weighed again is added to what it weighed before.
  const more = (line, quantity) => {
    if (!isMeasured(line)) line.quantity = Math.min(line.quantity + (quantity || 1), config.mostPieces);
    else {
      const before = line.typed || (line.quantity ? Counter.shownMeasure(line.quantity, line.unit) : "");
      line.typed = [before, quantity ? Counter.shownMeasure(quantity, line.unit) : ""].filter((one, at) => one || at).join(before ? " + " : "");
      line.quantity = Counter.readMeasure(line.typed, line.unit);
    }
    line.fault = null;
    held.lines = [...held.lines.filter((one) => one !== line), line];
    changed();
    return line;
  };

  const add = (item, quantity) => {
    if (locked()) return null;
    const there = item.kind === "goods" && held.lines.find((line) => line.kind === "goods" && line.sku === item.sku);
    if (there) return more(there, quantity);
    if (item.kind === "visit" && held.lines.some((line) => line.kind === "visit" && line.id === item.id)) return null;
    const line = {
      ...item, place: Desk.freshKey(), quantity: isMeasured(item) ? quantity || null : quantity || 1, typed: "", fault: null,
    };
    if (item.kind === "service") line.professional = item.professional || null;
    held.lines.push(line);
    changed();
    return line;
  };

  const change = (line, values, options) => {
    if (locked()) return;
    Object.assign(line, values);
    changed(options);
  };
  const remove = (line) => {
    if (locked()) return;
    held.lines = held.lines.filter((one) => one !== line);
    changed();
  };
  const set = (values, options) => {
    if (locked()) return;
    Object.assign(held, values);
    changed(options);
  };
  const clear = () => {
    held = fresh();
    changed();
  };
  const take = (values) => {
    held = { ...fresh(), ...values };
    changed();
  };
  const mark = (body) => {
    held.sending = body;
    changed();
  };

  // As the shop reads it: things, visits, and services done now, those of one professional together.
  const goods = () => held.lines.filter((line) => line.kind === "goods" && line.quantity);
  const visits = () => held.lines.filter((line) => line.kind === "visit");
  const services = () => held.lines.filter((line) => line.kind === "service");
  const body = () => {
    const walkIns = new Map();
    for (const line of services()) {
      const who = line.professional || "";
      walkIns.set(who, [...(walkIns.get(who) || []), line]);
    }
    return {
      goods: goods().map((line) => ({ sku: line.sku, quantity: line.quantity })),
      visits: visits().map((line) => line.id),
      walk_ins: [...walkIns.values()].map((lines) => ({
        services: lines.map(({ sku, professional }) => ({ sku, professional })),
        force: lines.map((line) => line.force).find(Boolean) || "",
      })),
      discount: held.discount, customer: held.customer, name: held.name, phone: held.phone, document: held.document,
      note: held.note,
    };
  };

  return {
    isMeasured, add, change, remove, set, clear, take, mark, body, goods, visits, services, locked,
    get: () => held,
    missing: () => held.lines.filter((line) => line.kind === "goods" && !line.quantity),
    onChange: (work) => heard.push(work),
  };
})();
