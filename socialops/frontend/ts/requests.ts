// htmx, and what a person is told when a request fails. The words are on <body>.
import "htmx.org";
import { say } from "./say";

const FORBIDDEN = 403;

document.addEventListener("htmx:responseError", (event) => {
  const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
  say((status === FORBIDDEN ? document.body.dataset["forbidden"] : document.body.dataset["error"]) ?? "");
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => say(document.body.dataset["offline"] ?? ""));
}
