import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { useIsSignedIn, verify } from "../account";
import { t } from "../language";
import { forgetProof, proofOf } from "../links";
import { Failure, Notice } from "../parts/notices";
import { useTitle } from "../parts/title";
import { w } from "../words";

const PAGE = "verify";

/** The reader of a letter says that the address is theirs; the link alone changes nothing. */
export default function Verify() {
  useTitle(w("verify"));
  const [token] = useState(() => proofOf(PAGE));
  const isSignedIn = useIsSignedIn();
  const verifying = useMutation({ mutationFn: verify, onSuccess: () => forgetProof(PAGE) });
  return (
    <section className="checkout">
      <h1>{w("verify")}</h1>
      {verifying.isSuccess ? (
        <Notice>
          <p>{w("verify.done")}</p>
        </Notice>
      ) : token === null ? (
        <p>{w("verify.no_link")}</p>
      ) : (
        <>
          <p>{w("verify.text")}</p>
          <Failure problem={verifying.error} />
          <button
            type="button"
            className="button is-main is-wide"
            disabled={verifying.isPending}
            onClick={() => verifying.mutate(token)}
          >
            {w("verify.go")}
          </button>
        </>
      )}
      <p className="actions">
        <Link href={isSignedIn ? "/minha-conta" : "/entrar"} className="link">
          {isSignedIn ? t("account") : t("sign_in")}
        </Link>
      </p>
    </section>
  );
}
