import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { wrongAt } from "../../checkout";
import { problemOf, sending } from "../../forms";
import { moment, t } from "../../language";
import type { NewApp } from "../../own";
import {
  beginApp,
  changePassword,
  confirmApp,
  endOtherSessions,
  endSession,
  factors,
  removeApp,
  renewCodes,
  sessions,
} from "../../own";
import { Field } from "../../parts/field";
import { Failure, Loading, Notice, Trouble } from "../../parts/notices";
import { OwnPage } from "../../parts/own";
import { Passkeys } from "../../parts/passkeys";
import { Proved } from "../../parts/proved";
import { profile } from "../../shop";
import { w } from "../../words";

export default function Security() {
  return (
    <OwnPage title={w("security")}>
      <h1>{w("security")}</h1>
      <SecondStep />
      <Sessions />
      <Password />
    </OwnPage>
  );
}

function SecondStep() {
  const query = useQuery(factors());
  const [app, setApp] = useState<NewApp | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const { app: hasApp, passkeys, passkeys_work, recovery_codes_left } = query.data;
  const isOn = hasApp || passkeys.length > 0;
  if (codes.length > 0) return <Codes codes={codes} onStored={() => setCodes([])} />;
  if (app !== null)
    return (
      <SetUp
        app={app}
        onBack={() => setApp(null)}
        onDone={(found) => {
          setApp(null);
          setCodes(found);
        }}
      />
    );
  return (
    <section className="step">
      <h2>{w("security.app")}</h2>
      <p>{hasApp ? w("security.app.on") : w("security.app.off")}</p>
      {hasApp ? (
        <Proved text={w("security.app.remove")} act={removeApp} />
      ) : (
        <Proved text={w("security.app.set_up")} act={beginApp} onDone={setApp} />
      )}
      {isOn && (
        <>
          <h2>{w("security.codes")}</h2>
          <p>{w("security.codes.left", { count: recovery_codes_left })}</p>
          <Proved text={w("security.codes.new")} act={renewCodes} onDone={setCodes} />
        </>
      )}
      <Passkeys found={passkeys} work={passkeys_work} onMade={setCodes} />
    </section>
  );
}

interface SetUpShown {
  app: NewApp;
  onBack: () => void;
  onDone: (codes: string[]) => void;
}

function SetUp({ app, onBack, onDone }: SetUpShown) {
  const [code, setCode] = useState("");
  const confirming = useMutation({ mutationFn: () => confirmApp(app.sealed, code.trim()), onSuccess: onDone });
  const problem = problemOf(confirming.error);
  const wrong = wrongAt(problem, "/code");
  const submit = sending(confirming, () => confirming.mutate());
  return (
    <form className="step" onSubmit={submit}>
      <h2>{w("security.app")}</h2>
      <Picture svg={app.qr_svg} alt={w("security.app.qr")} />
      <p>{w("security.app.scan", { secret: app.secret })}</p>
      <p>
        <a className="link" href={app.otpauth_url}>
          {w("security.app.open")}
        </a>
      </p>
      <Field
        label={w("security.app.code")}
        value={code}
        onChange={setCode}
        autoComplete="one-time-code"
        inputMode="numeric"
        required
        wrong={wrong}
      />
      <Failure problem={wrong ? null : confirming.error} />
      <p className="actions">
        <button type="submit" className="button is-main" disabled={confirming.isPending}>
          {w("security.app.confirm")}
        </button>
        <button type="button" className="button" onClick={onBack}>
          {t("back")}
        </button>
      </p>
    </form>
  );
}

function Picture({ svg, alt }: { svg: string; alt: string }) {
  return <img className="qr" src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={alt} width={220} height={220} />;
}

function Codes({ codes, onStored }: { codes: string[]; onStored: () => void }) {
  return (
    <section className="step">
      <h2>{w("security.codes")}</h2>
      <p>{w("security.codes.shown")}</p>
      <ol className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <button type="button" className="button is-main" onClick={onStored}>
        {w("security.codes.stored")}
      </button>
    </section>
  );
}

function Sessions() {
  const query = useQuery(sessions());
  const zone = useQuery(profile()).data?.timezone;
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined || zone === undefined) return <Loading />;
  const found = query.data.results;
  return (
    <section className="step">
      <h2>{w("sessions")}</h2>
      <ul className="lines">
        {found.map((one) => (
          <li key={one.id}>
            <div className="kept">
              <p>
                <strong>{one.program}</strong>
                {one.door === "desk" && ` · ${w("sessions.desk")}`}
                {one.current && ` · ${w("sessions.own")}`}
                <br />
                <span className="soft">
                  {one.address} · {w("sessions.seen", { when: moment(one.seen_at ?? one.created_at, zone) })}
                </span>
              </p>
              {!one.current && (
                <Proved
                  text={w("sessions.end")}
                  label={w("sessions.end.named", { name: one.program })}
                  tone="link"
                  act={(password) => endSession(one.id, password)}
                />
              )}
            </div>
          </li>
        ))}
      </ul>
      {found.length > 1 && <Proved text={w("sessions.end_others")} act={endOtherSessions} />}
    </section>
  );
}

function Password() {
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const changing = useMutation({
    mutationFn: () => changePassword(current, fresh),
    onSuccess: () => {
      setCurrent("");
      setFresh("");
    },
  });
  const problem = problemOf(changing.error);
  const wrong = wrongAt(problem, "/new");
  const submit = sending(changing, () => changing.mutate());
  return (
    <form className="step" onSubmit={submit}>
      <h2>{w("password.change")}</h2>
      <Field
        label={w("password.current")}
        type="password"
        value={current}
        onChange={setCurrent}
        autoComplete="current-password"
        required
      />
      <Field
        label={w("password.new")}
        type="password"
        value={fresh}
        onChange={setFresh}
        autoComplete="new-password"
        hint={t("sign_in.password.hint")}
        required
        wrong={wrong}
      />
      {changing.isSuccess && (
        <Notice>
          <p>{w("password.changed")}</p>
        </Notice>
      )}
      <Failure problem={wrong ? null : changing.error} asSaid />
      <button type="submit" className="button" disabled={changing.isPending}>
        {w("password.change")}
      </button>
    </form>
  );
}
