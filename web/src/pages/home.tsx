import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";

import { t } from "../language";
import { Found } from "../parts/lists";
import { About, Featured } from "../parts/look";
import { Loading } from "../parts/notices";
import { useTitle } from "../parts/title";
import { categories, featured, profile } from "../shop";

export default function Home() {
  const { data: shop, isLoading: isOpening } = useQuery(profile());
  const { data: tree, isLoading: isSorting } = useQuery(categories());
  const isChoosing = useQuery({ ...featured(), enabled: shop?.look.has_featured ?? false }).isLoading;
  const [query] = useSearchParams();
  useTitle(undefined);
  if (isOpening || isSorting || isChoosing) return <Loading />; // all at once, so that nothing moves while it is read
  return (
    <>
      {!query.has("busca") && (
        <div className="welcome">
          {shop?.look.cover && (
            <img
              className="cover"
              fetchPriority="high"
              src={shop.look.cover.url}
              alt={shop.look.cover.alt}
              width={shop.look.cover.width}
              height={shop.look.cover.height}
            />
          )}
          <h1>{shop?.name ?? "\u00a0"}</h1>
          {shop?.look.welcome && <p>{shop.look.welcome}</p>}
          {shop?.address && <p className="soft">{shop.address}</p>}
          <Link href="/agendar" className="button is-main">
            {t("book")}
          </Link>
        </div>
      )}
      {query.has("busca") && <h1 className="hidden">{t("search")}</h1>}
      {tree && (
        <nav aria-label={t("categories")} className="shelves">
          {tree
            .filter((one) => one.product_count > 0)
            .map((one) => (
              <Link key={one.slug} href={`/categoria/${one.slug}`} className="shelf">
                {one.name}
              </Link>
            ))}
        </nav>
      )}
      {query.size === 0 && <Featured />}
      <Found />
      {query.size === 0 && <About />}
    </>
  );
}
