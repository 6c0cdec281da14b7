import type { Schemas } from "@balcao/client";
import { Refused, Unreachable } from "@balcao/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { wrongAt } from "../checkout";
import { problemOf, sending } from "../forms";
import { day, t } from "../language";
import type { NewPasskey } from "../own";
import { beginPasskey, canMakePasskey, makePasskey, removePasskey } from "../own";
import { profile } from "../shop";
import { w } from "../words";
import { Field } from "./field";
import { Failure, Notice } from "./notices";
import { Proved } from "./proved";

interface Shown {
  found: Schemas["PasskeyResponse"][];
  /** Whether the shop's address is one at which passkeys can be made. */
  work: boolean;
  /** Is told the recovery codes that came with the first one. */
  onMade: (codes: string[]) => void;
}

/** One's passkeys: which there are, making one on this device, taking one away. */
export function Passkeys({ found, work, onMade }: Shown) {
  const zone = useQuery(profile()).data?.timezone;
  const [begun, begin] = useState<NewPasskey | null>(null);
  return (
    <>
      <h2>{w("security.passkeys")}</h2>
      <p>{w("security.passkeys.text")}</p>
      {found.length > 0 && zone !== undefined && (
        <ul className="lines">
          {found.map((one) => (
            <li key={one.id}>
              <div className="kept">
                <p>
                  <strong>{one.name}</strong>
                  <br />
                  <span className="soft">
                    {one.last_used_at
                      ? w("security.passkey.used", { when: day(one.last_used_at, zone) })
                      : w("security.passkey.made", { when: day(one.created_at, zone) })}
                  </span>
                </p>
                <Proved
                  text={w("security.passkey.remove")}
                  label={w("security.passkey.remove.named", { name: one.name })}
                  tone="link"
                  act={(password) => removePasskey(one.id, password)}
                />
              </div>
            </li>
          ))}
        </ul>
      )}
      {!work || !canMakePasskey() ? (
        <p className="soft">{w("security.passkey.unable")}</p>
      ) : begun === null ? (
        <Proved text={w("security.passkey.new")} act={beginPasskey} onDone={begin} />
      ) : (
        <Making
          begun={begun}
          onBack={() => begin(null)}
          onMade={(codes) => {
            begin(null);
            onMade(codes);
          }}
        />
      )}
    </>
  );
}

interface Begun {
  begun: NewPasskey;
  onBack: () => void;
  onMade: (codes: string[]) => void;
}

function Making({ begun, onBack, onMade }: Begun) {
  const [name, setName] = useState("");
  const making = useMutation({ mutationFn: () => makePasskey(begun, name.trim()), onSuccess: onMade });
  const submit = sending(making, () => making.mutate());
  const wrong = wrongAt(problemOf(making.error), "/name");
  return (
    <form className="proof" onSubmit={submit}>
      <Field
        label={w("security.passkey.name")}
        hint={w("security.passkey.name.hint")}
        value={name}
        onChange={setName}
        maxLength={64}
        required
        wrong={wrong}
      />
      {wrong ? null : <Unanswered problem={making.error} text={w("security.passkey.refused")} />}
      <p className="actions">
        <button type="submit" className="button is-main" disabled={making.isPending}>
          {w("security.passkey.make")}
        </button>
        <button type="button" className="button" onClick={onBack}>
          {t("back")}
        </button>
      </p>
    </form>
  );
}

/** What the shop refused, or in a text of ours that the device did: who is asked for a finger may say no. */
export function Unanswered({ problem, text }: { problem: unknown; text: string }) {
  if (problem === null || problem instanceof Refused || problem instanceof Unreachable)
    return <Failure problem={problem} asSaid />;
  return (
    <Notice tone="bad">
      <p>{text}</p>
    </Notice>
  );
}
