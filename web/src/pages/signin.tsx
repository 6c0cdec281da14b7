import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Redirect } from "wouter";

import type { Challenge } from "../account";
import { answerWithCode, answerWithPasskey, canUsePasskey, register, signIn, useIsSignedIn } from "../account";
import { wrongAt } from "../checkout";
import { problemOf, sending } from "../forms";
import { t } from "../language";
import { Field } from "../parts/field";
import { Failure } from "../parts/notices";
import { Unanswered } from "../parts/passkeys";
import { useTitle } from "../parts/title";
import { w } from "../words";

export default function SignIn() {
  const isSignedIn = useIsSignedIn();
  const [isNew, setNew] = useState(false);
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  useTitle(t("sign_in"));
  if (isSignedIn) return <Redirect to="/minha-conta" replace />;
  if (challenge !== null) return <SecondStep challenge={challenge} />;
  return <Form isNew={isNew} onOther={() => setNew(!isNew)} onChallenge={setChallenge} />;
}

interface Asked {
  isNew: boolean;
  onOther: () => void;
  onChallenge: (challenge: Challenge | null) => void;
}

function Form({ isNew, onOther, onChallenge }: Asked) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const entering = useMutation({
    mutationFn: async () => {
      if (isNew) await register(name.trim(), email.trim(), password);
      else onChallenge(await signIn(email.trim(), password));
    },
  });
  const submit = sending(entering, () => entering.mutate());
  const problem = problemOf(entering.error);
  return (
    <form className="checkout" onSubmit={submit}>
      <h1>{isNew ? t("sign_in.new") : t("sign_in")}</h1>
      {isNew && (
        <Field
          label={t("checkout.name")}
          value={name}
          onChange={setName}
          autoComplete="name"
          required
          wrong={wrongAt(problem, "/name")}
        />
      )}
      <Field
        label={t("checkout.email")}
        type="email"
        value={email}
        onChange={setEmail}
        autoComplete="username"
        required
        wrong={wrongAt(problem, "/email")}
      />
      <Field
        label={t("sign_in.password")}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete={isNew ? "new-password" : "current-password"}
        required
        {...(isNew ? { hint: t("sign_in.password.hint") } : {})}
        wrong={wrongAt(problem, "/password")}
      />
      <Failure problem={entering.error} />
      <button type="submit" className="button is-main is-wide" disabled={entering.isPending}>
        {isNew ? t("sign_in.new") : t("sign_in")}
      </button>
      <p className="actions">
        <button
          type="button"
          className="link"
          onClick={() => {
            entering.reset();
            onOther();
          }}
        >
          {isNew ? t("sign_in.has_account") : t("sign_in.new")}
        </button>
        <Link className="link" href="/esqueci-a-senha">
          {t("sign_in.forgotten")}
        </Link>
      </p>
    </form>
  );
}

function SecondStep({ challenge }: { challenge: Challenge }) {
  const [code, setCode] = useState("");
  const answering = useMutation({
    mutationFn: (way: "code" | "passkey") =>
      way === "code" ? answerWithCode(challenge.challenge, code.trim()) : answerWithPasskey(challenge),
  });
  const submit = sending(answering, () => answering.mutate("code"));
  return (
    <form className="checkout" onSubmit={submit}>
      <h1>{t("sign_in.second")}</h1>
      {canUsePasskey(challenge) && (
        <button type="button" className="button is-wide" onClick={() => answering.mutate("passkey")}>
          {t("sign_in.passkey")}
        </button>
      )}
      <Field
        label={t("sign_in.code")}
        hint={t("sign_in.code.hint")}
        value={code}
        onChange={setCode}
        autoComplete="one-time-code"
        required
      />
      <Unanswered problem={answering.error} text={w("security.passkey.unused")} />
      <button type="submit" className="button is-main is-wide" disabled={answering.isPending}>
        {t("sign_in")}
      </button>
    </form>
  );
}
