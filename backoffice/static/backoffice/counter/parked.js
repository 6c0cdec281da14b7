// Parked sales: a sale that waits under a name, a table or a chair.
"use strict";

(() => {
  const { config, texts, ask, part, said, sentences, clockOf, toast, draft } = Counter;
  const { panel, open, onSubmit } = Counter.panels;
  const { make } = Desk;
  const PATIENCE = 5000;

  // Parking keeps the sale with the shop. It holds nothing unless told to. Whoever changes one names the version they saw.
  const park = panel("counter-park");
  const one = (id) => config.urls.oneParked.replace("ID", id);
  let key = "";
  onSubmit(park, async () => {
    const now = draft.get();
    const body = { label: park.field("label").value.trim(), keep: park.field("keep").checked, sale: draft.body() };
    if (!body.label) {
      park.refuse([texts.label_wanted]);
      return;
    }
    const answer = await (now.parked
      ? ask(one(now.parked), { method: "PUT", body: { ...body, version: now.version } })
      : ask(config.urls.parked, { body, key }));
    if (!answer.ok) {
      park.refuse(sentences(answer.problem));
      return;
    }
    park.dialog.close();
    draft.clear();
    toast(said("parked", { label: body.label }));
    await Counter.today();
    Counter.focusSearch();
  });
  part("park").addEventListener("click", async () => {
    if (!(await Counter.searched()) || !draft.get().lines.length) return;
    const [unweighed] = draft.missing();
    if (unweighed) {
      Counter.ticket.askMeasure(unweighed);
      return;
    }
    key = Desk.freshKey();
    park.field("label").value = draft.get().label || draft.get().name;
    park.field("keep").checked = draft.get().keep || false;
    open(park, "label");
  });

  // A parked sale comes back to the ticket; what was there is parked or sold first.
  const resume = async (row) => {
    if (!(await Counter.searched()) || draft.locked()) return;
    if (draft.get().lines.length) {
      toast(texts.finish_first, true);
      return;
    }
    const answer = await ask(one(row.id));
    if (!answer.ok) {
      toast(sentences(answer.problem)[0], true);
      await Counter.today();
      return;
    }
    const { id, version, label, keep, sale, lines } = answer.data;
    draft.take({
      ...sale, parked: id, version, label, keep,
      lines: lines.map((line) => ({ ...line, place: Desk.freshKey(), typed: "", fault: null })),
    });
    Counter.focusSearch();
  };

  // A parked sale that was taken and not paid after all is another version by now, and may have another name.
  Counter.asParked = async () => {
    const { parked } = draft.get();
    const answer = parked ? await ask(one(parked), { patience: PATIENCE }) : null;
    return answer?.ok ? { version: answer.data.version, label: answer.data.label } : {};
  };

  const parkedRow = (row) =>
    make(
      "button", { type: "button", class: "counter-row", "data-parked-sale": row.id, on: { click: () => resume(row) } },
      make("span", {}, make("strong", {}, row.label), make("small", {}, row.summary)),
      make("span", { class: "counter-end" }, make("small", {}, clockOf(row.changed_at))),
    );

  // What was parked goes back to where it waited, or is thrown away for a reason.
  const clear = panel("counter-drop");
  onSubmit(clear, async () => {
    const { parked, version, label } = draft.get();
    const reason = clear.field("reason").value.trim();
    if (!reason) {
      clear.refuse([texts.reason_wanted]);
      clear.field("reason").focus();
      return;
    }
    const answer = await ask(one(parked), { method: "DELETE", body: { reason, version } });
    if (!answer.ok && !["not_found", "invalid_transition"].includes(answer.problem.code)) {
      clear.refuse(sentences(answer.problem));
      return;
    }
    toast(answer.ok ? said("dropped", { label }) : sentences(answer.problem)[0], !answer.ok);
    leave();
  });
  const leave = () => {
    clear.dialog.close();
    draft.clear();
    Counter.today();
    Counter.focusSearch();
  };
  part("leave", clear.dialog).addEventListener("click", leave);
  Counter.dropParked = () => {
    clear.form.reset();
    part("drop-text", clear.dialog).textContent = said("clear_parked", { label: draft.get().label });
    open(clear, "reason");
  };

  Counter.lists.list("parked", parkedRow, texts.no_parked);
})();
