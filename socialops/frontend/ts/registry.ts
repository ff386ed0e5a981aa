// Attaches a controller to each element with data-controller="name", now and in whatever htmx brings later.
// Every bundle imports this file; the first one to run makes the registry that all share.

/** Called once an element. `signal` aborts when the element has left the page: give it to every listener. */
export type Controller = (element: HTMLElement, signal: AbortSignal) => void;

export interface Registry {
  register(name: string, controller: Controller): void;
}

const SELECTOR = "[data-controller]";

function create(): Registry {
  const controllers = new Map<string, Controller>();
  const attached = new Map<HTMLElement, { names: Set<string>; abort: AbortController }>();

  function attach(element: HTMLElement): void {
    const state = attached.get(element) ?? { names: new Set<string>(), abort: new AbortController() };
    for (const name of (element.dataset["controller"] ?? "").split(/\s+/)) {
      const controller = controllers.get(name);
      if (controller && !state.names.has(name)) {
        state.names.add(name);
        attached.set(element, state);
        controller(element, state.abort.signal);
      }
    }
  }

  function scan(root: ParentNode): void {
    if (root instanceof HTMLElement && root.matches(SELECTOR)) attach(root);
    for (const element of root.querySelectorAll<HTMLElement>(SELECTOR)) attach(element);
  }

  function sweep(): void {
    for (const [element, state] of attached) {
      if (!element.isConnected) {
        state.abort.abort();
        attached.delete(element);
      }
    }
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node instanceof HTMLElement) scan(node);
    }
    if (changes.some((change) => change.removedNodes.length > 0)) sweep();
  }).observe(document.documentElement, { childList: true, subtree: true });

  return {
    register(name, controller) {
      controllers.set(name, controller);
      scan(document);
    },
  };
}

const registry = (globalThis.socialopsControllers ??= create());

export const register = registry.register;
