// Measures the pages of a shop's window: node audit.mjs CHROMIUM BASE RUNS CATEGORY...
// Prints JSON: for each page its scores by category, one a run, and what cost points in the last.
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const [, , executablePath, base, runs, ...categories] = process.argv;
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=pt-BR"];

async function read(path, body) {
  const init = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${base}/api/v1${path}`, init || undefined);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const { results } = await read("/products/?kind=goods&in_stock=true");
const product = await read(`/products/${results[0].slug}/`);
const { sku, unit } = product.variants.find((one) => one.available !== 0);
const service = (await read("/services/")).results[0];
const cart = await read("/carts/", { lines: [{ sku, quantity: unit === "piece" ? 1 : 500 }] });
const pages = {
  home: "/",
  product: `/produto/${product.slug}`,
  booking: `/agendar?servico=${encodeURIComponent(service.sku)}`,
  checkout: "/finalizar",
};

const TRIES = 3; // a busy machine loses a trace now and then, and Lighthouse asks to be run again

const browser = await puppeteer.launch({ executablePath, args: QUIET, headless: true });
const found = {};
try {
  for (const [name, path] of Object.entries(pages)) {
    found[name] = { scores: {}, lost: [] };
    for (let run = 0; run < Number(runs); run += 1) {
      const lhr = await audited(path);
      if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`);
      for (const [category, { score }] of Object.entries(lhr.categories)) {
        (found[name].scores[category] ??= []).push(Math.round((score ?? 0) * 100));
      }
      found[name].lost = lostIn(lhr);
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));

/** What Lighthouse found on a page, in a tab of its own. */
async function audited(path, tries = TRIES) {
  const page = await browser.newPage();
  await page.setExtraHTTPHeaders({ "Accept-Language": "pt-BR" });
  await page.goto(`${base}/robots.txt`); // a page of the shop without its program
  await page.evaluate((id) => localStorage.setItem("balcao.cart", id), cart.id);
  // Each run begins with empty caches and without the worker, as a new customer does; the cart's name stays.
  const flags = { onlyCategories: categories, locale: "en-US" };
  // Scores that do not depend on time are not waited for.
  if (!categories.includes("performance")) flags.throttlingMethod = "provided";
  const { lhr } = await lighthouse(base + path, flags, undefined, page);
  await page.close();
  return lhr.runtimeError && tries > 1 ? audited(path, tries - 1) : lhr;
}

/** What cost points, in words, by category. */
function lostIn(lhr) {
  return Object.entries(lhr.categories).flatMap(([category, { auditRefs }]) =>
    auditRefs
      .filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 0.9)
      .map(({ id }) => {
        const { title, displayValue = "", details } = lhr.audits[id];
        const where = details?.items?.[0]?.node?.snippet ?? details?.items?.[0]?.description ?? details?.items?.[0]?.url ?? "";
        return `${category}: ${title} ${displayValue} ${where}`.trim().slice(0, 300);
      }),
  );
}
