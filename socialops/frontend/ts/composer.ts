// The composer's own controllers: one file each in controllers/.
import { composer, forget } from "./controllers/composer";
import { register } from "./registry";

register("composer", composer);
register("forget", forget);
