import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { sending } from "../forms";
import { t } from "../language";
import { wantsPassword } from "../own";
import { w } from "../words";
import { Field } from "./field";
import { Failure } from "./notices";

interface Asked<Answer> {
  text: string;
  /** What it is called for whoever does not see what it stands beside. */
  label?: string;
  /** What the button says once the password is typed. */
  sure?: string;
  tone?: "button" | "link" | "button is-danger";
  /** Always ask first, for what cannot be undone. */
  isGrave?: boolean;
  act: (password: string) => Promise<Answer>;
  onDone?: (answer: Answer) => void;
}

/** A button for what the shop does only for whoever typed the password a moment ago: it is asked for when it is. */
export function Proved<Answer>({ text, label, sure, tone = "button", isGrave = false, act, onDone }: Asked<Answer>) {
  const [password, setPassword] = useState("");
  const [isAsked, ask] = useState(false);
  const acting = useMutation({
    mutationFn: act,
    onSuccess: (answer) => {
      ask(false);
      setPassword("");
      onDone?.(answer);
    },
    onError: (problem) => {
      if (wantsPassword(problem)) ask(true);
    },
  });
  if (!isAsked)
    return (
      <>
        <button
          type="button"
          className={tone}
          aria-label={label}
          disabled={acting.isPending}
          onClick={() => (isGrave ? ask(true) : acting.mutate(""))}
        >
          {text}
        </button>
        <Failure problem={acting.error} />
      </>
    );
  const submit = sending(acting, () => acting.mutate(password));
  return (
    <form className="proof" onSubmit={submit}>
      <Field
        label={w("password.again")}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        required
      />
      <Failure problem={wantsPassword(acting.error) ? null : acting.error} asSaid />
      <p className="actions">
        <button type="submit" className={isGrave ? "button is-danger" : "button is-main"} disabled={acting.isPending}>
          {sure ?? text}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            acting.reset();
            setPassword("");
            ask(false);
          }}
        >
          {t("back")}
        </button>
      </p>
    </form>
  );
}
