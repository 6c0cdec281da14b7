// A Pix of which its gateway tells: its code is shown, and the page asks how it stands until it is sold or given up. The
// sale is kept as it was sent, so a reload goes on waiting.
"use strict";

Counter.awaiting = (() => {
  const { config, texts, ask, part, said, cents, money, draft, pay } = Counter;
  const { make, fill } = Desk;
  const PAUSE = 2000;
  const dialog = Desk.dialog("counter-await");
  const body = part("body", dialog);
  const give = part("give-up", dialog);
  const refusal = part("refusal", dialog);
  let timer;
  let shown = null;
  let waiting = false;

  const address = () => config.urls.awaited.replace("ID", draft.get().key);
  const clock = (time) => {
    const left = Math.max(0, Math.round((Date.parse(time) - Date.now()) / 1000));
    return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  };
  const refuse = (text) => {
    refusal.hidden = !text;
    refusal.textContent = text || "";
  };

  // Without https a browser has no clipboard, but it copies what is selected.
  const copySelected = (text) => {
    const field = make("textarea", { readonly: true }, text);
    dialog.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };
  const copy = async (text) => {
    const done = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => copySelected(text)) : copySelected(text);
    if (done) Counter.toast(texts.copied);
  };
  const draw = (state) => {
    part("amount", dialog).textContent = money(cents(state.amount));
    part("left", dialog).textContent = said("pix_until", { time: clock(state.until) });
    if (shown === state.text) return;
    shown = state.text;
    fill(
      body,
      state.image ? make("img", { src: state.image, alt: said("pix_code", { amount: money(cents(state.amount)) }), width: "260", height: "260" }) : make("p", { class: "desk-hint" }, texts.loading),
      state.text ? Desk.button("content_copy", texts.copy_pix, () => copy(state.text)) : null,
    );
  };

  const leave = () => {
    clearTimeout(timer);
    waiting = false;
    if (dialog.open) dialog.close();
    draft.mark(null);
  };

  // A draft that was given up is sold under another key: the old one belongs to what was called off. Nobody touches it
  // before its parked sale is known as it is now; paid as it was, it would be refused.
  const again = async () => {
    give.disabled = true;
    const parked = await Counter.asParked();
    leave();
    draft.set({ key: Desk.freshKey(), ...parked });
    Counter.today();
  };

  const judge = async (state) => {
    if (state.status === "waiting") {
      draw(state);
      timer = setTimeout(look, PAUSE);
    } else if (state.status === "sold") {
      leave();
      pay.done(state.sold);
    } else {
      await again();
      Counter.toast(texts.pix_ended, true);
    }
  };

  const look = async () => {
    const answer = await ask(address());
    if (!draft.locked()) return;
    refuse(answer.ok ? null : Counter.sentences(answer.problem)[0]);
    if (answer.ok) judge(answer.data);
    else timer = setTimeout(look, PAUSE);
  };

  const send = async (sent) => {
    draft.mark(sent);
    const { answer, unsure } = await pay.insist(config.urls.await, sent);
    if (unsure) return pay.unknown(() => send(sent));
    if (!answer.ok) return refused(answer.problem, sent);
    return show(answer.data);
  };

  // What was refused just now may wait, or be sold, since an earlier try: a sale is offered again only if it does not.
  const refused = async (problem, sent) => {
    const stands = await ask(address());
    if (stands.ok && stands.data.status !== "given_up") return show(stands.data);
    if (!stands.ok && stands.problem.code !== "not_found") return pay.unknown(() => send(sent));
    await again();
    return pay.refused(problem);
  };

  const show = (state) => {
    document.getElementById("counter-pay").close();
    shown = null;
    refuse(null);
    give.disabled = false;
    waiting = true;
    if (!dialog.open) dialog.showModal();
    return judge(state);
  };

  give.addEventListener("click", async () => {
    give.disabled = true;
    clearTimeout(timer);
    const answer = await ask(address(), { method: "DELETE" });
    give.disabled = false;
    if (answer.ok) return judge(answer.data);
    refuse(Counter.sentences(answer.problem)[0]);
    timer = setTimeout(look, PAUSE);
    return null;
  });
  // While it waits nothing else can be done with this sale; the dialog closes when it ends, and not by a touch beside it.
  dialog.addEventListener("cancel", (event) => { if (waiting) event.preventDefault(); });
  dialog.addEventListener("close", () => { if (waiting) dialog.showModal(); });

  return { send };
})();
