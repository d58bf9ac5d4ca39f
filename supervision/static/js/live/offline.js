/** The kept copy of the live page, and the screen that stays awake. */

const CACHE = () => `live:${location.pathname}`;

/** Let the service worker keep this page and its files, so that a reload works without a connection. */
export const keepPage = async () => {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: location.pathname });
  const worker = registration.active ?? (await settled(registration));
  const parts = document.querySelectorAll('link:not([rel="manifest"])[href], script[src]');
  const files = [...parts].map((one) => one.href || one.src);
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data?.kind === "kept") document.documentElement.dataset.kept = "1";
  });
  worker?.postMessage({ kind: "keep", files: [...new Set(files)] });
};

const settled = (registration) =>
  new Promise((resolve) => {
    const worker = registration.installing ?? registration.waiting;
    if (!worker) return resolve(null);
    return worker.addEventListener("statechange", () => worker.state === "activated" && resolve(registration.active));
  });

/** Forget the kept copy: the round is over, or another screen has the control. */
export const forgetPage = async () => {
  if (!navigator.serviceWorker) return;
  await caches.delete(CACHE());
  const registrations = await navigator.serviceWorker.getRegistrations();
  await Promise.all(registrations.filter((one) => new URL(one.scope).pathname === location.pathname).map((one) => one.unregister()));
};

/** Keep the screen lit while the round is shown; where the browser cannot or will not, the page says so.
 * The lock is lost whenever the page is hidden. */
export const stayAwake = () => {
  const say = (mayDim) => {
    const line = document.querySelector("#may-dim");
    if (line) line.hidden = !mayDim;
  };
  const ask = async () => {
    if (document.visibilityState !== "visible") return;
    if (!navigator.wakeLock) return say(true);
    try {
      await navigator.wakeLock.request("screen");
      say(false);
    } catch {
      say(true); // the battery is low, or the browser says no: the round goes on all the same
    }
  };
  document.addEventListener("visibilitychange", ask);
  return ask();
};
