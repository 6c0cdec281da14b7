import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Link, Redirect, useLocation } from "wouter";

import { useIsSignedIn } from "../account";
import { t } from "../language";
import { w } from "../words";
import { useTitle } from "./title";

const PLACES = [
  ["/minha-conta", () => t("account.orders")],
  ["/minha-conta/visitas", () => w("visits")],
  ["/minha-conta/enderecos", () => w("addresses")],
  ["/minha-conta/dados", () => w("data")],
  ["/minha-conta/seguranca", () => w("security")],
] as const;

/** A page of who is signed in, with the way to the others. */
export function OwnPage({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  const [path] = useLocation();
  const places = useRef<HTMLElement>(null);
  useEffect(() => {
    void places.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);
  if (!useIsSignedIn()) return <Redirect to="/entrar" replace />;
  return (
    <>
      <nav ref={places} className="own" aria-label={t("account")}>
        {PLACES.map(([place, name]) => (
          <Link key={place} href={place} aria-current={place === path ? "page" : undefined}>
            {name()}
          </Link>
        ))}
      </nav>
      {children}
    </>
  );
}
