import { answered } from "@balcao/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { wrongAt } from "../checkout";
import { problemOf, sending } from "../forms";
import { t } from "../language";
import { Field } from "../parts/field";
import { Failure, Notice } from "../parts/notices";
import { useTitle } from "../parts/title";
import { api } from "../shop";
import { w } from "../words";

/** Ask for the letter with which a new password is chosen. Whether there is such an account, nobody is told. */
export default function Forgotten() {
  useTitle(w("forgotten"));
  const [email, setEmail] = useState("");
  const asking = useMutation({
    mutationFn: () => answered(api.POST("/api/v1/auth/password-reset/", { body: { email: email.trim() } })),
  });
  const wrong = wrongAt(problemOf(asking.error), "/email");
  const submit = sending(asking, () => asking.mutate());
  return (
    <form className="checkout" onSubmit={submit}>
      <h1>{w("forgotten")}</h1>
      {asking.isSuccess ? (
        <Notice>
          <p>{w("forgotten.sent", { email: email.trim() })}</p>
        </Notice>
      ) : (
        <>
          <p>{w("forgotten.text")}</p>
          <Field
            label={t("checkout.email")}
            type="email"
            value={email}
            onChange={setEmail}
            autoComplete="username"
            required
            wrong={wrong}
          />
          <Failure problem={wrong ? null : asking.error} />
          <button type="submit" className="button is-main is-wide" disabled={asking.isPending}>
            {w("forgotten.send")}
          </button>
        </>
      )}
      <p className="actions">
        <Link href="/entrar" className="link">
          {t("sign_in")}
        </Link>
      </p>
    </form>
  );
}
