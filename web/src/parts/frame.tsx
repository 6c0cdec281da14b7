import { useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useEffect, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import { useIsSignedIn } from "../account";
import { useCart } from "../cart";
import { choose, language, t, weekdays } from "../language";
import type { Profile } from "../shop";
import { profile, whatsapp } from "../shop";
import { Written } from "./look";
import { CartIcon, PersonIcon, SearchIcon } from "./icons";

export function Header() {
  const shop = useQuery(profile()).data;
  const { count } = useCart();
  const isSignedIn = useIsSignedIn();
  return (
    <>
      <header className="top">
        <div className="top-row">
          <Link href="/" className="brand">
            {shop?.look.logo ? (
              <img
                className="brand-logo"
                src={shop.look.logo.url}
                alt={shop.look.logo.alt}
                width={shop.look.logo.width}
                height={shop.look.logo.height}
              />
            ) : (
              (shop?.name ?? "\u00a0")
            )}
          </Link>
          <nav aria-label={t("menu")}>
            <Link href="/agendar" className="top-link">
              {t("book.short")}
            </Link>
            <Link
              href={isSignedIn ? "/minha-conta" : "/entrar"}
              className="top-cart"
              aria-label={isSignedIn ? t("account") : t("sign_in")}
            >
              <PersonIcon />
            </Link>
            <Link href="/carrinho" className="top-cart" aria-label={count ? t("cart.count", { count }) : t("cart")}>
              <CartIcon />
              {count > 0 && (
                <span className="bubble" aria-hidden="true">
                  {count}
                </span>
              )}
            </Link>
          </nav>
        </div>
      </header>
      <Search />
    </>
  );
}

const PAUSE = 250;

/** Finds as one types: the address follows what stands in the field, so that a found list can be sent to somebody. */
function Search() {
  const [path, go] = useLocation();
  const [query] = useSearchParams();
  const said = query.get("busca") ?? "";
  const [text, setText] = useState(said);
  // A space stays; what was typed and not yet searched for calls nobody back who has opened another page meanwhile.
  useEffect(() => setText((typed) => (typed.trim() === said.trim() ? typed : said)), [said, path]);
  useEffect(() => {
    if (text.trim() === said.trim()) return undefined;
    const timer = setTimeout(() => {
      const onList = path === "/" || path.startsWith("/categoria/");
      const wish = new URLSearchParams(onList ? location.search : "");
      if (text.trim()) wish.set("busca", text.trim());
      else wish.delete("busca");
      const target = onList ? path : "/";
      go(wish.size > 0 ? `${target}?${wish}` : target, { replace: onList });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text, said, path, go]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    (document.activeElement as HTMLElement | null)?.blur(); // the keyboard of a phone makes room for what was found
  };
  return (
    <form className="search" role="search" onSubmit={submit}>
      <SearchIcon />
      <input
        type="search"
        name="busca"
        aria-label={t("search")}
        placeholder={t("search.placeholder")}
        autoComplete="off"
        enterKeyHint="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}

export function Footer() {
  const shop = useQuery(profile()).data;
  const chat = shop ? whatsapp(shop) : null;
  return (
    <footer className="foot">
      {shop && (
        <div className="foot-parts">
          <section>
            <h2>{t("hours")}</h2>
            <Hours shop={shop} />
          </section>
          <section>
            <h2>{t("contact")}</h2>
            {shop.address && <p>{shop.address}</p>}
            {chat && (
              <p>
                <a href={chat} rel="noreferrer noopener">
                  {t("whatsapp")}
                </a>
              </p>
            )}
            {shop.email && (
              <p>
                <a href={`mailto:${shop.email}`}>{shop.email}</a>
              </p>
            )}
          </section>
        </div>
      )}
      {shop?.look.footer && <Written text={shop.look.footer} />}
      {(shop?.languages.length ?? 0) > 1 && (
        <p className="languages">
          <button type="button" lang="pt-BR" aria-pressed={language() === "pt-BR"} onClick={() => choose("pt-BR")}>
            Português
          </button>
          <button type="button" lang="en" aria-pressed={language() === "en"} onClick={() => choose("en")}>
            English
          </button>
        </p>
      )}
    </footer>
  );
}

function Hours({ shop }: { shop: Profile }) {
  return (
    <dl className="figures">
      {weekdays("long").map((name, weekday) => {
        const open = shop.opening_hours.filter((row) => row.weekday === weekday);
        const said = open.map((row) => `${row.opens} – ${row.closes === "00:00" ? "24:00" : row.closes}`);
        return (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{said.join(", ") || t("hours.closed")}</dd>
          </div>
        );
      })}
    </dl>
  );
}
