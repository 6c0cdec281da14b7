import { Refused } from "@balcao/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useSearchParams } from "wouter";

import type { Place } from "../booking";
import { byDay, performersOf, personOf, priceRange, servicesOf } from "../booking";
import { addDays, addMonths, firstDay, lastDay, monthOf } from "../calendar";
import { useAdd } from "../cart";
import { clock, dayKey, duration, moment, money, t } from "../language";
import { Explained } from "../parts/explained";
import { Lost } from "../parts/lost";
import { Month } from "../parts/month";
import { NextFree } from "../parts/nextfree";
import { Failure, Loading, Notice, Trouble } from "../parts/notices";
import { DayName, TimesOfDay } from "../parts/times";
import { useTitle } from "../parts/title";
import { OwnTime } from "../parts/zone";
import type { Profile, Service, Slot } from "../shop";
import { profile, queries, services, slots } from "../shop";

export default function Booking() {
  useTitle(t("book.title"));
  const offered = useQuery(services());
  const shop = useQuery(profile());
  const [query, setQuery] = useSearchParams();
  const skus = query.getAll("servico");
  const who = query.get("profissional") ?? "";
  if (offered.isLoadingError) return <Trouble problem={offered.error} again={() => void offered.refetch()} />;
  if (shop.isLoadingError) return <Trouble problem={shop.error} again={() => void shop.refetch()} />;
  if (offered.data === undefined || shop.data === undefined) return <Loading />;
  const all = offered.data.results;
  const chosen = skus.map((sku) => all.find((one) => one.sku === sku)).filter((one) => one !== undefined);
  const set = (wanted: string[], professional: string) => {
    const params = new URLSearchParams(wanted.map((sku) => ["servico", sku]));
    if (professional) params.set("profissional", professional);
    setQuery(params, { replace: true });
  };
  const toggle = (sku: string) => {
    const wanted = skus.includes(sku) ? skus.filter((one) => one !== sku) : [...skus, sku];
    const left = performersOf(all.filter((one) => wanted.includes(one.sku)));
    set(wanted, left.some((one) => one.id === who) ? who : "");
  };
  const performers = performersOf(chosen);
  const withThem = chosen.length === 0 ? personOf(all, who) : null; // whom a link leads to, before anything is chosen
  return (
    <>
      <h1>{withThem ? t("book.title.with", { name: withThem.name }) : t("book.title")}</h1>
      {all.length === 0 && <p>{t("book.none_of_services")}</p>}
      <Services all={withThem ? servicesOf(all, withThem.id) : all} chosen={skus} onToggle={toggle} />
      {chosen.length > 0 && performers.length === 0 && (
        <Notice tone="bad">
          <p>{t("book.nobody")}</p>
        </Notice>
      )}
      {performers.length > 1 && (
        <fieldset className="step">
          <legend>{t("book.choose_who")}</legend>
          {[{ id: "", name: t("any_professional") }, ...performers].map((one) => (
            <label key={one.id} className="pick">
              <input type="radio" name="who" checked={who === one.id} onChange={() => set(skus, one.id)} />
              <span>{one.name}</span>
            </label>
          ))}
        </fieldset>
      )}
      {performers.length > 0 ? (
        <Times
          key={`${skus.join()}${who}`}
          shop={shop.data}
          skus={chosen.map((one) => one.sku)}
          who={who}
          onAnyone={() => set(skus, "")}
        />
      ) : (
        chosen.length === 0 && <p className="soft">{t("book.pick_first")}</p>
      )}
    </>
  );
}

interface Choosing {
  all: Service[];
  chosen: string[];
  onToggle: (sku: string) => void;
}

function Services({ all, chosen, onToggle }: Choosing) {
  const minutes = all.filter((one) => chosen.includes(one.sku)).reduce((sum, one) => sum + one.duration_minutes, 0);
  return (
    <fieldset className="step">
      <legend>{t("book.choose_services")}</legend>
      <p className="soft">{t("book.choose_services.hint")}</p>
      {all.map((one) => (
        <label key={one.sku} className="pick">
          <input type="checkbox" checked={chosen.includes(one.sku)} onChange={() => onToggle(one.sku)} />
          <span>
            {one.name}
            <small>
              {duration(one.duration_minutes)} · {t("from_price", { price: money(one.price_from, one.currency) })}
            </small>
          </span>
        </label>
      ))}
      {chosen.length > 1 && <p className="soft">{t("book.total_time", { duration: duration(minutes) })}</p>}
    </fieldset>
  );
}

interface TimesShown {
  shop: Profile;
  skus: string[];
  who: string;
  onAnyone: () => void;
}

function Times({ shop, skus, who, onAnyone }: TimesShown) {
  const { timezone: zone, today } = shop;
  const end = addDays(today, shop.cut_offs.appointment_horizon_days);
  const [month, setMonth] = useState(monthOf(today));
  const [day, setDay] = useState<string | null>(null);
  const [hasJumped, setJumped] = useState(false);
  const first = firstDay(month) < today ? today : firstDay(month);
  const wish = { service: skus, from: first, to: lastDay(month), ...(who ? { professional: who } : {}) };
  const free = useQuery(slots(wish));
  if (free.isLoadingError) return <Trouble problem={free.error} again={() => void free.refetch()} />;
  const days = byDay(free.data?.slots ?? [], zone);
  const nearest = free.data?.slots[0];
  const isFirst = month === monthOf(today);
  const show = (next: string, chosen: string | null) => {
    setJumped(chosen !== null && next !== month);
    setMonth(next);
    setDay(chosen);
  };
  const shown = day ?? (nearest ? dayKey(nearest.starts_at, zone) : null);
  return (
    <>
      <section className="step">
        <h2>{t("book.choose_day")}</h2>
        <Month
          month={month}
          today={today}
          end={end}
          days={days}
          chosen={shown}
          opensAll={free.data !== undefined}
          onMonth={(next) => show(next, null)}
          onDay={(next) => show(month, next)}
        />
        {free.data === undefined ? (
          <p role="status">{t("loading")}</p>
        ) : nearest ? (
          <p className="soft">
            {t(isFirst ? "book.next_free" : "book.first_free", { when: moment(nearest.starts_at, zone) })}
          </p>
        ) : (
          <>
            <p>{t("book.none_in_month")}</p>
            <NextFree
              shop={shop}
              skus={skus}
              who={who}
              from={firstDay(addMonths(month, 1))}
              isFirstMonth={isFirst}
              onGo={(next) => show(monthOf(next), next)}
              onAnyone={onAnyone}
            />
          </>
        )}
      </section>
      {shown !== null && free.data !== undefined && (
        <Day
          key={shown}
          day={shown}
          isReached={hasJumped}
          free={days.get(shown) ?? []}
          zone={zone}
          currency={free.data.currency}
          skus={skus}
          who={who}
        />
      )}
    </>
  );
}

interface DayShown {
  day: string;
  isReached: boolean;
  free: Slot[];
  zone: string;
  currency: string;
  skus: string[];
  who: string;
}

function Day({ day, isReached, free, zone, currency, skus, who }: DayShown) {
  const [chosen, setChosen] = useState<Slot | null>(null);
  const [, go] = useLocation();
  const hold = useAdd();
  const take = (place: Place) =>
    hold.mutate(
      { services: skus, starts_at: place.starts_at, ...(place.professional ? { professional: place.professional } : {}) },
      {
        onSuccess: () => go("/carrinho"),
        onSettled: () => void queries.invalidateQueries({ queryKey: ["slots"] }),
      },
    );
  const lost = hold.error instanceof Refused && hold.error.code === "slot_taken" ? hold.error.problem : null;
  return (
    <section className="step" aria-label={t("book.choose_time")}>
      <DayName day={day} isReached={isReached} />
      {free.length === 0 && <p>{t("book.none_on_day")}</p>}
      <TimesOfDay
        free={free}
        zone={zone}
        chosen={chosen?.starts_at}
        onChoose={(slot) => {
          setChosen(slot);
          hold.reset();
        }}
      />
      <Explained day={day} zone={zone} skus={skus} who={who} free={free} />
      {lost ? <Lost problem={lost} zone={zone} isBusy={hold.isPending} onTake={take} /> : <Failure problem={hold.error} />}
      {chosen && !lost && (
        <div className="bar">
          <OwnTime instant={chosen.starts_at} zone={zone} />
          <button
            type="button"
            className="button is-main is-wide"
            disabled={hold.isPending}
            onClick={() => take({ starts_at: chosen.starts_at, professional: who })}
          >
            {hold.isPending
              ? t("book.holding")
              : `${t("book.hold", { time: clock(chosen.starts_at, zone) })} · ${said(priceRange(chosen), currency)}`}
          </button>
        </div>
      )}
    </section>
  );
}

function said({ least, isOne }: { least: string; isOne: boolean }, currency: string): string {
  const price = money(least, currency);
  return isOne ? price : t("from_price", { price });
}
