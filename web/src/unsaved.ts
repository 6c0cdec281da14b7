// What the owner looks at before saving it: the page brings the choices, and they stand for what the API would say.
import type { Schemas } from "@balcao/client";

export interface Unsaved {
  name: string;
  look: Schemas["LookResponse"];
  categories: string[];
  featured: Schemas["ProductCardResponse"][];
}

/** Return the choices that a page brought, or null on every page of customers. */
export function unsavedIn(page: Document): Unsaved | null {
  const brought = page.getElementById("unsaved")?.textContent;
  return brought ? (JSON.parse(brought) as Unsaved) : null;
}

/** Put things in the order of their slugs; what is not named comes after, as it was. */
export function inOrder<Thing extends { slug: string }>(things: Thing[], slugs: string[]): Thing[] {
  const place = ({ slug }: Thing) => (slugs.includes(slug) ? slugs.indexOf(slug) : slugs.length);
  return [...things].sort((one, other) => place(one) - place(other));
}
