// The calendar's own controllers: one file each in controllers/.
import { calendar, here } from "./controllers/calendar";
import { register } from "./registry";

register("calendar", calendar);
register("here", here);
