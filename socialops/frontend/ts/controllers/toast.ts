import type { Controller } from "../registry";

const STAYS_MS = 8000;

/** Leaves by its cross, or by itself unless it is a refusal or a mouse or the focus is on it. */
export const toast: Controller = (element, signal) => {
  element.querySelector("[data-dismiss]")?.addEventListener("click", () => element.remove(), { signal });
  if (element.classList.contains("t-danger")) return;
  let timer = 0;
  const start = (): void => {
    timer = window.setTimeout(() => element.remove(), STAYS_MS);
  };
  const stop = (): void => clearTimeout(timer);
  for (const name of ["mouseenter", "focusin"]) element.addEventListener(name, stop, { signal });
  for (const name of ["mouseleave", "focusout"]) element.addEventListener(name, start, { signal });
  start();
};
