import type { UseMutationResult } from "@tanstack/react-query";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { byDay } from "../booking";
import { addDays, addMonths, firstDay, lastDay, monthOf } from "../calendar";
import { clock, dayKey, moment, t } from "../language";
import type { Order } from "../orders";
import { movePickup, pickupChoices } from "../orders";
import type { Profile } from "../shop";
import { queries } from "../shop";
import type { Visit } from "../visits";
import { changed, freeToMove, moveVisit } from "../visits";
import { w } from "../words";
import { Month } from "./month";
import { NextFree } from "./nextfree";
import { Failure, isRefusal, Loading } from "./notices";
import { DayChoice, DayName, Times, TimesOfDay } from "./times";

interface Pickup {
  order: Order;
  token: string | null;
  onDone: () => void;
}

/** Another window for the pickup: a day, and one of its times. */
export function MovePickup({ order, token, onDone }: Pickup) {
  const choices = useQuery({ ...pickupChoices(order.number, token), retry: false });
  const [chosen, choose] = useState("");
  const moving = useMutation({
    mutationFn: () => movePickup(order.number, token, chosen),
    onSuccess: (found) => {
      queries.setQueryData(["order", order.number], found);
      onDone();
    },
    onError: () => void choices.refetch(),
  });
  if (choices.isLoadingError || isRefusal(choices.error)) return <NoWay problem={choices.error} onBack={onDone} />;
  if (choices.data === undefined) return <Loading />;
  const { windows, timezone: zone, pickup_at } = choices.data;
  const others = windows.filter((one) => one.starts_at !== pickup_at);
  const picked = others.find((one) => one.starts_at === chosen);
  const shown = picked ?? others[0];
  const day = shown ? dayKey(shown.starts_at, zone) : "";
  const times = others.filter((one) => dayKey(one.starts_at, zone) === day);
  return (
    <section className="step">
      <h2>{w("move.pickup")}</h2>
      {pickup_at && <p className="soft">{w("move.now", { when: moment(pickup_at, zone) })}</p>}
      {shown ? <DayChoice windows={others} zone={zone} day={day} onChoose={choose} /> : <p>{w("move.pickup.none")}</p>}
      <Times
        times={times}
        chosen={chosen}
        say={(one) => `${clock(one.starts_at, zone)} – ${clock(one.ends_at, zone)}`}
        onChoose={(one) => choose(one.starts_at)}
      />
      <Go moving={moving} to={picked && moment(picked.starts_at, zone)} onBack={onDone} />
    </section>
  );
}

interface Going {
  moving: UseMutationResult<unknown, Error, void>;
  /** The time that was chosen, in words; undefined while none is. */
  to: string | undefined;
  onBack: () => void;
}

/** Move it to what was chosen, or leave it where it is. */
function Go({ moving, to, onBack }: Going) {
  return (
    <>
      <Failure problem={moving.error} />
      <p className="actions">
        {to !== undefined && (
          <button type="button" className="button is-main" disabled={moving.isPending} onClick={() => moving.mutate()}>
            {w("move.go", { when: to })}
          </button>
        )}
        <button type="button" className="button" onClick={onBack}>
          {w("cancel")}
        </button>
      </p>
    </>
  );
}

/** It cannot be moved, or nobody knows whether it can: why, and the way back. */
function NoWay({ problem, onBack }: { problem: unknown; onBack: () => void }) {
  return (
    <>
      <Failure problem={problem} />
      <p className="actions">
        <button type="button" className="button" onClick={onBack}>
          {t("back")}
        </button>
      </p>
    </>
  );
}

interface Moved {
  visit: Visit;
  token: string | null;
  shop: Profile;
  onMoved: () => void;
  onBack: () => void;
}

/** Another time with the same professional: the month's free days, then the day's times. */
export function MoveVisit({ visit, token, shop, onMoved, onBack }: Moved) {
  const { timezone: zone, today } = shop;
  const [month, setMonth] = useState(monthOf(dayKey(visit.starts_at, zone)));
  const [day, setDay] = useState<string | null>(null);
  const [hasJumped, setJumped] = useState(false);
  const [chosen, choose] = useState("");
  const first = firstDay(month) < today ? today : firstDay(month);
  const free = useQuery({ ...freeToMove(visit.id, token, first, lastDay(month)), retry: false });
  const moving = useMutation({
    mutationFn: () => moveVisit(visit.id, token, chosen),
    onSuccess: (found) => {
      changed(found);
      onMoved();
    },
    onError: () => void free.refetch(),
  });
  if (free.isLoadingError || isRefusal(free.error)) return <NoWay problem={free.error} onBack={onBack} />;
  const others = (free.data?.slots ?? []).filter((one) => Date.parse(one.starts_at) !== Date.parse(visit.starts_at));
  const picked = others.find((one) => one.starts_at === chosen); // a time that was lost cannot be asked for again
  const days = byDay(others, zone);
  const shown = day ?? (others[0] ? dayKey(others[0].starts_at, zone) : null);
  const show = (next: string, wanted: string | null) => {
    setJumped(wanted !== null && next !== month);
    setMonth(next);
    setDay(wanted);
    choose("");
  };
  return (
    <section className="step">
      <h2>{w("move.visit")}</h2>
      <p className="soft">{w("move.now", { when: moment(visit.starts_at, zone) })}</p>
      <Month
        month={month}
        today={today}
        end={addDays(today, shop.cut_offs.appointment_horizon_days)}
        days={days}
        chosen={shown}
        onMonth={(next) => show(next, null)}
        onDay={(next) => show(month, next)}
      />
      {free.data === undefined && <p role="status">{t("loading")}</p>}
      {free.data !== undefined && others.length === 0 && (
        <>
          <p>{w("move.none")}</p>
          <NextFree
            shop={shop}
            skus={visit.services.map((one) => one.sku)}
            who={visit.professional.id}
            from={firstDay(addMonths(month, 1))}
            isFirstMonth={month === monthOf(today)}
            onGo={(next) => show(monthOf(next), next)}
          />
        </>
      )}
      {shown !== null && free.data !== undefined && (
        <>
          <DayName key={shown} day={shown} isReached={hasJumped} />
          <TimesOfDay
            free={days.get(shown) ?? []}
            zone={zone}
            chosen={chosen}
            onChoose={(slot) => choose(slot.starts_at)}
          />
        </>
      )}
      <Go moving={moving} to={picked && moment(picked.starts_at, zone)} onBack={onBack} />
    </section>
  );
}
