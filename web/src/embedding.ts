// The booking page in the frame of another site. The page says that it is one, and which sites may show it; nobody is
// signed in there, and what leaves it opens in a tab of its own.

export interface Embedding {
  /** Where the pages of the frame stand; empty for the window itself. */
  base: string;
  /** Who may show it: origins, as the page's policy tells the browser too. */
  sites: string[];
}

export function embeddingIn(page: Pick<Document, "getElementById">): Embedding {
  const { base = "", sites = "" } = page.getElementById("window")?.dataset ?? {};
  return { base, sites: sites.split(" ").filter(Boolean) };
}

export const embedding = embeddingIn(document);
export const isEmbedded = embedding.base !== "";

/** Return a path of the program as the browser knows it. */
export const within = (path: string): string => embedding.base + path;

/** Return who is spoken to: the site that says it shows this page, if it is one that may. */
export function hostOf(asked: string | null, sites: string[]): string | null {
  return asked !== null && sites.includes(asked) ? asked : null;
}

const SITE = "balcao.site";

/** Tell the site that shows this page how high it is, and let links out of it open beside it. */
export function liveInFrame(remembered: Pick<Storage, "getItem" | "setItem">): void {
  document.documentElement.classList.add("is-embedded");
  document.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest("a") : null;
    if (link === null || (link.origin === location.origin && link.pathname.startsWith(`${embedding.base}/`))) return;
    link.target = "_blank";
    link.rel = "noopener";
  }, true);
  const host = hostOf(new URLSearchParams(location.search).get("site") ?? remembered.getItem(SITE), embedding.sites);
  if (host === null || parent === window) return;
  remembered.setItem(SITE, host); // the address of the next page does not name it
  const page = document.getElementById("window") as HTMLElement;
  new ResizeObserver(() => tell(host, { balcao: "height", height: Math.ceil(page.getBoundingClientRect().height) })).observe(page);
  toTop = () => tell(host, { balcao: "top" });
}

let toTop = () => {};

/** Another page begins: let whoever looks at the frame see its beginning. */
export function beginAtTop(): void {
  window.scrollTo(0, 0);
  toTop();
}

function tell(host: string, message: object): void {
  parent.postMessage(message, host);
}
