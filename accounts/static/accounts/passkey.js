// Makes or uses a passkey, as the page says, and sends on what the device answered.
"use strict";

(() => {
  const button = document.querySelector("[data-passkey]");
  const form = document.querySelector("[data-passkey-form]");
  const problem = document.querySelector("[data-passkey-problem]");
  const options = JSON.parse(document.getElementById("passkey-options").textContent);

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const toText = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (credentials) => (credentials || []).map((one) => ({ ...one, id: toBytes(one.id) }));

  // JSON carries bytes as base64url; the browser wants them as bytes, and gives bytes back.
  const asked = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) asked.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) asked.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) asked.allowCredentials = named(options.allowCredentials);

  const written = ({ id, rawId, type, response, authenticatorAttachment }, extensions) => {
    const answer = { clientDataJSON: toText(response.clientDataJSON) };
    if (response.attestationObject) {
      answer.attestationObject = toText(response.attestationObject);
      answer.transports = response.getTransports ? response.getTransports() : [];
    } else {
      answer.authenticatorData = toText(response.authenticatorData);
      answer.signature = toText(response.signature);
      if (response.userHandle) answer.userHandle = toText(response.userHandle);
    }
    return { id, rawId: toText(rawId), type, response: answer, authenticatorAttachment, clientExtensionResults: extensions };
  };

  const show = (text) => {
    problem.textContent = text;
    problem.hidden = false;
  };

  const rightPlace = location.hostname === (options.rpId || options.rp.id);
  if (!window.PublicKeyCredential || !rightPlace) {
    show(problem.dataset.unable);
    button.hidden = true;
    return;
  }

  button.addEventListener("click", async () => {
    problem.hidden = true;
    try {
      const made = await navigator.credentials[problem.dataset.does]({ publicKey: asked });
      form.elements.credential.value = JSON.stringify(written(made, made.getClientExtensionResults()));
    } catch {
      show(problem.dataset.refused);
      return;
    }
    form.submit();
  });
})();
