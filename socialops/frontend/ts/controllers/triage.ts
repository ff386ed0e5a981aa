import type { Controller } from "../registry";

const STEPS: Record<string, number> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

/** A list worked through by keyboard: J and K (or the arrows) move; an entry's own keys are those of its data-key controls.
 *  They only listen while an entry has the focus, so that they never surprise somebody who types; J from the page's body starts. */
export const triage: Controller = (element, signal) => {
  const entries = (): HTMLElement[] => [...element.querySelectorAll<HTMLElement>(":scope > [tabindex]")];

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const focused = document.activeElement;
      const list = entries();
      const at = list.findIndex((entry) => entry.contains(focused));
      if (at < 0 && !(event.key === "j" && focused === document.body)) return;
      const step = STEPS[event.key];
      if (step !== undefined) {
        const next = list[Math.min(list.length - 1, Math.max(0, at + step))];
        next?.focus();
        next?.scrollIntoView({ block: "nearest" });
        event.preventDefault();
        return;
      }
      const control = list[at]?.querySelector<HTMLElement>(`[data-key="${CSS.escape(event.key)}"]`);
      if (!control) return;
      event.preventDefault();
      control.click();
    },
    { signal },
  );
};
