#!/usr/bin/env node
// The bin. Runs main.cjs from the code that V8 compiled at install time: compiling it at every start takes a tenth of
// a whole command. Another V8 refuses that code and compiles as ever. (From Node 22 on, module.enableCompileCache.)
'use strict';
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const main = join(__dirname, 'main.cjs');
const compiled = join(__dirname, `main.${process.arch}-${process.versions.v8}.cache`);

if (require.main === module) {
  load(read(compiled)).runInThisContext()(exports, require, module, main, __dirname);
} else {
  /** Stores the compiled code for this Node. */
  exports.store = () => {
    const building = `${compiled}.${process.pid}`;
    writeFileSync(building, load(undefined).createCachedData());
    renameSync(building, compiled);
  };
}

function load(cachedData) {
  const source = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(main, 'utf8')}\n})`;
  return new Script(source, { filename: main, cachedData });
}

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // install scripts were not allowed, or Node was changed
  }
}
