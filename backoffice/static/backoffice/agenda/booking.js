// The dialog that books a visit, or moves one: only free times are offered, and a refusal shows what is free instead.
"use strict";

(() => {
  const { config, texts, make, fill, ask, query, explain, needsReason, isPast, clockOf, dayOf, toast, told } = Agenda;
  const dialog = Agenda.dialog("agenda-book");
  if (!dialog) return;

  const form = dialog.querySelector("form");
  const part = (name) => dialog.querySelector(`[data-${name}]`);
  const field = (name) => form.elements.namedItem(name);
  const state = { visit: null, wanted: null, customer: null, key: "", asked: 0 };

  // What the setup still lacks is said here, with the way there.
  fill(
    part("missing"),
    ...config.missing.map((one) =>
      make("p", {}, `${one.text} `, one.page ? make("a", { href: one.page }, one.link) : null),
    ),
  );
  part("missing").hidden = !config.missing.length;

  fill(
    part("services"),
    ...config.services.map((one) =>
      make(
        "label",
        { class: "agenda-choice" },
        make("input", { type: "checkbox", name: "service", value: one.sku }),
        make("span", {}, one.name, make("small", {}, `${one.minutes} ${texts.minutes} · ${one.price}`)),
      ),
    ),
  );

  const chosenServices = () => [...form.querySelectorAll("[name=service]:checked")].map((box) => box.value);
  const chosenTime = () => form.querySelector("[name=time]:checked");

  const refuse = (problem) => {
    const place = part("refusal");
    place.hidden = !problem;
    if (!problem) return;
    const found = problem.alternatives || [];
    fill(
      place,
      ...explain(isPast(problem) ? { title: texts.past_needed } : problem),
      found.length ? make("p", {}, texts.nearest) : null,
      found.length ? Agenda.alternatives(found, take) : null,
    );
    if (isPast(problem)) {
      part("force").open = true;
      field("force").focus();
    } else if (needsReason(problem)) {
      part("reason-field").hidden = false;
      field("reason").focus();
    } else {
      place.scrollIntoView({ block: "nearest" });
    }
  };

  // A free time somewhere else was chosen: go there, and mark it.
  const take = (one) => {
    refuse(null);
    field("professional").value = one.professional.id;
    field("day").value = dayOf(one.starts_at);
    state.wanted = clockOf(one.starts_at);
    look();
  };

  const times = (data) => {
    const place = part("times");
    if (!data.times.length) {
      const nearest = data.alternatives.length
        ? [make("p", {}, texts.nearest), Agenda.alternatives(data.alternatives, take)]
        : [];
      fill(place, make("p", { class: "desk-hint" }, texts.no_times), ...nearest);
      return;
    }
    const alone = Boolean(field("professional").value);
    fill(
      place,
      ...data.times.map((one) =>
        make(
          "label",
          { class: "agenda-time" },
          make("input", {
            type: "radio", name: "time", value: one.starts_at, "data-professional": one.professional.id,
          }),
          make("span", {}, alone ? one.clock : `${one.clock} · ${one.professional.name}`),
        ),
      ),
    );
    const boxes = [...form.querySelectorAll("[name=time]")];
    const wanted = boxes.find((box) => clockOf(box.value) === state.wanted);
    if (wanted) {
      wanted.checked = true;
      wanted.closest("label").scrollIntoView({ block: "nearest" });
    }
  };

  // Only what the chosen person performs can be ticked.
  const narrowed = () => {
    const who = field("professional").value;
    for (const one of config.services) {
      const box = form.querySelector(`[name=service][value="${CSS.escape(one.sku)}"]`);
      box.disabled = Boolean(who) && !one.professionals.includes(who);
      if (box.disabled) box.checked = false;
      box.closest("label").hidden = box.disabled;
    }
  };

  const look = async () => {
    narrowed();
    const services = chosenServices();
    const place = part("times");
    if ((!state.visit && !services.length) || !field("day").value) {
      fill(place, make("p", { class: "desk-hint" }, texts.choose_service));
      return;
    }
    fill(place, make("p", { class: "desk-hint" }, texts.loading));
    const asked = ++state.asked;
    const what = state.visit ? { visit: state.visit.id } : { service: services };
    const answer = await ask(
      query(config.urls.times, { ...what, professional: field("professional").value, day: field("day").value }),
    );
    if (asked !== state.asked) return;
    if (answer.ok) times(answer.data);
    else fill(place, ...explain(answer.problem));
  };

  const known = (customer) => {
    state.customer = customer.id;
    field("name").value = customer.name;
    field("phone").value = customer.phone;
    field("email").value = customer.email;
    field("search").value = "";
    fill(part("found"));
    field("search").setAttribute("aria-expanded", "false");
    field("note").focus();
  };

  let waiting;
  const search = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const words = field("search").value.trim();
      const answer = words.length < 2 ? null : await ask(query(config.urls.customers, { q: words }));
      if (words !== field("search").value.trim()) return;
      const found = answer && answer.ok ? answer.data.customers : [];
      field("search").setAttribute("aria-expanded", String(found.length > 0));
      fill(
        part("found"),
        ...found.map((one) =>
          make(
            "button",
            { type: "button", on: { click: () => known(one) } },
            make("strong", {}, one.name),
            make("small", {}, [one.warning, one.email, one.shown_phone].filter(Boolean).join(" · ")),
          ),
        ),
      );
    }, 200);
  };

  // The reason for a time that has passed or is not free. Who may not book over others has it for the past alone.
  const reasoned = () => (part("force").open ? field("force").value.trim() : "");
  const forced = () => (config.may.force ? reasoned() : "");

  const when = () => {
    if (reasoned()) {
      const clock = field("force_time").value;
      return { starts_at: `${field("day").value}T${clock}`, professional: field("professional").value || null };
    }
    const time = chosenTime();
    return time ? { starts_at: time.value, professional: time.dataset.professional } : null;
  };

  const send = async () => {
    const place = when();
    if (!place) {
      refuse({ title: texts.choose_time });
      return;
    }
    part("submit").disabled = true;
    const answer = state.visit
      ? await ask(`${config.urls.visits}${state.visit.id}/move/`, {
          body: { ...place, reason: field("reason").value.trim() || reasoned(), force: forced() },
        })
      : await ask(config.urls.visits, {
          key: state.key,
          body: {
            ...place,
            services: chosenServices(),
            customer: state.customer,
            name: field("name").value,
            email: field("email").value,
            phone: field("phone").value,
            note: field("note").value,
            force: forced(),
            reason: reasoned(),
          },
        });
    part("submit").disabled = false;
    if (answer.ok) {
      dialog.close();
      toast(told(state.visit ? "moved" : "booked", answer.data));
      await Agenda.reload();
      return;
    }
    state.key = Agenda.freshKey();
    refuse(answer.problem);
    if (["slot_taken", "slot_unavailable"].includes(answer.problem.code)) {
      look();
      Agenda.reload();
    }
  };

  const open = ({ professional = "", day, clock = "", visit = null }) => {
    form.reset();
    state.visit = visit;
    state.customer = null;
    state.wanted = clock;
    state.key = Agenda.freshKey();
    refuse(null);
    part("reason-field").hidden = true;
    if (part("found")) fill(part("found"));
    const past = Boolean(clock) && `${day}T${clock}` < Agenda.now();
    part("force").open = past;
    field("force_time").value = clock;
    if (past) refuse({ title: texts.past_needed });
    document.getElementById("agenda-book-title").textContent = visit ? `${texts.move_title} · ${visit.name}` : texts.new;
    part("submit").textContent = visit ? texts.move : part("submit").dataset.book;
    part("services-field").hidden = Boolean(visit) || !config.services.length;
    part("missing").hidden = Boolean(visit) || !config.missing.length;
    part("person-field").hidden = Boolean(visit);
    Agenda.people(field("professional"), { any: true, chosen: professional });
    field("day").value = day;
    look();
    dialog.showModal();
    const first = visit ? field("day") : form.querySelector("[name=service]:enabled");
    if (first) first.focus();
  };

  part("submit").dataset.book = part("submit").textContent;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  for (const name of ["professional", "day"]) field(name).addEventListener("change", look);
  part("services").addEventListener("change", look);
  if (field("search")) field("search").addEventListener("input", search);
  for (const name of ["name", "phone", "email"]) {
    field(name).addEventListener("input", () => { if (name === "name") state.customer = null; });
  }

  Agenda.book = open;
})();
