import type { Controller } from "../registry";

/** Files on their way in: how far they are, and a refusal of what is too large before it travels. */
export const upload: Controller = (element, signal) => {
  const state = element.querySelector<HTMLElement>(".upload-state");
  const bar = state?.querySelector("progress");
  const input = element.querySelector<HTMLInputElement>("input[type=file][name=file]");
  const list = element.querySelector("ul");
  if (!state || !bar || !input || !list) return;

  const say = (phase: string): void => {
    state.hidden = phase === "";
    for (const words of state.querySelectorAll<HTMLElement>("[data-while]")) words.hidden = words.dataset["while"] !== phase;
  };

  element.addEventListener(
    "htmx:beforeRequest",
    (event) => {
      if (event.target !== input) return;
      const most = Number(element.dataset["most"]);
      const large = [...(input.files ?? [])].find((file) => file.size > most);
      if (!large) {
        bar.value = 0;
        say("sending");
        return;
      }
      event.preventDefault();
      const line = document.createElement("li");
      line.className = "field-error";
      line.setAttribute("role", "alert");
      line.textContent = `${large.name}: ${element.dataset["tooLarge"] ?? ""}`;
      list.append(line);
      input.value = "";
    },
    { signal },
  );
  element.addEventListener(
    "htmx:xhr:progress",
    (event) => {
      const { loaded, total } = (event as CustomEvent<{ loaded: number; total: number }>).detail;
      if (event.target !== input || !total) return;
      bar.value = (100 * loaded) / total;
      if (loaded >= total) say("checking");
    },
    { signal },
  );
  element.addEventListener("htmx:afterRequest", () => { say(""); }, { signal });
};
