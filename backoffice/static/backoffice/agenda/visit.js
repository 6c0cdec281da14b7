// A visit's card, with what may be done to it; and the page that tells why a dragged visit went back.
"use strict";

(() => {
  const { config, texts, make, fill, ask, explain, needsReason, isPast, dayOf, clockOf, toast, told } = Agenda;
  const { button, link } = Desk;
  const card = Agenda.dialog("agenda-visit");
  const refused = Agenda.dialog("agenda-refused");
  const title = document.getElementById("agenda-visit-title");
  const inside = (name) => card.querySelector(`[data-${name}]`);

  const address = (visit, verb = "") => `${config.urls.visits}${visit.id}/${verb ? `${verb}/` : ""}`;

  const complain = (problem) => {
    inside("refusal").hidden = !problem;
    if (problem) fill(inside("refusal"), ...explain(problem));
  };

  const done = async (text, undo = null) => {
    card.close();
    toast(text, false, undo);
    await Agenda.reload();
  };

  // What was just done is taken back by the same doors that do it, so their rules hold, and what they refuse is said.
  const undoing = (address, text, body = {}) => ({
    text: texts.undo,
    work: async () => {
      const answer = await ask(address, { body });
      toast(answer.ok ? text : [answer.problem.title, ...Agenda.sentences(answer.problem)].join(" "), !answer.ok);
      await Agenda.reload();
    },
  });
  Agenda.undoing = undoing;

  Agenda.toldMoved = ({ visit, from }) => {
    const work = () => Agenda.move({ visit, place: from });
    toast(told("moved", visit), false, { text: texts.undo, work });
  };

  const act = async (visit, verb, body, text, key) => {
    const answer = await ask(address(visit, verb), { body, key });
    const closes = verb === "complete" || verb === "no-show";
    if (answer.ok) return done(text, closes && answer.data.may.reopen ? undoing(address(visit, "reopen"), texts.reopened) : null);
    complain(answer.problem);
    if (verb === "cancel" && needsReason(answer.problem)) cancel(visit);
    return undefined;
  };

  const back = (visit) => button("arrow_back", texts.back, () => { complain(null); show(visit); });

  const reasonField = () => make("input", { class: "agenda-input", name: "reason", maxlength: "200", autocomplete: "off" });
  const withReason = (reason, go) => () => { if (reason.value.trim()) go(reason.value.trim()); else reason.focus(); };

  // Cancelling asks first, in the same card, with a place for the reason.
  const cancel = (visit) => {
    const reason = reasonField();
    const needed = visit.needs_reason.cancel ? make("p", {}, texts.reason_needed) : null;
    fill(inside("body"), make("p", {}, told("confirm_cancel", visit)), needed, make("label", {}, texts.reason, reason));
    fill(
      inside("buttons"),
      button("cancel", texts.cancel_visit, () => act(visit, "cancel", { reason: reason.value }, texts.cancelled), "is-danger"),
      back(visit),
    );
    reason.focus();
  };

  // Two visits change places, the other of which is said to stand where the page shows it: so a second click changes
  // nothing, and neither does a page that shows what was. Where the clock asks for a reason, the card does.
  const swap = async (visit, other, reason = "") => {
    const asked = (place) => ({ other: other.id, ...place, reason });
    const there = { starts_at: other.start, professional: other.resourceIds[0] };
    const here = { starts_at: visit.starts_at, professional: visit.professional.id };
    const answer = await ask(address(visit, "swap"), { body: asked(there) });
    if (answer.ok) return done(texts.swapped, undoing(address(visit, "swap"), texts.swapped_back, asked(here)));
    if (answer.problem.code === "visit_moved") {
      await Agenda.reload();
      choosePartner(visit);
    } else if (needsReason(answer.problem)) reasonToSwap(visit, other);
    complain(answer.problem);
    return undefined;
  };

  const reasonToSwap = (visit, other) => {
    const reason = reasonField();
    fill(inside("body"), make("p", {}, texts.reason_needed), make("label", {}, texts.reason, reason));
    fill(
      inside("buttons"),
      button("swap_horiz", swapWith(other), withReason(reason, (said) => swap(visit, other, said)), "is-primary"),
      back(visit),
    );
    reason.focus();
  };

  const swapWith = (other) => texts.swap_with.replace("%(name)s", other.title).replace("%(time)s", clockOf(other.start));

  // Whom a visit may change places with: the others of its day.
  const partners = (visit) => Agenda.othersThan(visit.id).filter((one) => dayOf(one.start) === dayOf(visit.starts_at));

  const choosePartner = (visit) => {
    const people = Object.fromEntries(Agenda.resources().map((one) => [one.id, one.title]));
    const choices = partners(visit).map((one) =>
      make(
        "button", { type: "button", class: "agenda-time", on: { click: () => swap(visit, one) } },
        `${clockOf(one.start)} · ${one.title} · ${people[one.resourceIds[0]]}`,
      ),
    );
    fill(inside("body"), make("p", {}, texts.swap_hint), make("div", { class: "agenda-times" }, ...choices));
    fill(inside("buttons"), back(visit));
  };

  const noShow = (visit) => {
    fill(inside("body"), make("p", {}, texts.confirm_no_show));
    fill(
      inside("buttons"),
      button("person_off", texts.no_show, () => act(visit, "no-show", {}, texts.saved), "is-danger"),
      back(visit),
    );
  };

  // One step takes the money and closes the visit; the same key makes a second click harmless.
  const charge = (visit) => {
    const key = Agenda.freshKey();
    const { amount, text, begun } = visit.due;
    const kinds = config.tenders.map((one, place) =>
      make(
        "label", { class: "agenda-choice" },
        make("input", { type: "radio", name: "tender", value: one.code, checked: place === 0 }),
        make("span", {}, one.name),
      ),
    );
    const receive = () => {
      const tender = inside("body").querySelector("[name=tender]:checked").value;
      return act(visit, "charge", { tender, amount }, begun ? texts.charged : texts.charged_ahead, key);
    };
    fill(
      inside("body"),
      make("p", { class: "agenda-amount" }, text),
      visit.order ? make("p", {}, texts.charge_order.replace("%(number)s", visit.order.number)) : null,
      make("p", { class: "desk-hint" }, begun ? texts.charge_hint : texts.charge_ahead_hint),
      make("fieldset", {}, make("legend", {}, texts.tender), make("div", { class: "agenda-choices" }, ...kinds)),
    );
    fill(inside("buttons"), button("point_of_sale", texts.receive.replace("%(amount)s", text), receive, "is-primary"), back(visit));
  };

  const placed = (visit) => (
    { visit, professional: visit.professional.id, day: dayOf(visit.starts_at), clock: clockOf(visit.starts_at) }
  );

  const fact = (label, value) => (value ? make("div", {}, make("dt", {}, label), make("dd", {}, value)) : null);

  const show = (visit) => {
    const may = visit.may;
    title.textContent = visit.name;
    const services = visit.services.map((one) =>
      make("li", {}, one.name, make("small", {}, `${one.minutes} ${texts.minutes} · ${one.price}`)),
    );
    fill(
      inside("body"),
      make("p", { class: "agenda-badge" }, make("span", { class: `agenda-dot agenda-${visit.state}` }), visit.state_text),
      make(
        "dl",
        { class: "desk-facts" },
        ...[
          fact(texts.when, visit.when),
          fact(texts.professional, visit.professional.name),
          fact(texts.room, visit.room),
          visit.services.length
            ? make("div", {}, make("dt", {}, texts.services), make("dd", {}, make("ul", {}, ...services)))
            : null,
          fact(texts.total, visit.total),
          fact(texts.phone, visit.phone),
          fact(texts.email, visit.email),
          fact(texts.note, visit.note),
          fact(texts.forced, visit.forced_reason),
        ].filter(Boolean),
      ),
    );
    fill(
      inside("buttons"),
      may.accept ? button("check_circle", texts.accept, () => act(visit, "accept", {}, told("accepted", visit)), "is-primary") : null,
      may.charge
        ? button("point_of_sale", visit.due.begun ? texts.charge : texts.charge_ahead, () => charge(visit), visit.due.begun ? "is-primary" : "")
        : null,
      may.complete
        ? button("task_alt", texts.complete, () => act(visit, "complete", {}, texts.saved), may.charge ? "" : "is-primary")
        : null,
      may.no_show ? button("person_off", texts.no_show, () => noShow(visit)) : null,
      may.reopen ? button("undo", texts.reopen, () => act(visit, "reopen", {}, texts.reopened)) : null,
      visit.whatsapp ? link("chat", texts.remind, visit.whatsapp, true) : null,
      may.move && Agenda.book
        ? button("event_repeat", texts.move, () => { card.close(); Agenda.book(placed(visit)); })
        : null,
      may.move && partners(visit).length ? button("swap_horiz", texts.swap, () => choosePartner(visit)) : null,
      visit.order ? link("receipt_long", `${texts.open_order} ${visit.order.number}`, visit.order.page) : null,
      link("history", texts.open_page, visit.page),
      may.cancel ? button("event_busy", texts.cancel_visit, () => cancel(visit), "is-danger-quiet") : null,
    );
  };

  // `move`: straight to the times it could be moved to, where it can. Returns the visit whose card is open then.
  Agenda.openVisit = async (id, { move = false } = {}) => {
    complain(null);
    const answer = await ask(address({ id }));
    if (!answer.ok) {
      toast(answer.problem.title, true);
      return undefined;
    }
    if (move && answer.data.may.move && Agenda.book) {
      Agenda.book(placed(answer.data));
      return undefined;
    }
    show(answer.data);
    if (!card.open) card.showModal();
    return answer.data;
  };

  // A drag was refused: the visit is back where it was, and this says why and what is free instead.
  const tellRefused = ({ visit, place, from, problem }) => {
    document.getElementById("agenda-refused-title").textContent = texts.refused_move;
    const body = refused.querySelector("[data-body]");
    const buttons = refused.querySelector("[data-buttons]");
    const found = problem.alternatives || [];
    const again = (more) => { refused.close(); Agenda.move({ visit, place: { ...place, ...more }, from }); };
    const reason = reasonField();
    const asks = needsReason(problem);
    const judged = ["slot_taken", "slot_unavailable"].includes(problem.code);
    const force = !asks && judged && config.may.force;
    const other = judged ? Agenda.inTheWay({ visit, place }) : undefined;
    fill(
      body,
      make("div", { class: "desk-refusal", role: "alert" }, ...explain(asks ? { title: isPast(problem) ? texts.past_needed : texts.reason_needed } : problem)),
      found.length ? make("p", {}, texts.nearest) : null,
      found.length
        ? Agenda.alternatives(found, (one) => again({ starts_at: one.starts_at, professional: one.professional.id }))
        : null,
      asks ? make("label", {}, texts.reason, reason) : null,
      force
        ? make(
            "details", { class: "agenda-force" }, make("summary", {}, texts.force_move),
            make("p", { class: "desk-hint" }, texts.force_hint),
            make("label", {}, texts.reason, reason),
            button("priority_high", texts.force_move, withReason(reason, (force) => again({ force }))),
          )
        : null,
    );
    fill(
      buttons,
      asks ? button("event_repeat", texts.move, withReason(reason, (said) => again({ reason: said })), "is-primary") : null,
      other ? button("swap_horiz", swapWith(other), () => { refused.close(); swapInstead(visit, other); }) : null,
      button("close", texts.close, () => refused.close(), asks ? "" : "is-primary"),
    );
    refused.showModal();
    if (asks) reason.focus();
  };

  // What is refused then is said on the visit's own card, where a reason can be given, too.
  const swapInstead = async (visit, other) => {
    const opened = await Agenda.openVisit(visit.id);
    if (opened) swap(opened, other);
  };

  // `from`: where it stood, so that it can be put back.
  Agenda.move = async ({ visit, place, from = null }) => {
    const answer = await ask(address(visit, "move"), { body: place });
    if (answer.ok && from) Agenda.toldMoved({ visit: answer.data, from });
    else if (answer.ok) toast(told("moved", answer.data));
    await Agenda.reload();
    if (!answer.ok) tellRefused({ visit, place, from, problem: answer.problem });
    return answer.ok;
  };

  Agenda.openAway = (away) => {
    complain(null);
    title.textContent = away.title;
    fill(
      inside("body"),
      make(
        "dl", { class: "desk-facts" },
        ...[fact(texts.when, away.when), fact(texts.professional, away.professional)].filter(Boolean),
      ),
    );
    const free = async () => {
      const answer = await ask(`${config.urls.timeOff}${away.pk}/remove/`, { body: {} });
      if (answer.ok) return done(texts.unblocked);
      return complain(answer.problem);
    };
    fill(
      inside("buttons"),
      config.may.unblock ? button("lock_open", texts.unblock, free, "is-primary") : null,
      button("close", texts.close, () => card.close()),
    );
    card.showModal();
  };
})();
