import { Refused } from "@balcao/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { choosePassword } from "../account";
import { wrongAt } from "../checkout";
import { problemOf, sending } from "../forms";
import { t } from "../language";
import { forgetProof, proofOf } from "../links";
import { Field } from "../parts/field";
import { Failure, Notice } from "../parts/notices";
import { useTitle } from "../parts/title";
import { w } from "../words";

const PAGE = "password";

/** Choose a new password by the link of a letter, which is good once and for an hour. */
export default function NewPassword() {
  useTitle(w("chosen"));
  const [token] = useState(() => proofOf(PAGE));
  const [password, setPassword] = useState("");
  const choosing = useMutation({
    mutationFn: (token: string) => choosePassword(token, password),
    onSuccess: () => forgetProof(PAGE),
  });
  const isOver = token === null || (choosing.error instanceof Refused && choosing.error.code === "invalid_token");
  const wrong = wrongAt(problemOf(choosing.error), "/password");
  const submit = sending(choosing, () => token !== null && choosing.mutate(token));
  return (
    <form className="checkout" onSubmit={submit}>
      <h1>{w("chosen")}</h1>
      {choosing.isSuccess ? (
        <>
          <Notice>
            <p>{w("chosen.done")}</p>
          </Notice>
          <Link href="/entrar" className="button is-main is-wide">
            {t("sign_in")}
          </Link>
        </>
      ) : isOver ? (
        <>
          <Notice tone="bad">
            <p>{w("chosen.over")}</p>
          </Notice>
          <Link href="/esqueci-a-senha" className="button is-main is-wide">
            {w("chosen.again")}
          </Link>
        </>
      ) : (
        <>
          <Field
            label={w("password.new")}
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="new-password"
            hint={t("sign_in.password.hint")}
            required
            wrong={wrong}
          />
          <Failure problem={wrong ? null : choosing.error} />
          <button type="submit" className="button is-main is-wide" disabled={choosing.isPending}>
            {w("chosen.save")}
          </button>
        </>
      )}
    </form>
  );
}
