import { t } from "../language";

interface Listed {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The next page of a list, while there is one. */
export function More({ of: { hasNextPage, isFetchingNextPage, fetchNextPage } }: { of: Listed }) {
  if (!hasNextPage) return null;
  return (
    <button type="button" className="button is-wide" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
      {t("more")}
    </button>
  );
}
