import type { Registry } from "../registry";

declare global {
  var socialopsControllers: Registry | undefined;
}
