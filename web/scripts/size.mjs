// What a first visit loads must stay small: the entry, the desk with its cards, and their styles, as
// gzip. Other pages come when they are opened.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 250;
const DESK = "src/card/Desk.tsx";
const STATIC = new URL("../../gateway/web/static/", import.meta.url);

const read = (file) => readFileSync(new URL(file, STATIC));
const manifest = JSON.parse(read("manifest.json"));
const files = new Set();

function collect(key) {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) collect(imported);
}

for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) collect(key);
collect(DESK);
const bytes = [...files].map((file) => gzipSync(read(file)).length).reduce((a, b) => a + b, 0);
const kb = Math.ceil(bytes / 1000);
process.stdout.write(`first load: ${kb} KB gzip in ${files.size} files (limit ${LIMIT_KB} KB)\n`);
if (kb > LIMIT_KB) {
  process.stderr.write(
    "error: the first load is too large: load pages lazily, or drop a package\n",
  );
  process.exit(1);
}
