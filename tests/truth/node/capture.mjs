// Runs a fixture in JavaScript with the real library and prints what it sends, as `tests/truth/capture.py` does.
//
// `node capture.mjs ADAPTER FOLDER PACKAGES COMPILER`, a question of JSON on standard input (see javascript.py).
// Stacks end where something is waited for, so the fixture itself says where it is: the compiler puts a mark of the line
// into each call, behind its arguments, in front of each await, behind what it waits for, and into each turn of
// `for await`. A function that is handed on gives the mark back that was there before it. The mark is kept in the asynchronous context, which goes along with what the fixture starts and comes back
// to it behind each await; what runs beside it has its own.
import { AsyncLocalStorage } from 'node:async_hooks';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';

const [adapter, folder, packages, compiler] = process.argv.slice(2);
const ts = createRequire(join(compiler, 'x.js'))('typescript');
const installed = createRequire(join(packages, 'x.js'));
const SUFFIXES = ['', '.ts', '.js', '/index.ts', '/index.js'];

const flow = new AsyncLocalStorage();
let running = '';
const notes = [];

function mark(path, line) {
  if (flow.getStore()) flow.enterWith({ path, line });
  return [];
}

globalThis.__truth = {
  mark,
  // A function that is handed to a library: what it marks holds for what it does itself, and not for who called it.
  handed(called) {
    const own = function (...given) {
      const before = flow.getStore();
      try {
        return called.apply(this, given);
      } finally {
        flow.enterWith(before);
      }
    };
    return Object.defineProperty(own, 'length', { value: called.length });
  },
  waited(path, line, value) {
    mark(path, line);
    return value;
  },
  turned(path, line, value) {
    return {
      [Symbol.asyncIterator]() {
        mark(path, line);
        const turns = value[Symbol.asyncIterator]?.() ?? value[Symbol.iterator]();
        return {
          next() {
            mark(path, line);
            return turns.next();
          },
          return(given) {
            mark(path, line);
            return turns.return?.(given) ?? { done: true, value: given };
          },
        };
      },
    };
  },
};

// Notes one statement. `parameters`: an array, or an object; what is sent between two functions is an adapter's.
export function note(sql, parameters = [], many = false) {
  if (!running) return;
  const place = flow.getStore();
  if (!place?.line) throw new Error(`no line of the fixture sent this, in ${running}: ${sql}`);
  const { path, line } = place;
  notes.push({ path, start: line, stop: line, function: running, sql, parameters: plain(parameters), many });
}

function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === undefined || value === null) return null;
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  }
  return ['boolean', 'number', 'string'].includes(typeof value) ? value : String(value);
}

// The compiled text of a file of the fixture, with its marks.
function compiled(path) {
  const name = relative(folder, path);
  const marking = (context) => (file) => {
    const { factory } = context;
    const member = (word, ...values) => factory.createCallExpression(
      factory.createPropertyAccessExpression(factory.createIdentifier('__truth'), word), undefined, values);
    const said = (node, word, ...values) => {
      const line = file.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
      return member(word, factory.createStringLiteral(name), factory.createNumericLiteral(line), ...values);
    };
    const visit = (old) => {
      if (ts.isDecorator(old)) return old;
      const node = ts.visitEachChild(old, visit, context);
      const plainly = ts.isCallExpression(node) &&
        ![ts.SyntaxKind.SuperKeyword, ts.SyntaxKind.ImportKeyword].includes(node.expression.kind) &&
        node.expression.text !== 'require';
      if (plainly || ts.isNewExpression(node)) {
        const values = (node.arguments ?? []).map((each) =>
          ts.isArrowFunction(each) || ts.isFunctionExpression(each) ? member('handed', each) : each);
        const given = [...values, factory.createSpreadElement(said(old.expression, 'mark'))];
        if (ts.isNewExpression(node)) return factory.updateNewExpression(node, node.expression, undefined, given);
        return ts.isCallChain(node)
          ? factory.updateCallChain(node, node.expression, node.questionDotToken, undefined, given)
          : factory.updateCallExpression(node, node.expression, undefined, given);
      }
      if (ts.isAwaitExpression(node)) {
        return factory.updateAwaitExpression(node, said(old, 'waited', node.expression));
      }
      if (ts.isForOfStatement(node) && node.awaitModifier) {
        const turned = said(old.expression, 'turned', node.expression);
        return factory.updateForOfStatement(node, node.awaitModifier, node.initializer, turned, node.statement);
      }
      return node;
    };
    return ts.visitNode(file, visit);
  };
  return ts.transpileModule(readFileSync(path, 'utf8'), {
    fileName: path,
    transformers: { before: [marking] },
    compilerOptions: {
      target: 'ES2022', module: 'CommonJS', esModuleInterop: true, useDefineForClassFields: false,
      experimentalDecorators: true, emitDecoratorMetadata: true, allowJs: true,
    },
  }).outputText;
}

const modules = new Map();

function load(path) {
  if (!modules.has(path)) {
    const module = { exports: {}, text: compiled(path) };
    modules.set(path, module);
    const run = compileFunction(module.text, ['require', 'module', 'exports'], { filename: path });
    run((word) => (word.startsWith('.') ? load(found(resolve(dirname(path), word))) : installed(word)), module,
      module.exports);
  }
  return modules.get(path).exports;
}

function found(path) {
  const file = SUFFIXES.map((suffix) => path + suffix).find((each) => FILES.includes(each));
  if (!file) throw new Error(`no file of the fixture: ${path}`);
  return file;
}

const FILES = readdirSync(folder, { recursive: true }).filter((name) => /\.[jt]s$/.test(name)).sort()
  .map((name) => join(folder, name));

// The functions that a file exports, in its order, without classes and those that begin with `_`.
function functions(path) {
  const given = Object.entries(load(path)).filter(([name, value]) =>
    typeof value === 'function' && !/^class\b/.test(value.toString()) && !name.startsWith('_'));
  const { text } = modules.get(path);
  const at = ([, value]) => text.indexOf(value.toString());
  return given.filter((each) => at(each) >= 0).sort((one, other) => at(one) - at(other));
}

// What a function asks for, by the names of its parameters.
function asked(value, given) {
  const names = value.toString().match(/\(([^)]*)\)/)[1].split(',').map((name) => name.trim()).filter(Boolean);
  return names.map((name) => {
    if (!(name in given)) throw new Error(`${value.name} asks for ${name}, which the adapter does not give`);
    return given[name];
  });
}

async function main() {
  const question = JSON.parse(readFileSync(0, 'utf8'));
  const { library } = await import(pathToFileURL(adapter));
  const opened = await library({ note, load: (name) => load(join(folder, name)), installed, ...question });
  for (const path of FILES) {
    for (const [name, value] of functions(path)) {
      const { given, undo } = await opened.each();
      const values = asked(value, given);
      running = name;
      try {
        await flow.run({}, () => value(...values));
      } finally {
        running = '';
        await undo?.();
      }
    }
  }
  await opened.close?.();
}

console.log = console.error;
await main();
process.stdout.write(JSON.stringify(notes));
