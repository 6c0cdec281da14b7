// Tells a Sentry of accidents. A chunk of its own, which only pages load that name one.
import { BrowserClient, dedupeIntegration, defaultStackParser, linkedErrorsIntegration, makeFetchTransport, Scope } from "@sentry/browser";

import { OWN } from "./account";
import { read } from "./draft";
import type { Accident, Sentry } from "./errors";
import { masked, peopleIn } from "./masking";
import { queries } from "./shop";
import { forTab } from "./storage";

/** Begin to tell, and return what tells. Nothing is instrumented, and nothing is sent of itself. */
export function begin(sentry: Sentry): (accident: Accident) => void {
  const client = new BrowserClient({
    ...sentry,
    transport: makeFetchTransport,
    stackParser: defaultStackParser,
    integrations: [dedupeIntegration(), linkedErrorsIntegration()],
    sendClientReports: false,
    enhanceFetchErrorMessages: false,
    dataCollection: { userInfo: false, cookies: false, httpHeaders: false, httpBodies: [], urlQueryParams: false },
    beforeSend: (event, { data }) => masked(event, data as Accident, { address: location.href, agent: navigator.userAgent }),
    beforeBreadcrumb: () => null,
  });
  client.init();
  return (accident) => {
    const scope = new Scope();
    scope.setClient(client);
    const typed = [...accident.typed, ...known()];
    client.captureException(accident.problem, { data: { ...accident, typed } satisfies Accident }, scope);
  };
}

/** What this browser knows of people: what was typed at the checkout, and what the shop has told of who looks. */
function known(): string[] {
  const own = OWN.flatMap((name) => queries.getQueriesData({ queryKey: [name] })).map(([, told]) => told);
  return [...Object.values(read(forTab)), ...peopleIn(own)];
}
