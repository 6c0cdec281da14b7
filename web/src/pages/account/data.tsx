import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { closeAccount, me } from "../../account";
import { wrongAt } from "../../checkout";
import { problemOf, sending, typedOver } from "../../forms";
import { day, t } from "../../language";
import { download, everything, saveProfile } from "../../own";
import { Field } from "../../parts/field";
import { Failure, Loading, Notice, Trouble } from "../../parts/notices";
import { OwnPage } from "../../parts/own";
import { Proved } from "../../parts/proved";
import { profile } from "../../shop";
import { w } from "../../words";

export default function Data() {
  return (
    <OwnPage title={w("data")}>
      <h1>{w("data")}</h1>
      <Whole />
    </OwnPage>
  );
}

function Whole() {
  const who = useQuery(me());
  const zone = useQuery(profile()).data?.timezone;
  if (who.isLoadingError) return <Trouble problem={who.error} again={() => void who.refetch()} />;
  if (who.data === undefined || zone === undefined) return <Loading />;
  return (
    <>
      <Person key={who.data.id} {...who.data} />
      <Email email={who.data.email} />
      <section className="step">
        <h2>{w("data.kept")}</h2>
        <p>{w("data.kept.text")}</p>
        <p className="soft">{w("data.joined", { when: day(who.data.joined_at, zone) })}</p>
        <Export />
      </section>
      <section className="step">
        <h2>{w("data.close")}</h2>
        <p>{w("data.close.text")}</p>
        <Proved
          text={w("data.close")}
          sure={w("data.close.sure")}
          isGrave
          act={closeAccount}
        />
      </section>
    </>
  );
}

interface Told {
  name: string;
  phone: string | null;
  document: string | null;
}

function Person({ name, phone, document }: Told) {
  const [shown, show] = useState({ name, phone: phone ?? "", document: document ?? "" });
  const [draft, setDraft] = useState(shown);
  const saving = useMutation({
    mutationFn: (typed: typeof shown) => saveProfile(typedOver(typed, shown)),
    onSuccess: (_answer, typed) => show(typed),
  });
  const problem = problemOf(saving.error);
  const submit = sending(saving, () => saving.mutate(draft));
  const field = (part: keyof typeof draft) => ({
    value: draft[part],
    wrong: wrongAt(problem, `/${part}`),
    onChange: (value: string) => setDraft((before) => ({ ...before, [part]: value })),
  });
  return (
    <form className="step" onSubmit={submit}>
      <Field label={t("checkout.name")} {...field("name")} autoComplete="name" required />
      <Field label={w("data.phone")} {...field("phone")} type="tel" autoComplete="tel" />
      <Field label={w("data.document")} {...field("document")} inputMode="numeric" />
      {saving.isSuccess && (
        <Notice>
          <p>{w("data.changed")}</p>
        </Notice>
      )}
      <Failure problem={saving.error} />
      <button type="submit" className="button is-main" disabled={saving.isPending}>
        {w("data.save")}
      </button>
    </form>
  );
}

function Email({ email }: { email: string }) {
  const [fresh, setFresh] = useState("");
  const [password, setPassword] = useState("");
  const changing = useMutation({
    mutationFn: (email: string) => saveProfile({ email, password }),
    onSuccess: () => setPassword(""),
  });
  const problem = problemOf(changing.error);
  const submit = sending(changing, () => changing.mutate(fresh.trim()));
  return (
    <section className="step">
      <h2>{w("data.email")}</h2>
      <p>{email}</p>
      {changing.isSuccess && (
        <Notice>
          <p>{w("data.email.asked", { email: changing.variables })}</p>
        </Notice>
      )}
      <details>
        <summary>{w("data.email.change")}</summary>
        <form onSubmit={submit}>
          <Field
            label={w("data.email.new")}
            type="email"
            value={fresh}
            onChange={setFresh}
            autoComplete="email"
            required
            wrong={wrongAt(problem, "/email")}
          />
          <Field
            label={t("sign_in.password")}
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
            required
          />
          <Failure problem={changing.error} asSaid />
          <button type="submit" className="button" disabled={changing.isPending}>
            {w("data.email.change")}
          </button>
        </form>
      </details>
    </section>
  );
}

function Export() {
  const collecting = useMutation({
    mutationFn: everything,
    onSuccess: (found) => download("meus-dados.json", found),
  });
  return (
    <>
      <p>{w("data.export.text")}</p>
      <button type="button" className="button" disabled={collecting.isPending} onClick={() => collecting.mutate()}>
        {collecting.isPending ? w("data.export.running") : w("data.export")}
      </button>
      <Failure problem={collecting.error} />
    </>
  );
}
