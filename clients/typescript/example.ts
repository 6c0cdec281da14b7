// Buys one thing from a running shop:  node clients/typescript/example.ts http://127.0.0.1:8000
import { answered, createShop } from "./src/index.ts";

const { api, intentions } = createShop({ baseUrl: process.argv[2] ?? "http://127.0.0.1:8000", language: "en" });
const query = { kind: "goods", in_stock: true } as const;
const { results } = await answered(api.GET("/api/v1/products/", { params: { query } }));
const path = { slug: results[0]!.slug };
const { variants, name } = await answered(api.GET("/api/v1/products/{slug}/", { params: { path } }));
const { sku, unit } = variants.find((one) => one.available !== 0)!;
const lines = [{ sku, quantity: unit === "piece" ? 1 : 500 }];
const cart = await answered(api.POST("/api/v1/carts/", { body: { lines } }));
const chosen = { fulfilment: { method: "pickup" }, payment_method: "on_site" } as const;
const quoted = { params: { path: { cart_id: cart.id } }, body: chosen };
const { total } = await answered(api.POST("/api/v1/carts/{cart_id}/quote/", quoted));
const customer = { name: "Ana Souza", email: "ana@cliente.example" };
const body = { cart: cart.id, expected_total: total, customer, ...chosen };
const header = { "Idempotency-Key": intentions.key("order", body) };
const order = await answered(api.POST("/api/v1/orders/", { params: { header }, body }));
console.log(`${order.number} ${order.status} ${order.currency} ${order.total} ${name}`);
