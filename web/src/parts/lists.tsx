import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import { t } from "../language";
import type { Ordering, Wanted } from "../shop";
import { products, profile, whatsapp } from "../shop";
import { Loading, Trouble } from "./notices";
import { Cards } from "./products";

const ORDERS = [
  ["name", "order.name"],
  ["price", "order.price"],
  ["-price", "order.price_down"],
  ["-created_at", "order.newest"],
] as const;

/** Products with their filters. What is chosen stands in the address: it can be sent, reloaded and gone back to. */
export function Found({ category }: { category?: string }) {
  const [query, setQuery] = useSearchParams();
  const search = query.get("busca") ?? "";
  const kind = query.get("tipo");
  const ordering = ORDERS.find(([name]) => name === query.get("ordem"))?.[0] ?? "name";
  const wish: Wanted = {
    ...(category ? { category } : {}),
    ...(search ? { search } : {}),
    ...(query.has("disponivel") ? { in_stock: true } : {}),
    ...(kind === "goods" || kind === "service" ? { kind } : {}),
    ordering,
  };
  const set = (name: string, value: string) =>
    setQuery(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  return (
    <>
      <div className="filters" role="group" aria-label={t("filters")}>
        <Chips
          label={t("filter.kind")}
          value={kind ?? ""}
          options={[
            ["", t("filter.kind.all")],
            ["goods", t("filter.kind.goods")],
            ["service", t("filter.kind.service")],
          ]}
          onChange={(value) => set("tipo", value)}
        />
        <label className="chip">
          <input
            type="checkbox"
            checked={query.has("disponivel")}
            onChange={(event) => set("disponivel", event.target.checked ? "1" : "")}
          />
          <span>{t("filter.in_stock")}</span>
        </label>
        <label className="choice">
          <span className="hidden">{t("order.by")}</span>
          <select value={ordering} onChange={(event) => set("ordem", event.target.value as Ordering)}>
            {ORDERS.map(([name, text]) => (
              <option key={name} value={name}>
                {t(text)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <List key={JSON.stringify(wish)} wish={wish} search={search} isFiltered={query.size > 0} />
    </>
  );
}

interface Choices {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}

export function Chips({ label, value, options, onChange }: Choices) {
  return (
    <div className="chips" role="radiogroup" aria-label={label}>
      {options.map(([name, text]) => (
        <label key={name} className="chip">
          <input type="radio" name={label} checked={value === name} onChange={() => onChange(name)} />
          <span>{text}</span>
        </label>
      ))}
    </div>
  );
}

interface Listed {
  wish: Wanted;
  search: string;
  isFiltered: boolean;
}

function List({ wish, search, isFiltered }: Listed) {
  const [pages, setPages] = useState(1);
  const first = useQuery(products(wish));
  if (first.isLoadingError) return <Trouble problem={first.error} again={() => void first.refetch()} />;
  if (first.data === undefined) return <Loading />;
  const count = first.data.count;
  return (
    <>
      <p className="soft" role="status">
        {count > 0
          ? t("results", { count })
          : search
            ? t("results.none.search", { search })
            : t("results.none")}
      </p>
      {count === 0 && <WaysOn isFiltered={isFiltered} />}
      <Cards products={first.data.results} />
      {Array.from({ length: pages - 1 }, (_, place) => (
        <More key={place} wish={{ ...wish, page: place + 2 }} />
      ))}
      {count > pages * 24 && (
        <button type="button" className="button is-wide" onClick={() => setPages(pages + 1)}>
          {t("more")}
        </button>
      )}
    </>
  );
}

/** Where to go from a list without anything: to all there is, or to somebody who knows. */
function WaysOn({ isFiltered }: { isFiltered: boolean }) {
  const shop = useQuery(profile()).data;
  const chat = shop ? whatsapp(shop) : null;
  const [path] = useLocation();
  return (
    <p className="actions">
      <Link href={isFiltered ? path : "/"} className="button">
        {t("results.all")}
      </Link>
      {chat && (
        <a href={chat} className="button" rel="noreferrer noopener">
          {t("whatsapp")}
        </a>
      )}
    </p>
  );
}

function More({ wish }: { wish: Wanted }) {
  const page = useQuery(products(wish));
  if (page.isLoadingError) return <Trouble problem={page.error} again={() => void page.refetch()} />;
  return page.data === undefined ? <Loading /> : <Cards products={page.data.results} />;
}
