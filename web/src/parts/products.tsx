import { Link } from "wouter";

import { money, t } from "../language";
import type { ProductCard, Variant } from "../shop";

export function Cards({ products }: { products: ProductCard[] }) {
  return (
    <ul className="cards">
      {products.map((product, place) => (
        <li key={product.id}>
          <Card product={product} isEarly={place < 4} />
        </li>
      ))}
    </ul>
  );
}

function Card({ product, isEarly }: { product: ProductCard; isEarly: boolean }) {
  const least = perUnit(money(product.price_from, product.currency), product);
  const price = product.price_from === product.price_to ? least : t("from_price", { price: least });
  return (
    <Link href={`/produto/${product.slug}`} className={product.in_stock ? "card" : "card is-gone"}>
      <Photo image={product.image} name={product.name} isEarly={isEarly} />
      <span className="card-text">
        <span className="card-name">{product.name}</span>
        <span className="price">{price}</span>
        {!product.in_stock && <span className="tag">{t("buy.gone")}</span>}
      </span>
    </Link>
  );
}

interface Photographed {
  image: ProductCard["image"];
  name: string;
  isEarly?: boolean;
  /** It is what the page is about, and comes before all else. */
  isMain?: boolean;
}

export function Photo({ image, name, isEarly = false, isMain = false }: Photographed) {
  if (image === null)
    return (
      <span className="photo is-missing" aria-hidden="true">
        {name.slice(0, 1)}
      </span>
    );
  return (
    <img
      className="photo"
      src={image.url}
      alt={image.alt}
      width={image.width}
      height={image.height}
      loading={isEarly || isMain ? "eager" : "lazy"}
      fetchPriority={isMain ? "high" : "auto"}
      decoding="async"
    />
  );
}

/** Write what a variant costs, and per what where it is weighed. */
export function priceOf(variant: Pick<Variant, "price" | "unit" | "price_per">, currency: string): string {
  return perUnit(money(variant.price, currency), variant);
}

export function perUnit(price: string, { unit, price_per }: Pick<Variant, "unit" | "price_per">): string {
  if (unit === "piece") return price;
  const whole = unit === "g" ? "kg" : "L";
  return t("per", { price, unit: price_per === 1000 ? whole : unit });
}
