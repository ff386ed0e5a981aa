import type { Controller } from "../registry";

const SHOWN_MS = 2000;

/** Copies the field's value; the button says so for a moment (data-done). */
export const copy: Controller = (element, signal) => {
  const input = element.querySelector("input");
  const button = element.querySelector("button");
  const word = button?.querySelector("span");
  if (!input || !button || !word) return;
  const before = word.textContent;
  button.addEventListener(
    "click",
    async () => {
      input.select();
      await navigator.clipboard.writeText(input.value);
      word.textContent = element.dataset["done"] ?? before;
      setTimeout(() => (word.textContent = before), SHOWN_MS);
    },
    { signal },
  );
};
