// The calendar itself. It shows the wall clock of the shop, wherever the browser is: times come and go without offset.
"use strict";

(() => {
  const { config, texts, make, fill, ask, query, dayOf, shownDay, toast } = Agenda;
  const narrow = window.matchMedia("(max-width: 767px)");
  const byId = (id) => document.getElementById(id);
  const place = byId("agenda-calendar");
  const who = byId("agenda-who");
  const block = byId("agenda-block");
  const state = { data: { resources: [], events: [] }, first: "", last: "", blocking: false, asked: 0 };
  const firstDay = config.open.day || config.today;
  const TABLE = ["table", "rowgroup", "row", "rowheader", "columnheader", "cell"].map((role) => `[role=${role}]`).join();
  const CELLS = ["aria-colcount", "aria-colindex", "aria-colspan", "aria-rowcount", "aria-rowindex", "aria-rowspan"];
  const VIEWS = { day: "resourceTimeGridDay", week: "resourceTimeGridWeek" };

  const pad = (number) => String(number).padStart(2, "0");
  // The calendar hands out dates whose local fields are the wall clock that it shows.
  const wall = (date) =>
    `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
  const plus = (text, minutes) =>
    new Date(Date.parse(`${text.slice(0, 16)}:00Z`) + minutes * 60000).toISOString().slice(0, 16);
  const nextDay = (day, days) => plus(`${day}T12:00`, days * 1440).slice(0, 10);

  const timed = (event) => `${wall(event.start).slice(11)}–${wall(event.end).slice(11)}`;
  const stateOf = (event) => config.states.find((one) => one.code === event.extendedProps.state)?.name;
  const whose = (event) => state.data.resources.find((one) => one.id === event.resourceIds[0])?.title;

  // What the colour and the column tell is written too, for who does not see them.
  const content = ({ event }) => {
    if (event.display === "background") return undefined;
    const more = event.extendedProps;
    const unseen = [timed(event), shownDay(dayOf(wall(event.start))), whose(event), stateOf(event)];
    return {
      domNodes: [
        make(
          "span", { class: "agenda-event-name" },
          make("span", { class: "agenda-event-time" }, `${wall(event.start).slice(11)} `),
          make("strong", {}, event.title),
        ),
        make("span", { class: "agenda-event-what" }, [more.services, more.room].filter(Boolean).join(" · ")),
        make("span", { class: "agenda-unseen" }, unseen.filter(Boolean).join(", ")),
      ],
    };
  };

  const label = ({ resource }) => ({ domNodes: [make("span", { class: "agenda-column" }, resource.title)] });

  const opened = ({ event }) => {
    const more = event.extendedProps;
    if (more.kind === "visit") Agenda.openVisit(event.id);
    if (more.kind === "away") {
      const [from, until] = [wall(event.start), wall(event.end)];
      const end = dayOf(from) === dayOf(until) ? until.slice(11) : `${shownDay(dayOf(until))} ${until.slice(11)}`;
      const when = `${shownDay(dayOf(from))} ${from.slice(11)} – ${end}`;
      Agenda.openAway({ pk: more.pk, title: event.title, professional: more.professional, when });
    }
  };

  const clicked = ({ date, resource }) => {
    const from = wall(date);
    const professional = resource ? resource.id : "";
    if (state.blocking) Agenda.block({ professional, starts: from, ends: plus(from, 60) });
    else if (config.may.manage) Agenda.book({ professional, day: from.slice(0, 10), clock: from.slice(11) });
  };

  const chosen = ({ start, end, resource }) => {
    calendar.unselect();
    Agenda.block({ professional: resource ? resource.id : "", starts: wall(start), ends: wall(end) });
  };

  const dropped = async ({ event, oldEvent, oldResource, newResource, revert }) => {
    const professional = newResource ? newResource.id : event.resourceIds[0];
    const visit = { id: event.id, name: event.title };
    const from = { starts_at: wall(oldEvent.start), professional: oldResource ? oldResource.id : oldEvent.resourceIds[0] };
    const moved = await Agenda.move({ visit, place: { starts_at: wall(event.start), professional }, from });
    if (!moved) {
      revert();
      draw();
    }
  };

  const described = ({ event, el }) => {
    if (event.display === "background") return;
    const words = [event.title, timed(event), event.extendedProps.services, stateOf(event)];
    // Its name is what is written on it, so that whoever speaks to the page can say what they see.
    el.setAttribute("title", words.filter(Boolean).join("\n"));
    el.setAttribute("role", "button");
    el.setAttribute("tabindex", "0");
  };

  // The calendar calls itself a table whose visits stand in no cell. It is a set of buttons, each of which says all of
  // itself, in a frame that scrolls by the arrow keys, too.
  const untabled = () => {
    for (const element of place.querySelectorAll(TABLE)) {
      element.dataset.was = element.getAttribute("role");
      element.removeAttribute("role");
    }
    for (const name of CELLS) {
      for (const element of place.querySelectorAll(`[${name}]`)) element.removeAttribute(name);
    }
    place.querySelector(".ec-main")?.setAttribute("tabindex", "0");
  };
  new MutationObserver(untabled).observe(place, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["role", ...CELLS],
  });

  const draw = () => {
    const only = who.value;
    const resources = state.data.resources.filter((one) => !only || one.id === only);
    const columns = resources.length || 1;
    calendar.setOption("resources", resources);
    const events = state.data.events.filter((one) => !only || one.resourceIds[0] === only);
    // Who blocks time does not want to carry a visit away by mistake.
    calendar.setOption("events", state.blocking ? events.map((one) => ({ ...one, startEditable: false })) : events);
    const week = calendar.getOption("view") === VIEWS.week;
    const least = week ? (columns > 1 ? 92 : 112) : 104;
    calendar.setOption("columnWidth", columns * (week ? 7 : 1) * least > place.clientWidth - 60 ? `${least}px` : undefined);
    if (state.data.hours) {
      calendar.setOption("slotMinTime", state.data.hours.from);
      calendar.setOption("slotMaxTime", state.data.hours.until);
    }
    // The line of the present moment is the browser's, so it is drawn only where that is the shop's, too.
    const apart = Math.abs(Date.parse(`${state.data.now}Z`) - Date.parse(`${wall(new Date())}:00Z`));
    calendar.setOption("nowIndicator", apart < 600000);
    const empty = !state.data.resources.length;
    if (empty) hint(config.may.seeAll ? texts.no_column : texts.not_a_professional);
  };

  // Where the columns do not fit, today's come into sight first.
  const toToday = () => {
    state.drawn = state.first;
    const main = place.querySelector(".ec-main");
    const column = place.querySelector(`time[datetime="${firstDay}"]`);
    if (main && column) main.scrollLeft += column.closest("[data-was=columnheader]").getBoundingClientRect().left - main.getBoundingClientRect().left - 70;
  };

  const hint = (text, ...more) => {
    fill(byId("agenda-hint"), make("span", {}, text), ...more);
    byId("agenda-hint").hidden = !text;
  };

  const reload = async () => {
    if (!state.first) return;
    const asked = ++state.asked;
    const fresh = state.drawn !== state.first;
    const answer = await ask(query(config.urls.week, { from: state.first, to: state.last }));
    if (asked !== state.asked) return;
    if (!answer.ok) {
      toast(answer.problem.title, true);
      return;
    }
    state.data = answer.data;
    const before = who.value;
    const options = state.data.resources.map((one) => make("option", { value: one.id }, one.title));
    fill(who, options.length > 1 ? make("option", { value: "" }, texts.everybody) : null, ...options);
    who.value = [...who.options].some((one) => one.value === before) ? before : who.options[0]?.value || "";
    draw();
    if (fresh) requestAnimationFrame(toToday);
    openAsked();
  };

  // The address may ask for a visit or for a new one; that is opened once, when its day is in sight.
  const openAsked = () => {
    const { visit, move, new: fresh, block: away } = config.open;
    config.open = {};
    if (visit) Agenda.openVisit(visit, { move });
    else if (fresh && Agenda.book) Agenda.book({ day: shownDate() });
    else if (away && Agenda.block) {
      const hour = Math.min(Number(Agenda.now().slice(11, 13)) + 1, 22);
      Agenda.block({ professional: who.value, starts: `${config.today}T${pad(hour)}:00`, ends: `${config.today}T${pad(hour + 1)}:00` });
    }
  };

  const titled = () => {
    const long = { day: "numeric", month: "long", year: "numeric" };
    byId("agenda-title").textContent =
      state.first === state.last
        ? shownDay(state.first, { weekday: "long", ...long })
        : `${shownDay(state.first, { day: "numeric", month: "short" })} – ${shownDay(state.last, { ...long, month: "short" })}`;
    byId("agenda-date").value = state.first <= config.today && config.today <= state.last ? config.today : state.first;
    const view = calendar.getOption("view");
    for (const button of document.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(VIEWS[button.dataset.view] === view));
    }
  };

  // Changing the hours shown sets the dates anew; only another stretch of days is worth asking for.
  const dated = ({ start, end }) => {
    const first = wall(start).slice(0, 10);
    const last = nextDay(wall(end).slice(0, 10), -1);
    if (first === state.first && last === state.last) return;
    Object.assign(state, { first, last });
    queueMicrotask(() => {
      titled();
      reload();
    });
  };

  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const calendar = EventCalendar.create(place, {
    view: narrow.matches ? VIEWS.day : VIEWS.week,
    date: firstDay,
    locale: config.language,
    firstDay: 1,
    headerToolbar: { start: "", center: "", end: "" },
    allDaySlot: false,
    datesAboveResources: true,
    nowIndicator: false,
    slotDuration: "00:30",
    slotLabelInterval: "01:00",
    snapDuration: `00:${pad(Math.min(config.snap, 59))}`,
    slotHeight: 34,
    slotMinTime: "08:00",
    slotMaxTime: "19:00",
    scrollTime: "08:00",
    height: "100%",
    slotLabelFormat: time,
    eventTimeFormat: time,
    dayHeaderFormat: { weekday: "short", day: "2-digit", month: "2-digit" },
    pointer: false,
    dragScroll: true,
    longPressDelay: 400,
    resources: [],
    events: [],
    eventContent: content,
    resourceLabelContent: label,
    eventDidMount: described,
    eventClick: opened,
    dateClick: config.may.manage || config.may.block ? clicked : undefined,
    eventDrop: dropped,
    select: chosen,
    selectable: false,
    datesSet: dated,
  });

  // The visits in sight with which one may change places: those that can be moved, too.
  Agenda.othersThan = (id) =>
    state.data.events.filter((one) => one.extendedProps.kind === "visit" && one.startEditable && one.id !== id);

  // The one visit that stands where another would go; none where several do.
  Agenda.inTheWay = ({ visit, place }) => {
    const own = state.data.events.find((one) => one.id === visit.id);
    if (!own) return undefined;
    const begins = place.starts_at.slice(0, 16);
    const ends = plus(begins, (Date.parse(`${own.end}Z`) - Date.parse(`${own.start}Z`)) / 60000);
    const there = Agenda.othersThan(visit.id).filter(
      (one) => one.resourceIds[0] === place.professional && one.start.slice(0, 16) < ends && begins < one.end.slice(0, 16),
    );
    return there.length === 1 ? there[0] : undefined;
  };

  Agenda.reload = reload;
  Agenda.resources = () => state.data.resources;
  Agenda.now = () => (state.data.now || config.today).slice(0, 16);
  Agenda.calendar = calendar;

  byId("agenda-previous").addEventListener("click", () => calendar.prev());
  byId("agenda-next").addEventListener("click", () => calendar.next());
  byId("agenda-today").addEventListener("click", () => calendar.setOption("date", config.today));
  byId("agenda-date").addEventListener("change", (event) => {
    if (event.target.value) calendar.setOption("date", event.target.value);
  });
  for (const button of document.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => calendar.setOption("view", VIEWS[button.dataset.view]));
  }
  who.addEventListener("change", draw);

  // Nobody has to drag: the same dialog asks for the times in words.
  const typed = () => {
    const open = () => {
      const day = shownDate();
      Agenda.block({ professional: who.value, starts: `${day}T12:00`, ends: `${day}T13:00` });
    };
    return make("button", { type: "button", class: "desk-button", on: { click: open } }, texts.block_typed);
  };

  const shownDate = () => byId("agenda-date").value || config.today;
  if (byId("agenda-new")) {
    byId("agenda-new").addEventListener("click", () => Agenda.book({ professional: who.value, day: shownDate() }));
  }
  if (block) {
    block.addEventListener("click", () => {
      state.blocking = !state.blocking;
      block.setAttribute("aria-pressed", String(state.blocking));
      place.classList.toggle("is-blocking", state.blocking);
      calendar.setOption("selectable", state.blocking);
      draw();
      if (state.blocking) hint(texts.block_on, typed());
      else hint("");
    });
  }
  // Somebody else may have booked meanwhile: look again every minute while the page is in sight and nothing is open.
  setInterval(() => {
    if (!document.hidden && !document.querySelector("dialog[open]") && !place.querySelector(".ec-dragging")) reload();
  }, 60000);
})();
