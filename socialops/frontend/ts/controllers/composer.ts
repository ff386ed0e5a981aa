import type { Controller } from "../registry";

interface Kept {
  fields: [string, string][];
  at: number;
}

const SKIPPED = new Set(["csrfmiddlewaretoken", "key", "version", "file"]);
const CHECKED = new Set(["checkbox", "radio"]);
const OLDEST = 14 * 24 * 3600 * 1000;

function read(key: string): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Kept | null;
    return kept && Date.now() - kept.at < OLDEST ? kept : null;
  } catch {
    return null; // storage refused, or not ours: there is nothing to bring back
  }
}

function write(key: string, kept: Kept): void {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // a full or refused storage: the form still works, only the safety net is missing
  }
}

/** Lets the choice of a channel's own files hold those of the post, in their order: a new one is chosen until somebody says otherwise. */
function offer(choice: HTMLElement, form: HTMLFormElement): void {
  const name = choice.dataset["own"] ?? "";
  const template = choice.querySelector("template");
  const boxes = new Map([...choice.querySelectorAll<HTMLInputElement>("input[type=checkbox]")].map((box) => [box.value, box]));
  const files = [...form.querySelectorAll<HTMLElement>("#media-list [data-media]")];
  if ([...boxes.keys()].join() === files.map((file) => file.dataset["media"]).join()) return; // nothing moves under somebody's focus
  for (const label of choice.querySelectorAll("label")) label.remove();
  for (const file of files) {
    const media = file.dataset["media"] ?? "";
    const label = boxes.get(media)?.closest("label") ?? template?.content.cloneNode(true);
    if (label) template?.before(label);
    if (boxes.has(media)) continue;
    const made = template?.previousElementSibling;
    const box = made?.querySelector("input");
    const shown = file.querySelector("input[name=media]")?.nextElementSibling;
    if (!made || !box || !shown) continue;
    box.name = name;
    box.value = media;
    box.ariaLabel = file.dataset["name"] ?? "";
    made.append(shown.cloneNode(true));
  }
  choice.hidden = files.length === 0;
  if (files.length > 0) form.querySelector(`[name="all-${CSS.escape(name)}"]`)?.remove();
}

/** The files a channel shows, in the post's order. */
function filesOf(panel: HTMLElement, form: HTMLFormElement): HTMLElement[] {
  const files = [...form.querySelectorAll<HTMLElement>("#media-list [data-media]")];
  const own = panel.querySelector<HTMLInputElement>("input[name^=detach-]:checked") !== null;
  const choices = [...panel.querySelectorAll<HTMLInputElement>("input[name^=images-]")];
  if (!own || choices.length === 0) return files;
  const chosen = new Set(choices.filter((choice) => choice.checked).map((choice) => choice.value));
  return files.filter((file) => chosen.has(file.dataset["media"] ?? ""));
}

/** Shows the settings of a channel that have a meaning for its format and for the kinds of its files. */
function fit(panel: HTMLElement, form: HTMLFormElement): void {
  const format = panel.querySelector<HTMLInputElement>("input[name^=format-]:checked")?.value ?? "post";
  const kinds = new Set(filesOf(panel, form).map((file) => file.dataset["kind"]));
  for (const field of panel.querySelectorAll<HTMLElement>(".option")) {
    const formats = field.dataset["formats"]?.split(" ");
    const needs = field.dataset["needs"]?.split(" ");
    field.hidden = (formats !== undefined && !formats.includes(format)) || (needs !== undefined && !needs.some((kind) => kinds.has(kind)));
  }
}

/** Opens what a field is folded away in. */
function unfold(field: Element | undefined): void {
  for (let fold = field?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.setAttribute("open", "");
}

/** Whether a channel asks for something that nobody has said yet. */
function unanswered(panel: HTMLElement): boolean {
  const asked = panel.querySelectorAll<HTMLInputElement | HTMLSelectElement>(".option:not([hidden]) [aria-required=true]");
  return [...asked].some((field) => field.value === "");
}

/** The post being written: keeps what is typed in this browser until it is saved, shows and hides what belongs to a channel. */
export const composer: Controller = (element, signal) => {
  if (!(element instanceof HTMLFormElement)) return;
  const form = element;
  const key = form.dataset["key"] ?? "";
  const slot = key.replace(/:new-[^:]*$/, ":new").replace(/(:post-\d+)-\d+$/, "$1");
  const banner = form.querySelector<HTMLElement>("#restore");

  const snapshot = (): [string, string][] => {
    const fields: [string, string][] = [];
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !SKIPPED.has(name)) fields.push([name, value]);
    }
    return fields;
  };

  const toggle = (box: HTMLInputElement): void => {
    const shown = box.dataset["shows"] ? document.getElementById(box.dataset["shows"]) : null;
    if (shown) shown.hidden = !box.checked;
    if (box.checked && shown instanceof HTMLDetailsElement && unanswered(shown)) shown.open = true;
    const source = box.dataset["copies"];
    const target = shown?.querySelector("textarea");
    const shared = source ? document.getElementById(source) : null;
    if (box.checked && target && !target.value && shared instanceof HTMLTextAreaElement) target.value = shared.value;
  };

  /** What one more of a list that grows looks like: the template that holds a field of that name. */
  const templateOf = (name: string): HTMLTemplateElement | undefined =>
    [...form.querySelectorAll("template")].find((one) => one.content.querySelector(`[name="${CSS.escape(name)}"]`) !== null);

  /** One more of a list that grows. */
  const addOne = (name: string): HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | null => {
    const template = templateOf(name);
    const list = template?.closest<HTMLElement>("[data-most]");
    if (!template || list?.classList.contains("is-full")) return null;
    template.before(template.content.cloneNode(true));
    measure(list);
    return template.previousElementSibling?.querySelector<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(`[name="${CSS.escape(name)}"]`) ?? null;
  };

  /** Whether a list holds as many as it may. */
  const measure = (list: HTMLElement | null | undefined): void => {
    list?.classList.toggle("is-full", list.querySelectorAll(":scope > li").length >= Number(list.dataset["most"]));
  };

  /** A list of lines that has just come into sight and is empty takes what the same list of another channel says. */
  const borrow = (panel: Element | null): void => {
    const said = (list: Element): string[] => {
      const texts = [...list.querySelectorAll("input")].map((line) => line.value);
      while (texts.at(-1) === "") texts.pop();
      return texts;
    };
    const inSight = (list: Element): boolean => list.closest("[hidden]") === null;
    for (const list of panel?.querySelectorAll<HTMLElement>("[data-list]") ?? []) {
      if (!inSight(list) || said(list).length > 0) continue;
      const others = [...form.querySelectorAll(`[data-list="${list.dataset["list"] ?? ""}"]`)];
      const texts = said(others.find((other) => inSight(other) && said(other).length > 0) ?? list);
      texts.forEach((text, place) => {
        const lines = list.querySelectorAll("input");
        const line = lines[place] ?? addOne(lines[0]?.name ?? "");
        if (line) line.value = text;
      });
    }
  };

  /** What was written for each file in lists that have a line a file, and the files those lines now stand for. */
  const written = new Map<HTMLElement, { order: string[]; texts: Map<string, string> }>();

  /** Lets the lines of a list stand beside their files: added, moved and removed with them. What was written for a file that left comes back with it. */
  const follow = (list: HTMLElement, files: string[]): void => {
    const { order, texts } = written.get(list) ?? { order: [], texts: new Map<string, string>() };
    const lines = [...list.querySelectorAll("input")];
    const values = lines.map((line) => line.value);
    order.slice(0, values.length).forEach((file, place) => texts.set(file, values[place] ?? ""));
    const spare = values.slice(order.length); // lines that were written before their files came
    const wanted = files.map((file) => texts.get(file) ?? spare.shift() ?? "");
    wanted.push(...spare);
    const least = Math.max(files.length, Number(list.dataset["follows"]));
    while (wanted.length > least && wanted.at(-1) === "") wanted.pop();
    while (wanted.length < least) wanted.push("");
    for (const line of lines.slice(wanted.length)) line.closest("li")?.remove();
    measure(list);
    wanted.forEach((text, place) => {
      const line = lines[place] ?? addOne(lines[0]?.name ?? "");
      if (line) line.value = text;
    });
    written.set(list, { order: files, texts });
  };

  const fitAll = (): void => {
    for (const choice of form.querySelectorAll<HTMLElement>("[data-own]")) offer(choice, form);
    for (const panel of form.querySelectorAll<HTMLElement>("details.own")) {
      fit(panel, form);
      const files = filesOf(panel, form).map((file) => file.dataset["media"] ?? "");
      for (const list of panel.querySelectorAll<HTMLElement>("[data-follows]")) follow(list, files);
    }
  };

  const refresh = (): void => {
    fitAll();
    form.dispatchEvent(new Event("refresh"));
  };

  fitAll();
  const fresh = snapshot();
  const initial = JSON.stringify(fresh);
  const unchanged = new Set(fresh.map((field) => field.join("\n")));

  /** The files that were there, in their order: they are kept on the server, only the form has forgotten them. */
  const bringFiles = async (kept: Kept): Promise<void> => {
    const list = form.querySelector("#media-list");
    if (!list) return;
    const items = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[data-media]")];
    const here = new Set(items().map((item) => item.dataset["media"]));
    const wanted = kept.fields.filter(([name]) => name === "media");
    const missing = wanted.filter(([, value]) => !here.has(value));
    if (missing.length > 0) {
      const answer = await fetch(`${form.dataset["items"] ?? ""}?${new URLSearchParams(missing)}`);
      if (answer.ok) list.insertAdjacentHTML("beforeend", await answer.text());
    }
    const found = new Map(items().map((item) => [item.dataset["media"], item]));
    for (const item of found.values()) item.remove();
    list.append(...wanted.flatMap(([, value]) => found.get(value) ?? []));
    written.clear(); // the lines that come back stand for these files
  };

  const restore = async (kept: Kept): Promise<void> => {
    await bringFiles(kept);
    fitAll(); // each channel may choose among them
    const seen = new Map<string, number>();
    for (const box of form.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) box.checked = false;
    for (const [name, value] of kept.fields) {
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      const grows = templateOf(name);
      const found = [...form.querySelectorAll<HTMLElement>(`[name="${CSS.escape(name)}"]`)].filter((one) => one.closest("template") === null);
      if (grows && nth >= found.length) {
        const fresh = addOne(name);
        if (fresh) fresh.value = value;
        unfold(grows);
        continue;
      }
      const box = found.find((one) => one instanceof HTMLInputElement && CHECKED.has(one.type) && one.value === value);
      const field = box ?? found[grows ? nth : 0];
      if (value && !unchanged.has(`${name}\n${value}`)) unfold(field);
      if (box instanceof HTMLInputElement) box.checked = true;
      else if (field instanceof HTMLInputElement && CHECKED.has(field.type)) continue; // a choice that is no longer offered
      else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) {
        if (name !== "media" && name !== "brand") field.value = value;
      }
    }
    for (const box of form.querySelectorAll<HTMLInputElement>("[data-shows]")) toggle(box);
    refresh();
  };

  const kept = read(slot);
  if (kept && form.dataset["fresh"] === "stored" && JSON.stringify(kept.fields) !== initial && banner) {
    banner.hidden = false;
    banner.querySelector("[data-restore]")?.addEventListener(
      "click",
      () => {
        void restore(kept);
        banner.hidden = true;
      },
      { signal },
    );
    banner.querySelector("[data-discard]")?.addEventListener(
      "click",
      () => {
        localStorage.removeItem(slot);
        banner.hidden = true;
      },
      { signal },
    );
  }

  form.addEventListener(
    "input",
    () => {
      write(slot, { fields: snapshot(), at: Date.now() });
    },
    { signal },
  );
  form.addEventListener(
    "change",
    (event) => {
      const target = event.target;
      fitAll();
      if (target instanceof HTMLInputElement && target.name.startsWith("format-")) borrow(target.closest("details"));
      if (target instanceof HTMLInputElement && target.dataset["shows"]) toggle(target);
      if (target instanceof HTMLSelectElement && target.dataset["go"]) {
        location.href = `${target.dataset["go"]}?brand=${encodeURIComponent(target.value)}`;
      }
      write(slot, { fields: snapshot(), at: Date.now() });
    },
    { signal },
  );
  form.addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
      if (!button) return;
      const removes = button.dataset["remove"];
      const earlier = button.dataset["earlier"];
      const adds = button.dataset["adds"];
      const fills = button.dataset["fills"];
      if (removes) {
        const removed = button.closest(removes);
        const list = removed?.parentElement?.closest<HTMLElement>("[data-most]");
        const field = removed?.parentElement?.closest(".field");
        const kin = [removed?.nextElementSibling, removed?.previousElementSibling].find((one) => one?.matches(removes));
        const line = list ? removed?.previousElementSibling?.querySelector<HTMLElement>(":scope > input:not([type=hidden])") : null;
        removed?.remove();
        measure(list);
        // the button that had the focus is gone
        (line ?? kin?.querySelector<HTMLElement>("[data-remove]") ?? field?.querySelector<HTMLElement>("[data-adds], input[type=file]"))?.focus();
        refresh();
      } else if (earlier) {
        const item = button.closest(earlier);
        if (item?.previousElementSibling) item.previousElementSibling.before(item);
        button.focus();
        refresh();
      } else if (fills) {
        const field = form.querySelector<HTMLInputElement>(`[name="${CSS.escape(fills)}"]`);
        if (field) field.value = button instanceof HTMLButtonElement ? button.value : "";
        button.closest("ul")?.remove();
        field?.focus();
        field?.dispatchEvent(new Event("input", { bubbles: true }));
      } else if (adds) {
        addOne(adds)?.focus();
      }
    },
    { signal },
  );
  form.addEventListener(
    "keydown",
    (event) => {
      const searches = event.target instanceof HTMLInputElement ? event.target.dataset["searches"] : undefined;
      if (searches && event.key === "Enter" && !event.isComposing) {
        event.preventDefault(); // Enter searches; it does not save the post
        document.getElementById(searches)?.click();
      }
      const line = event.target instanceof HTMLInputElement ? event.target.closest(".line-field") : null;
      if (!line || event.key !== "Enter" || event.isComposing) return;
      event.preventDefault(); // Enter goes to the next line; it does not save the post
      const next = line.nextElementSibling?.querySelector<HTMLElement>("input") ?? (line.closest("[data-follows]") ? null : addOne((event.target as HTMLInputElement).name));
      next?.focus();
    },
    { signal },
  );
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.type === "file") {
      event.target.value = "";
      refresh();
    }
  });
};

/** After a save: what this browser had kept of the post is no longer needed. */
export const forget: Controller = (element) => {
  const ending = element.dataset["key"] ?? "";
  const slot = ending.replace(/^new-.*$/, "new").replace(/^(post-\d+)-\d+$/, "$1");
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("socialops:") && slot && key.endsWith(`:${slot}`)) localStorage.removeItem(key);
  }
};
