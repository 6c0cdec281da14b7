// Which variant is meant when somebody chooses one property after the other.
import type { Variant } from "./shop";

export type Properties = Record<string, string>;

export function propertiesOf(variant: Pick<Variant, "options">): Properties {
  return Object.fromEntries(variant.options.map(({ name, value }) => [name, value]));
}

/**
 * Return the variant with these properties. Where there is none, the one that has what was chosen last (`must`) and
 * shares most of the rest; what can be had comes first.
 */
export function matching<Kind extends Pick<Variant, "options" | "available">>(
  variants: Kind[],
  wanted: Properties,
  must: string,
): Kind | undefined {
  const score = (variant: Kind) => {
    const own = propertiesOf(variant);
    const shared = Object.entries(wanted).filter(([name, value]) => own[name] === value).length;
    return shared * 2 + (variant.available === 0 ? 0 : 1);
  };
  return variants
    .filter((variant) => propertiesOf(variant)[must] === wanted[must])
    .reduce<Kind | undefined>((best, one) => (best === undefined || score(one) > score(best) ? one : best), undefined);
}
