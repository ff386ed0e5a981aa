import type { Controller } from "../registry";

const DAY_KEYS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Moves a post to another day: by dragging its card, or with Alt and the arrows. Posts the form of the page, which says where to. */
export const calendar: Controller = (element, signal) => {
  const form = document.querySelector<HTMLFormElement>("#move-form");
  if (!form) return;
  let dragged: HTMLElement | null = null;

  const cardOf = (target: EventTarget | null): HTMLElement | null =>
    target instanceof Element ? target.closest<HTMLElement>("[data-post]") : null;
  const cellOf = (target: EventTarget | null): HTMLElement | null =>
    target instanceof Element ? target.closest<HTMLElement>("[data-date]") : null;

  function move(card: HTMLElement, date: string): void {
    const field = form?.elements.namedItem("date");
    if (!form || !(field instanceof HTMLInputElement)) return;
    field.value = date;
    form.action = (form.dataset["action"] ?? "").replace("/0/", `/${card.dataset["post"] ?? ""}/`);
    card.classList.add("is-moving");
    form.requestSubmit();
  }

  function clear(): void {
    for (const cell of element.querySelectorAll(".is-target")) cell.classList.remove("is-target");
  }

  element.addEventListener(
    "dragstart",
    (event) => {
      dragged = cardOf(event.target);
      if (!dragged?.draggable || !event.dataTransfer) return;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.dataset["post"] ?? "");
      element.classList.add("is-dragging");
    },
    { signal },
  );
  element.addEventListener(
    "dragover",
    (event) => {
      const cell = cellOf(event.target);
      if (!dragged || !cell) return;
      event.preventDefault();
      clear();
      if (!cell.contains(dragged)) cell.classList.add("is-target");
    },
    { signal },
  );
  element.addEventListener(
    "drop",
    (event) => {
      const cell = cellOf(event.target);
      event.preventDefault();
      if (dragged && cell && !cell.contains(dragged)) move(dragged, cell.dataset["date"] ?? "");
    },
    { signal },
  );
  element.addEventListener(
    "dragend",
    () => {
      dragged = null;
      clear();
      element.classList.remove("is-dragging");
    },
    { signal },
  );
  element.addEventListener(
    "keydown",
    (event) => {
      const card = cardOf(event.target);
      if (!card) return;
      if (event.key.toLowerCase() === "m" && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        card.click();
        return;
      }
      const days = DAY_KEYS[event.key];
      const day = cellOf(card)?.dataset["date"];
      if (!event.altKey || days === undefined || !day || !card.draggable) return;
      event.preventDefault();
      const date = new Date(`${day}T12:00:00Z`);
      date.setUTCDate(date.getUTCDate() + days);
      move(card, date.toISOString().slice(0, 10));
    },
    { signal },
  );
};

/** A form in the drawer that should lead back to the page under it. */
export const here: Controller = (element) => {
  if (element instanceof HTMLInputElement && !element.value) element.value = location.pathname + location.search;
};
