// On every page: htmx, menus, panels, messages and the small controllers.
import "@tabler/core/js/src/bootstrap/dropdown";
import "./requests";
import "./panels";
import { register } from "./registry";
import { copy } from "./controllers/copy";
import { focus } from "./controllers/focus";
import { listing } from "./controllers/listing";
import { rail } from "./controllers/rail";
import { swatch } from "./controllers/swatch";
import { toast } from "./controllers/toast";
import { triage } from "./controllers/triage";

register("copy", copy);
register("focus", focus);
register("listing", listing);
register("rail", rail);
register("swatch", swatch);
register("toast", toast);
register("triage", triage);
