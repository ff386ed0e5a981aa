/** Shows a message that came up in the browser, with the look of the server's own. */
export function say(text: string, tone = "danger"): void {
  const toasts = document.getElementById("toasts");
  if (!toasts || !text) return;
  const item = document.createElement("div");
  item.className = `toast-item t-${tone}`;
  item.dataset["controller"] = "toast";
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-ghost btn-icon btn-close-x";
  close.dataset["dismiss"] = "";
  close.setAttribute("aria-label", document.body.dataset["close"] ?? "");
  item.append(paragraph, close);
  toasts.append(item);
}
