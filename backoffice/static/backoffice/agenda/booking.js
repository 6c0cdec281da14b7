// The dialog that books a visit, or moves one: only free times are offered, and a refusal shows what is free instead.
"use strict";

(() => {
  const { config, texts, make, fill, ask, query, explain, needsReason, isPast, clockOf, dayOf, toast, told } = Agenda;
  const dialog = Agenda.dialog("agenda-book");
  if (!dialog) return;

  const form = dialog.querySelector("form");
  const part = (name) => dialog.querySelector(`[data-${name}]`);
  const field = (name) => form.elements.namedItem(name);
  const state = { visit: null, wanted: null, customer: null, key: "", asked: 0, opened: 0 };
  // A phone's keyboard would cover half of the dialog, so nothing is typed there before it is touched.
  const types = window.matchMedia("(min-width: 768px)").matches;

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

  // One service alone is what every visit is for.
  const sought = field("sought");
  sought.hidden = config.services.length < 2;

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const offered = () => {
    const words = plain(sought.value).split(/\s+/).filter(Boolean);
    return config.services.filter((one) => !boxOf(one).disabled && words.every((word) => plain(one.name).includes(word)));
  };
  const boxOf = (one) => form.querySelector(`[name=service][value="${CSS.escape(one.sku)}"]`);

  const chosenServices = () => [...form.querySelectorAll("[name=service]:checked")].map((box) => box.value);
  const chosenTime = () => form.querySelector("[name=time]:checked");

  const whyAsked = (problem) => {
    if (!needsReason(problem)) return problem;
    return { title: isPast(problem) ? texts.past_needed : texts.reason_needed };
  };

  const refuse = (problem) => {
    const place = part("refusal");
    place.hidden = !problem;
    if (!problem) return;
    const found = problem.alternatives || [];
    fill(
      place,
      ...explain(whyAsked(problem)),
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

  // Whoever has gone on to another field before an answer came is not called back.
  const unoccupied = () => [document.body, dialog].includes(document.activeElement);

  // A free time somewhere else was chosen: go there, and mark it.
  const take = async (one) => {
    refuse(null);
    field("professional").value = one.professional.id;
    field("day").value = dayOf(one.starts_at);
    state.wanted = { clock: clockOf(one.starts_at), professional: one.professional.id };
    await look();
    if (unoccupied()) (state.visit ? part("submit") : field("name")).focus();
  };

  // One click tells why every other time of that day is not free.
  const why = () => {
    if (state.visit) return null;
    const asked = { service: chosenServices(), professional: field("professional").value, day: field("day").value };
    return make("a", { href: query(config.urls.why, asked), target: "_blank", class: "agenda-why" }, texts.why);
  };

  const times = (data) => {
    const place = part("times");
    if (!data.times.length) {
      const nearest = data.alternatives.length
        ? [make("p", {}, texts.nearest), Agenda.alternatives(data.alternatives, take)]
        : [];
      fill(place, make("p", { class: "desk-hint" }, texts.no_times), ...nearest, why());
      return;
    }
    const alone = Boolean(field("professional").value);
    const prices = [...new Set(data.times.map((one) => one.price))];
    const worth = prices.length === 1 ? ` · ${prices[0]}` : "";
    fill(
      place,
      state.visit ? null : make("p", { class: "desk-hint" }, `${data.minutes} ${texts.minutes}${worth}`),
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
      why(),
    );
    const boxes = [...form.querySelectorAll("[name=time]")];
    const chosen = state.wanted ? asWanted(boxes) : state.visit ? null : boxes[0];
    if (chosen) {
      chosen.checked = true;
      chosen.closest("label").scrollIntoView({ block: "nearest" });
    }
  };

  // What was wanted before, with the same person if they are free then; the next free time where nothing was.
  const asWanted = (boxes) => {
    const then = boxes.filter((box) => clockOf(box.value) === state.wanted.clock);
    return then.find((box) => box.dataset.professional === state.wanted.professional) || then[0];
  };

  // Only what the chosen person performs can be ticked.
  const narrowed = () => {
    const who = field("professional").value;
    for (const one of config.services) {
      const box = boxOf(one);
      box.disabled = Boolean(who) && !one.professionals.includes(who);
      if (box.disabled) box.checked = false;
    }
    const there = offered();
    for (const one of config.services) {
      const box = boxOf(one);
      box.closest("label").hidden = !box.checked && !there.includes(one);
    }
    part("none-found").hidden = Boolean(there.length) || !sought.value.trim();
  };

  // Enter takes the first service that is called so, and the next thing to choose is the time.
  const takeFirst = async () => {
    if (!sought.value.trim()) return;
    const [first] = offered();
    if (!first) return;
    const box = boxOf(first);
    box.checked = true;
    sought.value = "";
    await look();
    if (!unoccupied() && document.activeElement !== sought) return;
    box.closest("label").scrollIntoView({ block: "nearest" });
    (chosenTime() || part("times").querySelector("input, button"))?.focus();
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
    found([]);
    part("submit").focus();
  };

  // Who is known already stands below the name while it is typed; nobody has to be chosen.
  let waiting;
  const search = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const words = field("name").value.trim();
      const answer = words.length < 2 ? null : await ask(query(config.urls.customers, { q: words }));
      if (words === field("name").value.trim() && !state.customer) found(answer?.ok ? answer.data.customers : []);
    }, 200);
  };

  const found = (people) => {
    if (!part("found")) return;
    field("name").setAttribute("aria-expanded", String(people.length > 0));
    fill(
      part("found"),
      ...people.map((one) =>
        make(
          "button",
          { type: "button", on: { click: () => known(one) } },
          make("strong", {}, one.name),
          make("small", {}, [one.warning, one.email, one.shown_phone].filter(Boolean).join(" · ")),
        ),
      ),
    );
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
    const { opened, visit, from } = state;
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
    // Closed and opened anew meanwhile, the dialog belongs to another visit, which sends for itself.
    const gone = opened !== state.opened || !dialog.open;
    if (!gone) part("submit").disabled = false;
    if (answer.ok) {
      if (!gone) dialog.close();
      if (visit) Agenda.toldMoved({ visit: answer.data, from });
      else toast(told("booked", answer.data));
      await Agenda.reload();
      return;
    }
    if (gone) {
      toast(answer.problem.detail || answer.problem.title, true);
      return;
    }
    // An answer that was lost may have been a yes: the same key asks for it again.
    if (answer.problem.code !== "offline") state.key = Agenda.freshKey();
    refuse(answer.problem);
    if (["slot_taken", "slot_unavailable"].includes(answer.problem.code)) {
      look();
      Agenda.reload();
    }
  };

  const open = ({ professional = "", day, clock = "", visit = null }) => {
    form.reset();
    state.opened += 1;
    state.visit = visit;
    state.customer = null;
    state.wanted = clock ? { clock, professional } : null;
    state.from = visit && { starts_at: visit.starts_at, professional: visit.professional.id };
    state.key = Agenda.freshKey();
    part("submit").disabled = false;
    refuse(null);
    part("reason-field").hidden = !visit?.needs_reason.move;
    found([]);
    const past = !visit && Boolean(clock) && `${day}T${clock}` < Agenda.now();
    part("force").open = past;
    field("force_time").value = clock;
    if (past) refuse({ title: texts.past_needed });
    document.getElementById("agenda-book-title").textContent = visit ? `${texts.move_title} · ${visit.name}` : texts.new;
    part("submit").textContent = visit ? texts.move : part("submit").dataset.book;
    part("services-field").hidden = Boolean(visit) || !config.services.length;
    part("missing").hidden = Boolean(visit) || !config.missing.length;
    part("person-field").hidden = Boolean(visit);
    Agenda.people(field("professional"), { any: config.may.seeAll, chosen: professional });
    field("day").value = day;
    if (!visit && config.services.length === 1) boxOf(config.services[0]).checked = true;
    look();
    dialog.showModal();
    begin()?.focus();
  };

  const begin = () => {
    if (state.visit) return field("day");
    const box = form.querySelector("[name=service]:enabled");
    if (config.services.length === 1) return types ? field("name") : box;
    return types && config.services.length ? sought : box;
  };

  part("submit").dataset.book = part("submit").textContent;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  for (const name of ["professional", "day"]) field(name).addEventListener("change", look);
  part("services").addEventListener("change", look);
  sought.addEventListener("input", narrowed);
  sought.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    takeFirst();
  });
  part("times").addEventListener("change", () => {
    const time = chosenTime();
    state.wanted = { clock: clockOf(time.value), professional: time.dataset.professional };
  });
  // Who points at a time goes on to who comes, unless they are somewhere else by then; the arrow keys go on from time to
  // time.
  part("times").addEventListener("click", (event) => {
    const pointed = event.detail > 0 && event.target.closest("label.agenda-time");
    if (!pointed || state.visit || field("name").value) return;
    setTimeout(() => { if (part("times").contains(document.activeElement)) field("name").focus(); });
  });
  field("name").addEventListener("input", () => {
    state.customer = null;
    if (config.may.find) search();
  });

  Agenda.book = open;
})();
