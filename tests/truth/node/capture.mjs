// Runs a fixture in JavaScript with the real library and prints what it sends, as `tests/truth/capture.py` does.
//
// `node capture.mjs ADAPTER FOLDER PACKAGES COMPILER`, a question of JSON on standard input (see javascript.py).
// Stacks end where something is waited for, so the fixture itself says where it is: the compiler puts a mark of the line
// into each call, behind its arguments, in front of each await, behind what it waits for, and into each turn of
// `for await`. A function that is handed on gives the mark back that was there before it. The mark is kept in the asynchronous context, which goes along with what the fixture starts and comes back
// to it behind each await; what runs beside it has its own.
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asked, functions, modules } from './modules.mjs';

const [adapter, folder, packages, compiler] = process.argv.slice(2);
const ts = createRequire(join(compiler, 'x.js'))('typescript');
const installed = createRequire(join(packages, 'x.js'));

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

// Puts the marks into a file of the fixture.
function marking(path) {
  const name = relative(folder, path);
  return (context) => (file) => {
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
}

const program = modules({ folder, ts, installed, before: [marking] });

async function main() {
  const question = JSON.parse(readFileSync(0, 'utf8'));
  const { library } = await import(pathToFileURL(adapter));
  const opened = await library({ note, load: (name) => program.load(join(folder, name)), installed, ...question });
  for (const path of program.files) {
    for (const [name, value] of functions(program, path)) {
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
