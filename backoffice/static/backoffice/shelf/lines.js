// Lines of goods with a quantity each, as the pages that receive and count them show them.
// `least`: the smallest quantity; null stands for one that was not said yet.
"use strict";

window.Shelf = (() => {
  const { config, texts, part, said, readMeasure, shownMeasure } = Counter;
  const { make, fill } = Desk;

  const isMeasured = (item) => item.unit !== "piece";

  const small = (sign, label, work) =>
    make(
      "button", { type: "button", class: "counter-small", "aria-label": label, title: label, on: { click: work } },
      Desk.icon(sign),
    );

  const readCount = (typed, line, least) => {
    const text = typed.trim();
    if (least === 0 && /^0+$/.test(text)) return 0;
    if (isMeasured(line)) return readMeasure(text, line.unit);
    return /^\d{1,7}$/.test(text) && Number(text) >= least && Number(text) <= config.mostPieces ? Number(text) : null;
  };

  // `change(line, quantity, fault)` and `remove(line)` are the page's own.
  const table = ({ least, lines, change, remove, under }) => {
    const list = part("lines");
    let drawing = false;

    const wanted = (line) => {
      if (!isMeasured(line)) return said("pieces_wanted", { most: config.mostPieces });
      return texts[line.unit === "g" ? "weight_wanted" : "volume_wanted"];
    };
    const shown = (line) => {
      if (line.typed) return line.typed;
      if (line.quantity === null) return "";
      return isMeasured(line) && line.quantity ? shownMeasure(line.quantity, line.unit) : String(line.quantity);
    };

    const field = (line) => {
      const measured = isMeasured(line);
      const label = measured ? (line.unit === "g" ? "weight_of" : "volume_of") : "quantity_of";
      const input = make("input", {
        class: measured ? "counter-measure" : "counter-count", inputmode: measured ? "decimal" : "numeric", value: shown(line),
        placeholder: measured ? texts[line.unit === "g" ? "weight_example" : "volume_example"] : null,
        "aria-label": said(label, { name: line.name }),
      });
      const settle = () => {
        if (drawing || !input.isConnected || input.value === shown(line)) return;
        const quantity = readCount(input.value, line, least);
        const fault = quantity === null && input.value.trim() ? wanted(line) : null;
        line.typed = fault ? input.value : "";
        input.defaultValue = input.value;
        change(line, quantity, fault);
      };
      // What was typed before a redraw is no change to a browser when the field is left.
      input.addEventListener("change", settle);
      input.addEventListener("blur", settle);
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        settle();
        if (line.quantity !== null && !line.fault) Counter.focusSearch();
      });
      return input;
    };

    const stepper = (line) => {
      const step = (by) => {
        const next = (line.quantity ?? 0) + by;
        if (next < least || next > config.mostPieces) return;
        line.typed = "";
        change(line, next, null);
      };
      return make(
        "span", { class: "counter-stepper" },
        small("remove", said("one_less", { name: line.name }), () => step(-1)), field(line),
        small("add", said("one_more", { name: line.name }), () => step(1)),
      );
    };

    const row = (line) =>
      make(
        "li",
        { class: `counter-line${line.fault ? " is-wrong" : ""}${line.quantity === null ? " is-open" : ""}`, "data-line": line.sku },
        make("span", { class: "counter-what" }, make("strong", {}, line.name), make("small", {}, under(line))),
        make(
          "span", { class: "counter-controls" }, isMeasured(line) ? field(line) : stepper(line),
          small("close", said("take_off", { name: line.name }), () => { remove(line); Counter.focusSearch(); }),
        ),
        line.fault ? make("p", { class: "counter-fault", role: "alert" }, line.fault) : null,
        ...(line.choices || []).map(([text, work]) => Desk.button("done", text, work)),
      );

    const fieldOf = (sku) => list.querySelector(`[data-line="${CSS.escape(sku)}"] input`);

    // What a person is typing into keeps the focus, what they have typed so far, and where they are in it.
    const draw = () => {
      const active = document.activeElement;
      const at = active?.closest?.("[data-line]")?.dataset.line;
      const typing = at && active.matches("input") ? placeIn(active) : null;
      const step = at && active.classList.contains("counter-small") ? active.getAttribute("aria-label") : null;
      drawing = true;
      fill(list, ...lines().map(row));
      drawing = false;
      part("empty").hidden = lines().length > 0;
      if (!at) return;
      if (step) [...list.querySelectorAll(`[data-line="${CSS.escape(at)}"] .counter-small`)].find((one) => one.getAttribute("aria-label") === step)?.focus();
      else resume(fieldOf(at), typing);
    };

    const placeIn = ({ value, defaultValue, selectionStart, selectionEnd }) =>
      ({ value, edited: value !== defaultValue, selection: [selectionStart, selectionEnd] });

    const resume = (input, typing) => {
      if (!input) return;
      if (typing?.edited) input.value = typing.value;
      input.focus();
      if (input.value === typing?.value) input.setSelectionRange(...typing.selection);
    };

    const ask = (sku) => {
      const input = fieldOf(sku);
      input?.focus();
      input?.select();
    };

    return { draw, ask };
  };

  return { isMeasured, table };
})();
