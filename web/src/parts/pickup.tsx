import type { Problem } from "@balcao/client";

import type { Draft } from "../draft";
import { clock, dayKey, refusalText, t } from "../language";
import type { Profile, Quote } from "../shop";
import { whatsapp } from "../shop";
import { Field } from "./field";
import { Notice } from "./notices";
import { DayChoice } from "./times";

interface Choice {
  windows: Quote["pickup_windows"];
  shop: Profile;
  draft: Draft;
  /** That the time which was chosen, or any at all, cannot be had. */
  refused: Problem | null;
  onChange: (part: Partial<Draft>) => void;
}

/** When somebody picks the goods up: the first time there is, or a day and one of its times. */
export function PickupChoice({ windows, shop, draft, refused, onChange }: Choice) {
  const zone = shop.timezone;
  if (refused !== null && refused.earliest === null) return <NoPickup shop={shop} />;
  const first = windows[0];
  const chosen = windows.find((one) => one.starts_at === draft.pickupAt) ?? first;
  const day = chosen && dayKey(chosen.starts_at, zone);
  return (
    <fieldset className="step">
      <legend>{t("checkout.pickup")}</legend>
      {refused && (
        <Notice tone="bad">
          <p>{refusalText("pickup_unavailable")}</p>
          <button type="button" className="button" onClick={() => onChange({ pickupAt: "" })}>
            {t("checkout.pickup.first")}
          </button>
        </Notice>
      )}
      <div className="pair">
        <DayChoice windows={windows} zone={zone} day={day ?? ""} onChoose={(pickupAt) => onChange({ pickupAt })} />
        <label className="field">
          <span>{t("checkout.pickup.time")}</span>
          <select value={chosen?.starts_at ?? ""} onChange={(event) => onChange({ pickupAt: event.target.value })}>
            {windows
              .filter((one) => dayKey(one.starts_at, zone) === day)
              .map((one) => (
                <option key={one.starts_at} value={one.starts_at}>
                  {clock(one.starts_at, zone)} – {clock(one.ends_at, zone)}
                </option>
              ))}
          </select>
        </label>
      </div>
      <Field label={t("checkout.person")} value={draft.person} onChange={(person) => onChange({ person })} />
    </fieldset>
  );
}

/** The shop hands nothing over for now: who can tell more, instead of an empty list. */
function NoPickup({ shop }: { shop: Profile }) {
  const chat = whatsapp(shop);
  return (
    <fieldset className="step">
      <legend>{t("checkout.pickup")}</legend>
      <Notice tone="bad">
        <p>{t("checkout.pickup.none")}</p>
        {chat && (
          <a href={chat} className="button" rel="noreferrer noopener">
            {t("whatsapp")}
          </a>
        )}
      </Notice>
    </fieldset>
  );
}
