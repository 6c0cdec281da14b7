import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { t } from "../language";
import { Found } from "../parts/lists";
import { Loading, Nothing, Trouble } from "../parts/notices";
import { useTitle } from "../parts/title";
import type { Category } from "../shop";
import { categories } from "../shop";

export default function CategoryPage({ slug }: { slug: string }) {
  const tree = useQuery(categories());
  const way = find(tree.data ?? [], slug);
  const here = way.at(-1);
  useTitle(here?.name);
  if (tree.isLoadingError) return <Trouble problem={tree.error} again={() => void tree.refetch()} />;
  if (tree.data === undefined) return <Loading />;
  if (here === undefined) return <Nothing />;
  return (
    <>
      <nav className="way" aria-label={t("categories")}>
        <Link href="/">{t("home")}</Link>
        {way.slice(0, -1).map((one) => (
          <Link key={one.slug} href={`/categoria/${one.slug}`}>
            {one.name}
          </Link>
        ))}
      </nav>
      <h1>{here.name}</h1>
      {here.children.length > 0 && (
        <nav aria-label={here.name} className="shelves">
          {here.children.map((one) => (
            <Link key={one.slug} href={`/categoria/${one.slug}`} className="shelf">
              {one.name}
            </Link>
          ))}
        </nav>
      )}
      <Found category={slug} />
    </>
  );
}

/** Return the way from the top of the tree to a category; nothing where there is none of that name. */
function find(tree: Category[], slug: string): Category[] {
  for (const one of tree) {
    if (one.slug === slug) return [one];
    const below = find(one.children, slug);
    if (below.length > 0) return [one, ...below];
  }
  return [];
}
