// `node build.js OUT.js`: makes one script of the libraries, with their licences at its head.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const [out] = process.argv.slice(2);
const { outputFiles: [script], metafile } = await build({
  entryPoints: ['libraries.js'],
  bundle: true,
  minify: true,
  format: 'iife',
  globalName: 'libraries',
  target: ['chrome111', 'firefox114', 'safari16.4'],
  // Nothing may end the element that the script stands in.
  supported: { 'inline-script': false },
  legalComments: 'none',
  metafile: true,
  write: false,
});

const folders = Object.keys(metafile.inputs).map((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(file)?.[0]);
const licences = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'].map((name) => folder + name).find(existsSync);
  if (!file) throw new Error(`${name} has no licence`);
  return `${name} ${version}\n\n${readFileSync(file, 'utf8').trim()}`;
});
const head = licences.join('\n\n').replaceAll('*/', '* /').replaceAll('</', '< /');
writeFileSync(out, `/*!\n${head}\n*/\n${script.text}`);
