// Makes and uses passkeys. The forms are hidden until it is known that this browser can; each is sent as a usual form,
// with what the browser made or signed in a hidden field.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const make = async (options) => {
  const user = { ...options.user, id: bytes(options.user.id) };
  const excludeCredentials = known(options.excludeCredentials);
  const publicKey = { ...options, challenge: bytes(options.challenge), user, excludeCredentials };
  const made = await navigator.credentials.create({ publicKey });
  return answer(made, {
    clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
};

const use = async (options) => {
  const allowCredentials = known(options.allowCredentials);
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials };
  const used = await navigator.credentials.get({ publicKey });
  return answer(used, {
    clientDataJSON: text(used.response.clientDataJSON),
    authenticatorData: text(used.response.authenticatorData),
    signature: text(used.response.signature),
    userHandle: used.response.userHandle ? text(used.response.userHandle) : null,
  });
};

const answer = (credential, response) =>
  JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} });

class Wait extends Error {}

const ask = async (form) => {
  const headers = { "X-CSRFToken": form.querySelector('input[name="csrf_token"]').value };
  const told = await fetch(form.dataset.options, { method: "POST", headers, credentials: "same-origin", redirect: "error", cache: "no-store" });
  if (told.status === 429) throw new Wait((await told.json()).said);
  if (!told.ok) throw new Error("no challenge");
  return told.json();
};

const why = (form, fault) => {
  if (fault instanceof Wait) return fault.message;
  if (fault.name === "NotAllowedError" || fault.name === "AbortError") return form.dataset.cancelled;
  if (fault.name === "InvalidStateError") return form.dataset.known;
  return form.dataset.failed;
};

const begin = async (form) => {
  if (!form.reportValidity()) return; // a key made for a form that is then refused would be nobody's
  const button = form.querySelector('button[type="submit"]');
  const said = form.querySelector("[data-passkey-said]");
  button.disabled = true;
  said.textContent = "";
  try {
    const options = await ask(form);
    form.elements.credential.value = await (form.dataset.passkey === "make" ? make(options) : use(options));
    form.submit(); // does not come back to the listener below
  } catch (fault) {
    said.textContent = why(form, fault);
    button.disabled = false;
  }
};

if (window.PublicKeyCredential && navigator.credentials) {
  for (const part of document.querySelectorAll("[data-passkey-part]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-passkey-without]")) part.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      begin(form);
    });
  }
}
