// Drawers and dialogs: native <dialog>, opened by data-opens="id", closed by data-closes, Esc or a click beside.
const DRAWER = "drawer";

function dialogAround(target: EventTarget | null): HTMLDialogElement | null {
  return target instanceof Element ? target.closest("dialog") : null;
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const opener = event.target.closest<HTMLElement>("[data-opens]");
  if (opener) {
    const panel = document.getElementById(opener.dataset["opens"] ?? "");
    if (panel instanceof HTMLDialogElement && !panel.open) panel.showModal();
  } else if (event.target.closest("[data-closes]") || event.target instanceof HTMLDialogElement) {
    dialogAround(event.target)?.close();
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.target;
  if (!(target instanceof HTMLElement) || target.id !== `${DRAWER}-content`) return;
  const panel = dialogAround(target);
  if (panel && !panel.open) panel.showModal();
});

document.addEventListener("close-drawer", () => {
  const panel = document.getElementById(DRAWER);
  if (panel instanceof HTMLDialogElement) panel.close();
});
