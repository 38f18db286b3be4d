// Modules of a fixture in TypeScript or JavaScript, compiled one by one. Relative imports are files of the fixture, all
// others packages.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { compileFunction } from 'node:vm';

const SUFFIXES = ['', '.ts', '.js', '/index.ts', '/index.js'];

// The files of a fixture, and what loads one. `before`: transformers of the compiler; `texts`: file → its compiled text.
export function modules({ folder, ts, installed, before = [] }) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.[jt]s$/.test(name)).sort()
    .map((name) => join(folder, name));
  const loaded = new Map();
  const texts = new Map();

  function compiled(path) {
    return ts.transpileModule(readFileSync(path, 'utf8'), {
      fileName: path,
      transformers: { before: before.map((transformer) => transformer(path)) },
      compilerOptions: {
        target: 'ES2022', module: 'CommonJS', esModuleInterop: true, useDefineForClassFields: false,
        experimentalDecorators: true, emitDecoratorMetadata: true, allowJs: true,
      },
    }).outputText;
  }

  function found(path) {
    const file = SUFFIXES.map((suffix) => path + suffix).find((each) => files.includes(each));
    if (!file) throw new Error(`no file of the fixture: ${path}`);
    return file;
  }

  function load(path) {
    if (!loaded.has(path)) {
      const module = { exports: {} };
      loaded.set(path, module);
      texts.set(path, compiled(path));
      const run = compileFunction(texts.get(path), ['require', 'module', 'exports'], { filename: path });
      run((word) => (word.startsWith('.') ? load(found(resolve(dirname(path), word))) : installed(word)), module,
        module.exports);
    }
    return loaded.get(path).exports;
  }

  return { files, texts, load };
}

// The functions that a file exports, in its order, without classes and those that begin with `_`.
export function functions({ texts, load }, path) {
  const given = Object.entries(load(path)).filter(([name, value]) =>
    typeof value === 'function' && !/^class\b/.test(value.toString()) && !name.startsWith('_'));
  const text = texts.get(path);
  const at = ([, value]) => text.indexOf(value.toString());
  return given.filter((each) => at(each) >= 0).sort((one, other) => at(one) - at(other));
}

// What a function asks for, by the names of its parameters.
export function asked(value, given) {
  const names = value.toString().match(/\(([^)]*)\)/)[1].split(',').map((name) => name.trim()).filter(Boolean);
  return names.map((name) => {
    if (!(name in given)) throw new Error(`${value.name} asks for ${name}, which the adapter does not give`);
    return given[name];
  });
}
