import htmx from "htmx.org";
import type { Controller } from "../registry";

const TYPING_MS = 350;

/** Sort links, page links and filters swap the listing alone and push the address; the server renders the whole page. */
export const listing: Controller = (element, signal) => {
  let timer = 0;

  function load(url: string, typing = false): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    const keep = focused && element.contains(focused) ? focused.id || focused.getAttribute("name") : null;
    element.setAttribute("aria-busy", "true");
    void htmx
      .ajax("get", url, { source: element, target: element, select: `#${element.id}`, swap: "outerHTML show:none", ...(typing ? { replace: "true" } : { push: "true" }) })
      .then(() => {
        const fresh = document.getElementById(element.id);
        fresh?.removeAttribute("aria-busy");
        if (keep) restoreFocus(fresh, keep);
      });
  }

  function apply(form: HTMLFormElement, typing = false): void {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value) query.append(name, value);
    load(`${location.pathname}?${query}`, typing);
  }

  element.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a.sort, .pages a") : null;
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      load(link.href);
    },
    { signal },
  );
  element.querySelector<HTMLFormElement>("form.filters")?.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      apply(event.currentTarget as HTMLFormElement);
    },
    { signal },
  );
  element.addEventListener(
    "input",
    (event) => {
      const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("form.filters") : null;
      // In a drawer one chooses in peace, and shows the result with its button.
      if (!form || (event.target instanceof Element && event.target.closest("dialog[open]"))) return;
      // Each letter is no step back in the history; each choice is.
      const typing = event.target instanceof HTMLInputElement && ["text", "search"].includes(event.target.type);
      clearTimeout(timer);
      timer = window.setTimeout(() => apply(form, typing), typing ? TYPING_MS : 0);
    },
    { signal },
  );
  signal.addEventListener("abort", () => clearTimeout(timer));
};

function restoreFocus(root: HTMLElement | null, key: string): void {
  const field = root?.querySelector<HTMLElement>(`#${CSS.escape(key)}, [name="${CSS.escape(key)}"]`);
  field?.focus({ preventScroll: true });
  if (field instanceof HTMLInputElement && field.type === "text") field.setSelectionRange(field.value.length, field.value.length);
}
