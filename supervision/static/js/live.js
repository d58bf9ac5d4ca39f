/* Rundan: the live round counts on by itself between the server's answers, and can be run from a keyboard. */
"use strict";

(() => {
  const SECOND = 1000;
  const DAY_S = 86400;
  let base = null;
  let announced = null;
  let openDetails = [];

  const number = (text) => (text === "" || text === undefined ? null : Number(text));

  const length = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };

  const write = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };

  /* Read what the server knew and when we got it; the server is the truth. */
  const read = () => {
    const tick = document.getElementById("tick");
    base = tick
      ? {
          at: performance.now(),
          running: tick.dataset.running === "1",
          elapsed: Number(tick.dataset.elapsed),
          allotted: Number(tick.dataset.allotted),
          used: number(tick.dataset.used),
          share: number(tick.dataset.share),
          over: tick.dataset.over,
          wall: Number(tick.dataset.wall),
          colon: tick.dataset.colon,
        }
      : null;
    announce(tick);
  };

  /* Say a change of speaker or phase, never the time. */
  const announce = (tick) => {
    const region = document.getElementById("announce");
    if (!tick || !region) return;
    if (announced !== null && announced !== tick.dataset.announce) region.textContent = tick.dataset.announce;
    announced = tick.dataset.announce;
  };

  const wallClock = (passed) => {
    const wall = Math.floor((base.wall + passed) % DAY_S);
    const two = (n) => String(n).padStart(2, "0");
    return `${two(Math.floor(wall / 3600))}${base.colon}${two(Math.floor((wall % 3600) / 60))}`;
  };

  const hub = (elapsed) => {
    const left = base.allotted - elapsed;
    const isOver = left <= -1;
    write(document.querySelector(".hub-time"), isOver ? `+${length(-left)}` : length(left));
    if (isOver) write(document.querySelector(".hub-sub"), base.over);
    const ring = document.querySelector(".hub-used");
    if (ring && base.allotted > 0) {
      ring.setAttribute("stroke-dasharray", `${Math.min(100, (100 * elapsed) / base.allotted).toFixed(2)} 100`);
    }
  };

  const speaker = (passed) => {
    if (base.used === null) return;
    const place = document.querySelector(".place.is-speaking");
    if (!place) return;
    const used = base.used + passed;
    write(place.querySelector(".place-state .t"), length(used));
    const ring = place.querySelector(".ring-used");
    if (ring && base.share) ring.setAttribute("stroke-dasharray", `${Math.min(100, (100 * used) / base.share).toFixed(2)} 100`);
  };

  const count = () => {
    if (!base) return;
    const passed = (performance.now() - base.at) / SECOND;
    write(document.getElementById("live-now"), wallClock(passed));
    if (!base.running) return;
    hub(base.elapsed + passed);
    speaker(passed);
  };

  const press = (event) => {
    const onControl = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || onControl) return;
    let wanted = null;
    if (/^[1-8]$/.test(event.key)) {
      wanted = document.querySelector(`button.place.i-${Number(event.key) - 1}`);
    } else if (event.key === " ") {
      if (event.target.closest("button, a, summary")) return;
      wanted = document.querySelector('[data-key="space"]');
    } else if (event.key === "n" || event.key === "u") {
      wanted = document.querySelector(`[data-key="${event.key}"]`);
    }
    if (!wanted || wanted.disabled) return;
    event.preventDefault();
    wanted.click();
  };

  document.addEventListener("keydown", press);
  document.addEventListener("htmx:beforeSwap", () => {
    openDetails = [...document.querySelectorAll("details[open][id]")].map((one) => one.id);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "main") return;
    openDetails.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    read();
    count();
  });
  read();
  setInterval(count, SECOND);
})();
