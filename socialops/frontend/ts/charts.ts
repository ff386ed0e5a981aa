// Loaded by pages that have a chart.
import { register } from "./registry";
import { chart } from "./controllers/chart";

register("chart", chart);
