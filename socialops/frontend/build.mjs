// Bundles ts/ and css/ into ../static/dist under plain names; Django's manifest storage adds the hashes.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "..", "static", "dist");
const modules = join(here, "node_modules");
const { resolve } = createRequire(import.meta.url);

// Tabler's Sass, so that only the parts we use are shipped.
const scss = {
  name: "scss",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, ({ path }) => {
      const result = sass.compileString(readFileSync(path, "utf8"), {
        url: pathToFileURL(path),
        loadPaths: [modules],
        quietDeps: true,
        logger: sass.Logger.silent,
      });
      return {
        contents: result.css,
        loader: "css",
        resolveDir: dirname(path),
        watchFiles: result.loadedUrls.filter((url) => url.protocol === "file:").map((url) => fileURLToPath(url)),
      };
    });
  },
};

/** One <symbol> an icon; the strokes' look is CSS (.icon). An unknown name stops the build. */
function sprite() {
  const names = JSON.parse(readFileSync(join(here, "icons.json"), "utf8"));
  const symbols = names.map((name) => {
    const svg = readFileSync(resolve(`@tabler/icons/outline/${name}.svg`), "utf8");
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "").trim()}</symbol>`;
  });
  writeFileSync(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

const options = {
  absWorkingDir: here,
  entryPoints: ["app", "charts", "calendar", "composer"]
    .map((name) => `ts/${name}.ts`)
    .concat(["app", "calendar", "composer"].map((name) => `css/${name}.css`)),
  entryNames: "[name]",
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox128", "safari18"],
  loader: { ".woff2": "file", ".svg": "dataurl" },
  assetNames: "[name]",
  legalComments: "linked",
  logLevel: "warning",
  plugins: [scss],
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
sprite();
copyFileSync(join(here, "assets", "favicon.svg"), join(dist, "favicon.svg"));
if (process.argv.includes("--watch")) {
  await (await esbuild.context(options)).watch();
} else {
  await esbuild.build(options);
}
