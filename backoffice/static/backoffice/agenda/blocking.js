// The dialog that blocks time. What is booked in it is named, and each name opens the visit, to be moved first.
"use strict";

(() => {
  const { config, texts, make, fill, ask, explain, shownDay, toast } = Agenda;
  const dialog = Agenda.dialog("agenda-off");
  if (!dialog) return;

  const form = dialog.querySelector("form");
  const place = dialog.querySelector("[data-refusal]");
  const field = (name) => form.elements.namedItem(name);

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

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = Object.fromEntries(
      ["professional", "starts_at", "ends_at", "reason"].map((name) => [name, field(name).value]),
    );
    const answer = await ask(config.urls.timeOff, { body });
    if (!answer.ok) {
      refuse(answer.problem);
      return;
    }
    dialog.close();
    toast(texts.blocked);
    await Agenda.reload();
  });

  Agenda.block = ({ professional = "", starts, ends }) => {
    form.reset();
    refuse(null);
    Agenda.people(field("professional"), { chosen: professional });
    field("starts_at").value = starts;
    field("ends_at").value = ends;
    dialog.showModal();
    field("reason").focus();
  };
})();
