// The dialog that blocks time. What is booked in it is named, and each name opens the visit, to be moved first.
"use strict";

(() => {
  const { config, texts, make, fill, ask, explain, shownDay, toast } = Agenda;
  const dialog = Agenda.dialog("agenda-off");
  if (!dialog) return;

  const form = dialog.querySelector("form");
  const place = dialog.querySelector("[data-refusal]");
  const field = (name) => form.elements.namedItem(name);
  const submit = dialog.querySelector("[data-submit]");
  let key = "";

  const refuse = (problem) => {
    place.hidden = !problem;
    if (!problem) return;
    const broken = problem.appointments || [];
    fill(
      place,
      ...explain(problem),
      broken.length ? make("p", {}, texts.stranded) : null,
      ...broken.map((one) =>
        make(
          "button",
          { type: "button", class: "agenda-time", on: { click: () => { dialog.close(); Agenda.openVisit(one.id); } } },
          `${shownDay(one.starts_at.slice(0, 10))} ${one.starts_at.slice(11, 16)} · ${one.customer}`,
        ),
      ),
    );
  };

  // Whole days are typed as days, the last one included.
  const ENDS = ["starts_at", "ends_at"];
  const times = {};
  const whole = () => field("whole_days").checked;
  const dayAfter = (day) => {
    const next = new Date(`${day}T12:00:00Z`);
    next.setUTCDate(next.getUTCDate() + 1);
    return next.toISOString().slice(0, 10);
  };

  const typed = (name) => {
    const { value } = field(name);
    if (!value || !whole()) return value;
    return `${name === "ends_at" ? dayAfter(value) : value}T00:00`;
  };

  field("whole_days").addEventListener("change", () => {
    for (const name of ENDS) {
      const { value } = field(name);
      if (whole()) times[name] = value.slice(11) || "12:00";
      field(name).type = whole() ? "date" : "datetime-local";
      field(name).value = whole() ? value.slice(0, 10) : value && `${value}T${times[name]}`;
    }
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = {
      professional: field("professional").value, starts_at: typed("starts_at"), ends_at: typed("ends_at"),
      reason: field("reason").value,
    };
    submit.disabled = true;
    const answer = await ask(config.urls.timeOff, { body, key });
    submit.disabled = false;
    if (!answer.ok) {
      // An answer that was lost may have been a yes: the same key asks for it again.
      if (answer.problem.code !== "offline") key = Agenda.freshKey();
      refuse(answer.problem);
      return;
    }
    dialog.close();
    const undo = config.may.unblock ? Agenda.undoing(`${config.urls.timeOff}${answer.data.id}/remove/`, texts.unblocked) : null;
    toast(texts.blocked, false, undo);
    await Agenda.reload();
  });

  Agenda.block = ({ professional = "", starts, ends }) => {
    form.reset();
    for (const name of ENDS) field(name).type = "datetime-local";
    refuse(null);
    key = Agenda.freshKey();
    Agenda.people(field("professional"), { ask: true, chosen: professional });
    field("starts_at").value = starts;
    field("ends_at").value = ends;
    dialog.showModal();
    field(field("professional").value ? "reason" : "professional").focus();
  };
})();
