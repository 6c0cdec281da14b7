import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { profile } from "../shop";

/** Give the window of the browser the name of what it shows. */
export function useTitle(title: string | undefined): void {
  const shop = useQuery(profile()).data?.name;
  useEffect(() => {
    if (shop !== undefined) document.title = title ? `${title} · ${shop}` : shop;
  }, [title, shop]);
}
