// The small dialogs of the page: a form, its refusal, and one answer at a time.
"use strict";

Counter.panels = (() => {
  const { part, draft } = Counter;
  const { make, fill } = Desk;

  const panel = (id) => {
    const dialog = Desk.dialog(id);
    const form = dialog.querySelector("form");
    const refusal = part("refusal", dialog);
    const submit = form.querySelector("[type=submit]");
    const refuse = (lines) => {
      refusal.hidden = !lines;
      if (lines) fill(refusal, ...lines.map((text) => make("p", {}, text)));
    };
    return { dialog, form, submit, refuse, field: (name) => form.elements.namedItem(name) };
  };
  const open = (one, first) => {
    if (draft.locked() || one.dialog.open) return;
    one.refuse(null);
    one.dialog.showModal();
    one.field(first).focus();
    one.field(first).select?.();
  };
  const onSubmit = (one, work) =>
    one.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (one.submit.disabled) return;
      one.submit.disabled = true;
      await work();
      one.submit.disabled = false;
    });

  return { panel, open, onSubmit };
})();
