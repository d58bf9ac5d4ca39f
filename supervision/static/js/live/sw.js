/**
 * Keeps the live page of the device that controls a round, so that a reload works without a connection.
 *
 * Its scope is one meeting's live page. It keeps that page and the files it is made of, nothing else, and only while
 * the server says that this device has the control (header `Keep-Offline`); otherwise what was kept is deleted.
 */
"use strict";

const PAGE = new URL(self.registration.scope).pathname;
const CACHE = `live:${PAGE}`;
const PATIENCE_MS = 4000; // how long a slow connection is waited for before the kept copy is shown
const KEPT_MS = 12 * 3600 * 1000; // no meeting is longer

const take = async (response) => {
  const cache = await caches.open(CACHE);
  if (response.ok && !response.redirected && response.headers.get("Keep-Offline") === "1") await cache.put(PAGE, response.clone());
  else if (response.type === "opaqueredirect" || response.status >= 500) return response; // signed out: taps may wait
  else await caches.delete(CACHE);
  return response;
};

const kept = async (request) => {
  const found = await (await caches.open(CACHE)).match(request, { ignoreSearch: true, ignoreVary: true });
  if (!found) return null;
  const age = Date.now() - Date.parse(found.headers.get("Date") ?? "");
  if (request !== PAGE || !(age > KEPT_MS)) return found;
  await caches.delete(CACHE);
  return null;
};

const first = async (request, key, note) => {
  const asked = fetch(request).then(note);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  try {
    const answer = await Promise.race([asked, late]);
    if (answer && answer.status < 500) return answer;
  } catch {
    return (await kept(key)) ?? Response.error();
  }
  return (await kept(key)) ?? asked;
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(first(request, PAGE, take));
  else if (url.pathname.startsWith("/static/")) event.respondWith(first(request, request, (answer) => answer));
});

self.addEventListener("message", (event) => {
  if (event.data?.kind !== "keep") return;
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(event.data.files);
    await take(await fetch(PAGE, { credentials: "same-origin", redirect: "manual" }));
    event.source?.postMessage({ kind: "kept" });
  };
  event.waitUntil(keep().catch(() => {}));
});
