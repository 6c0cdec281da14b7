import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { wrongAt } from "../../checkout";
import { problemOf, sending, typedOver } from "../../forms";
import { t } from "../../language";
import type { Address, AddressDraft } from "../../own";
import { addAddress, addresses, changeAddress, lookUp, removeAddress } from "../../own";
import { Field } from "../../parts/field";
import { Failure, Loading, Trouble } from "../../parts/notices";
import { OwnPage } from "../../parts/own";
import { w } from "../../words";

export default function Addresses() {
  return (
    <OwnPage title={w("addresses")}>
      <h1>{w("addresses")}</h1>
      <All />
    </OwnPage>
  );
}

function All() {
  const query = useQuery(addresses());
  const [edited, edit] = useState<Address | "new" | null>(null);
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const found = query.data.results;
  if (edited !== null) return <Form address={edited === "new" ? null : edited} onDone={() => edit(null)} />;
  return (
    <>
      {found.length === 0 && <p>{w("address.none")}</p>}
      <ul className="lines">
        {found.map((one) => (
          <li key={one.id}>
            <Kept address={one} onEdit={() => edit(one)} />
          </li>
        ))}
      </ul>
      <p className="actions">
        <button type="button" className="button is-main" onClick={() => edit("new")}>
          {w("address.add")}
        </button>
      </p>
    </>
  );
}

function Kept({ address, onEdit }: { address: Address; onEdit: () => void }) {
  const [isAsked, ask] = useState(false);
  const removing = useMutation({ mutationFn: () => removeAddress(address.id) });
  const { label, street, number, complement, district, city, state, postal_code } = address;
  return (
    <div className="kept">
      {(label || address.is_default) && (
        <p>
          <strong>{label || w("address.default")}</strong>
          {label && address.is_default && <span className="soft"> · {w("address.default")}</span>}
        </p>
      )}
      <p>
        {street}, {number}
        {complement && ` – ${complement}`}
        <br />
        {district}, {city} – {state}, {postal_code.replace(/(\d{5})(\d{3})/, "$1-$2")}
      </p>
      {isAsked ? (
        <p className="actions">
          <span>{w("address.remove.sure")}</span>
          <button type="button" className="button is-danger" disabled={removing.isPending} onClick={() => removing.mutate()}>
            {w("address.remove")}
          </button>
          <button type="button" className="button" onClick={() => ask(false)}>
            {w("cancel")}
          </button>
        </p>
      ) : (
        <p className="actions">
          <button type="button" className="link" onClick={onEdit}>
            {w("address.edit")}
          </button>
          <button type="button" className="link" onClick={() => ask(true)}>
            {w("address.remove")}
          </button>
        </p>
      )}
      <Failure problem={removing.error} />
    </div>
  );
}

const EMPTY = {
  label: "",
  postal_code: "",
  street: "",
  number: "",
  complement: "",
  district: "",
  city: "",
  state: "",
  is_default: false,
};

const AUTOFILL = {
  postal_code: "postal-code",
  street: "address-line1",
  complement: "address-line2",
  district: "address-level3",
  city: "address-level2",
  state: "address-level1",
} as const;

const FIELDS = ["postal_code", "street", "number", "complement", "district", "city", "state", "label"] as const;
const OPTIONAL: readonly string[] = ["label", "complement"];

function Form({ address, onDone }: { address: Address | null; onDone: () => void }) {
  const [shown] = useState<typeof EMPTY>(() => (address ? { ...EMPTY, ...pick(address) } : EMPTY));
  const [draft, setDraft] = useState(shown);
  const write = (part: Partial<typeof EMPTY>) => setDraft((before) => ({ ...before, ...part }));
  const saving = useMutation({
    mutationFn: () =>
      address ? changeAddress(address.id, typedOver(draft, shown) as Partial<AddressDraft>) : addAddress(draft as AddressDraft),
    onSuccess: onDone,
  });
  // What cannot be looked up is typed; nobody is told of that.
  const looking = useMutation({
    mutationFn: lookUp,
    onSuccess: ({ street, district, city, state }) =>
      setDraft((before) => ({
        ...before,
        street: before.street || street,
        district: before.district || district,
        city: before.city || city,
        state: before.state || state,
      })),
  });
  const problem = problemOf(saving.error);
  const submit = sending(saving, () => saving.mutate());
  return (
    <form className="checkout" onSubmit={submit}>
      {FIELDS.map((name) => (
        <Field
          key={name}
          label={w(`address.${name}`)}
          value={draft[name]}
          required={!OPTIONAL.includes(name)}
          wrong={wrongAt(problem, `/${name}`)}
          {...(name in AUTOFILL ? { autoComplete: AUTOFILL[name as keyof typeof AUTOFILL] } : {})}
          {...(name === "postal_code" ? { inputMode: "numeric" as const } : {})}
          onChange={(value) => {
            write({ [name]: name === "state" ? value.toUpperCase() : value });
            const digits = value.replace(/\D/g, "");
            if (name === "postal_code" && digits.length === 8) looking.mutate(digits);
          }}
        />
      ))}
      <label className="pick">
        <input
          type="checkbox"
          checked={draft.is_default}
          onChange={(event) => write({ is_default: event.target.checked })}
        />
        <span>{w("address.is_default")}</span>
      </label>
      <Failure problem={saving.error} />
      <p className="actions">
        <button type="submit" className="button is-main" disabled={saving.isPending}>
          {w("data.save")}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {t("back")}
        </button>
      </p>
    </form>
  );
}

function pick(address: Address): typeof EMPTY {
  return Object.fromEntries(Object.keys(EMPTY).map((name) => [name, address[name as keyof Address]])) as typeof EMPTY;
}
