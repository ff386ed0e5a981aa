// The composer's own controllers: register them here, one file each in controllers/.
import "./registry";
