// Prints the cases of every pack, one a line, for e2e.bats: pack, request, cluster, replay, verdict
// and name, separated by tabs. A case whose clock stands still is left out: kwctl's cannot.
import {readFileSync, readdirSync} from "node:fs";
import {createRequire} from "node:module";

const {parse} = createRequire(new URL("e2e/package.json", import.meta.url))("yaml");

for (const pack of readdirSync("policies").sort()) {
  for (const it of parse(readFileSync(`policies/${pack}/suite.yaml`, "utf8")).cases) {
    if (it.now !== undefined) continue;
    const fields = [`policies/${pack}`, it.request, it.cluster ?? "-", it.replay ?? "-", it.verdict, it.name];
    console.log(fields.join("\t"));
  }
}
