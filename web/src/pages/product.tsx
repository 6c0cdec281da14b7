import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { useAdd } from "../cart";
import { money, t } from "../language";
import { Chips } from "../parts/lists";
import { Failure, Loading, Notice, Trouble } from "../parts/notices";
import { Cards, Photo, priceOf } from "../parts/products";
import { FIRST, Quantity } from "../parts/quantity";
import { useTitle } from "../parts/title";
import type { Product, Variant } from "../shop";
import { product, profile, whatsapp } from "../shop";
import { matching, propertiesOf } from "../variants";

export default function ProductPage({ slug }: { slug: string }) {
  const query = useQuery(product(slug));
  useTitle(query.data?.name);
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const found = query.data;
  return (
    <>
      <nav className="way" aria-label={t("category")}>
        <Link href="/">{t("home")}</Link>
        <Link href={`/categoria/${found.category.slug}`}>{found.category.name}</Link>
      </nav>
      <div className="product">
        <Gallery product={found} />
        <div>
          <h1>{found.name}</h1>
          {found.kind === "service" ? <Bookable product={found} /> : <Buyable product={found} />}
          {found.description && <p className="description">{found.description}</p>}
        </div>
      </div>
      {found.related.length > 0 && (
        <section>
          <h2>{t("related")}</h2>
          <Cards products={found.related} />
        </section>
      )}
    </>
  );
}

function Gallery({ product: { images, name } }: { product: Product }) {
  if (images.length === 0) return <Photo image={null} name={name} />;
  return (
    <div className="gallery" tabIndex={images.length > 1 ? 0 : undefined} role="group" aria-label={name}>
      {images.map((image, place) => (
        <Photo key={image.url} image={image} name={name} isMain={place === 0} />
      ))}
    </div>
  );
}

function Bookable({ product: { variants, currency } }: { product: Product }) {
  return (
    <ul className="lines">
      {variants.map((variant) => (
        <li key={variant.sku}>
          <span>
            {variant.name} <strong className="price">{money(variant.price, currency)}</strong>
          </span>
          <Link href={`/agendar?servico=${encodeURIComponent(variant.sku)}`} className="button is-main">
            {t("book")}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Buyable({ product: found }: { product: Product }) {
  const start = found.variants.find((one) => one.available !== 0) ?? found.variants[0];
  const [chosen, setChosen] = useState<Variant | undefined>(start);
  const [quantity, setQuantity] = useState<number>(FIRST[chosen?.unit ?? "piece"]);
  const add = useAdd();
  if (chosen === undefined) return null;
  const select = (variant: Variant) => {
    setChosen(variant);
    if (variant.unit !== chosen.unit) setQuantity(FIRST[variant.unit]);
    add.reset();
  };
  const isGone = chosen.available === 0;
  return (
    <div className="buy">
      <p className="price is-big">{priceOf(chosen, found.currency)}</p>
      <Options product={found} chosen={chosen} onChoose={select} />
      <Stock variant={chosen} />
      <div className="buy-row">
        <Quantity
          value={quantity}
          unit={chosen.unit}
          name={found.name}
          disabled={isGone}
          onChange={(value) => {
            setQuantity(value);
            add.reset();
          }}
        />
        <button
          type="button"
          className="button is-main"
          disabled={isGone || add.isPending}
          onClick={() => add.mutate({ sku: chosen.sku, quantity })}
        >
          {add.isPending ? t("buy.adding") : t("buy.add")}
        </button>
      </div>
      {add.isSuccess && (
        <Notice>
          <p>{t("buy.added")}</p>
          <Link href="/carrinho" className="button">
            {t("cart.see")}
          </Link>
        </Notice>
      )}
      {isGone && <WhenAgain name={found.name} />}
      <Failure problem={add.error} />
    </div>
  );
}

/** Whom to ask about what there is no more of. */
function WhenAgain({ name }: { name: string }) {
  const shop = useQuery(profile()).data;
  const chat = shop ? whatsapp(shop, t("buy.gone.asking", { name })) : null;
  return chat ? (
    <p className="actions">
      <a href={chat} className="button is-wide" rel="noreferrer noopener">
        {t("buy.gone.ask")}
      </a>
    </p>
  ) : null;
}

/** Each property of its own, where variants have some; else the variants by name. */
function Options({
  product: found,
  chosen,
  onChoose,
}: {
  product: Product;
  chosen: Variant;
  onChoose: (variant: Variant) => void;
}) {
  if (found.variants.length < 2) return null;
  if (found.options.length === 0)
    return (
      <Chips
        label={found.name}
        value={chosen.sku}
        options={found.variants.map((one) => [one.sku, one.name])}
        onChange={(sku) => {
          const next = found.variants.find((one) => one.sku === sku);
          if (next) onChoose(next);
        }}
      />
    );
  const properties = propertiesOf(chosen);
  return found.options.map(({ name, values }) => (
    <div key={name} className="option">
      <p className="label" aria-hidden="true">
        {name}
      </p>
      <Chips
        label={name}
        value={properties[name] ?? ""}
        options={values.map((value) => [value, value])}
        onChange={(value) => {
          const next = matching(found.variants, { ...properties, [name]: value }, name);
          if (next) onChoose(next);
        }}
      />
    </div>
  ));
}

const FEW = 5;

function Stock({ variant: { available, unit } }: { variant: Variant }) {
  if (available === null) return null;
  if (available === 0) return <p className="stock is-gone">{t("buy.gone")}</p>;
  const isFew = unit === "piece" && available <= FEW;
  return <p className="stock">{isFew ? t("buy.few", { count: available }) : t("buy.here")}</p>;
}
