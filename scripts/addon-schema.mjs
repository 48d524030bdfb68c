// Writes docs/addon.schema.json from the table that the parser of addon.toml reads by; a test compares the two.
import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: ['lib/addon/descriptor-schema.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
});
const code = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
writeFileSync('docs/addon.schema.json', `${JSON.stringify(code.descriptorSchema(), undefined, 2)}\n`);
