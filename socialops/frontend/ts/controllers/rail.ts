import type { Controller } from "../registry";

/** On a phone the rail opens by its address (#rail): Esc and going somewhere close it. */
export const rail: Controller = (element, signal) => {
  const isOpen = (): boolean => location.hash === `#${element.id}`;
  const close = (): void => {
    if (isOpen()) location.replace("#main");
  };
  addEventListener("keydown", (event) => event.key === "Escape" && close(), { signal });
  addEventListener(
    "hashchange",
    () => isOpen() && element.querySelector<HTMLElement>("a, button")?.focus({ preventScroll: true }),
    { signal },
  );
};
