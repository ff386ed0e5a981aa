// The composer's own controllers: one file each in controllers/.
import { composer, forget } from "./controllers/composer";
import { upload } from "./controllers/upload";
import { register } from "./registry";

register("composer", composer);
register("forget", forget);
register("upload", upload);
