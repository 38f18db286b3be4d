// Says what the types of npm packages declare: run by Node, not by pytest.
//
// Arguments: the folder whose `node_modules` holds `typescript`, the folder whose `node_modules` holds what is asked
// about. Standard input: `{"setup": code, "packages": [name], "types": {name: {"paths": [path], "members": {name: asked},
// "construct": asked, "call": asked}}, "functions": {path: asked}}`, where `asked` is `{"places": [place], "callbacks":
// {place: number}}`, places of an argument in the words of library tables, and how many arguments a function there is
// given. Standard output: `{"types": {name: {path: type}},
// "functions": {path: callable}}`; null for what is not declared.
//
// A type is `{"methods": [name], "statics": [name], "members": {name: {"instance": callable, "static": callable}},
// "construct": callable, "call": callable}`; a callable `{"method", "called", "parameters": [[[name, need]]], "wrong":
// {place: problem}}` (`callback PLACE` for a function there): whether it is declared as a method, whether it can be called (null: its type does not say), the
// parameters of each overload (`required`, `optional`, `rest`), and the places that no overload has. What a place leads
// to in `any`, an index signature or a type parameter is not refuted. Members may be protected, for those who extend the
// type; `methods` and `statics` are public, and no inheritance of the host's own (an event emitter's, a promise's).
//
// A path is `module#export.member`; `made.NAME` is a type or value that `setup` declares, which is TypeScript beside the
// packages; one without `#` is a package of the table as `require` gives it, or the host's own.

import { createRequire, enableCompileCache } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [compiler, folder] = process.argv.slice(2);
enableCompileCache(join(compiler, "compiled"));
const ts = createRequire(join(compiler, "package.json"))("typescript");
const asked = JSON.parse(readFileSync(0, "utf-8"));

const FILE = join(folder, "asked.mts").replaceAll("\\", "/");
const MADE = "made.";
const NODE = /[\\/]node_modules[\\/]@types[\\/]node[\\/]/;
const INTRINSIC = { string: "String", number: "Number", bigint: "BigInt", boolean: "Boolean" };
const OPTIONS = {
  target: ts.ScriptTarget.ESNext,
  lib: ["lib.esnext.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ["node"],
  esModuleInterop: true,
  allowSyntheticDefaultImports: true,
  experimentalDecorators: true,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

const paths = [...Object.values(asked.types).flatMap((row) => row.paths), ...Object.keys(asked.functions)];
const modules = [...new Set(paths.filter((path) => !path.startsWith(MADE)).map((path) => path.split("#")[0]))];
const source = [
  ...modules.map((name, i) => `import * as all${i} from ${JSON.stringify(name)};`),
  ...modules.map((name, i) => `import default${i} from ${JSON.stringify(name)};`),
  asked.setup,
].join("\n");
const host = ts.createCompilerHost(OPTIONS);
const read = host.getSourceFile;
host.getSourceFile = (name, ...rest) =>
  name === FILE ? ts.createSourceFile(name, source, ts.ScriptTarget.ESNext, true) : read(name, ...rest);
const exists = host.fileExists;
host.fileExists = (name) => name === FILE || exists(name);
host.getCurrentDirectory = () => folder;
// Packages that say nothing of types under `exports` are found as they were before there was such a thing.
const OLDER = { ...OPTIONS, moduleResolution: ts.ModuleResolutionKind.Node10, ignoreDeprecations: "6.0" };
host.resolveModuleNameLiterals = (literals, importer, _redirected, _options, { impliedNodeFormat }) =>
  literals.map(({ text }) => {
    const found = ts.resolveModuleName(text, importer, OPTIONS, host, undefined, undefined, impliedNodeFormat);
    const said = found.resolvedModule?.extension;
    return said && said.endsWith("ts") ? found : ts.resolveModuleName(text, importer, OLDER, host);
  });
const program = ts.createProgram([FILE], OPTIONS, host);
const checker = program.getTypeChecker();
const file = program.getSourceFile(FILE);
const imports = file.statements.filter(ts.isImportDeclaration);

const { SymbolFlags, TypeFlags, SignatureKind } = ts;
const TYPES = SymbolFlags.Class | SymbolFlags.Interface | SymbolFlags.TypeAlias | SymbolFlags.Enum;

const HIDDEN = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;

function behind(symbol) {
  const found = symbol && symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return !found || checker.isUnknownSymbol(found) ? undefined : found;
}

// What a module's name gives: all that it exports, or by default.
function moduleSymbol(name) {
  return checker.getSymbolAtLocation(imports[modules.indexOf(name)].moduleSpecifier);
}

function defaultOf(name) {
  return behind(checker.getSymbolAtLocation(imports[modules.length + modules.indexOf(name)].importClause.name));
}

function isModule(symbol) {
  return symbol.declarations?.some(ts.isSourceFile) || (symbol.flags & SymbolFlags.ValueModule) !== 0;
}

function valueType(symbol) {
  return symbol.flags & SymbolFlags.Value ? checker.getTypeOfSymbol(symbol) : undefined;
}

// The symbol of a name in another: in a namespace, on a class or on a value.
function inside(symbol, name) {
  const listed = isModule(symbol)
    ? checker.getExportsAndPropertiesOfModule(symbol).find((each) => each.name === name)
    : symbol.exports?.get(ts.escapeLeadingUnderscores(name));
  const type = listed ? undefined : valueType(symbol);
  return behind(listed ?? propertyOf(type, name));
}

function resolve(path) {
  if (path.startsWith(MADE)) {
    const name = path.slice(MADE.length);
    return behind(checker.resolveName(name, file, SymbolFlags.Value | SymbolFlags.Type, true));
  }
  const mark = path.indexOf("#");
  const name = mark < 0 ? path : path.slice(0, mark);
  const names = mark < 0 ? [] : path.slice(mark + 1).split(".");
  const module = moduleSymbol(name);
  if (mark < 0) {
    const bare = module && (defaultOf(name) ?? module);
    return asked.packages.includes(name) ? bare : (hosts(name) ?? bare);
  }
  let found = module && names[0] === "default" ? defaultOf(name) : module ? inside(module, names[0]) : undefined;
  let rest = names.slice(1);
  if (!module) {
    found = hosts(name);
    rest = names;
  }
  for (const each of rest) {
    found = found && inside(found, each);
  }
  return found;
}

function hosts(name) {
  return behind(checker.resolveName(INTRINSIC[name] ?? name, undefined, SymbolFlags.Value | SymbolFlags.Type, false));
}

const silent = (type) => (type.flags & (TypeFlags.Any | TypeFlags.Unknown | TypeFlags.Never)) !== 0;

// The types that a value of this one may have, without null, undefined and unions; null among them: cannot say.
function kinds(type, seen = new Set()) {
  const pending = [type];
  const found = [];
  while (pending.length > 0) {
    const each = pending.pop();
    if (seen.has(each)) {
      continue;
    }
    seen.add(each);
    if (silent(each)) {
      found.push(null);
    } else if (each.isUnion()) {
      pending.push(...each.types);
    } else if (each.flags & (TypeFlags.Instantiable & ~TypeFlags.StringLike)) {
      const constraint = checker.getBaseConstraintOfType(each);
      if (constraint && constraint !== each) {
        pending.push(constraint);
      }
      found.push(null);
    } else if (!(each.flags & (TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void))) {
      found.push(each);
    }
  }
  return found;
}

// Whether a value of the type has the property: the types that it may have there; [] for no.
function under(type, key) {
  const found = [];
  for (const each of kinds(type)) {
    if (each === null) {
      found.push(null);
      continue;
    }
    const property = checker.getPropertyOfType(each, key);
    if (property) {
      found.push(checker.getTypeOfSymbol(property));
    } else if (checker.isArrayLikeType(each)) {
      const element = checker.getIndexTypeOfType(each, ts.IndexKind.Number);
      found.push(...(element ? under(element, key) : [null]));
    } else if (open(each)) {
      found.push(null);
    }
  }
  return found;
}

// Whether a type leaves open what else its values have.
function open(type) {
  if (type.flags & TypeFlags.NonPrimitive) {
    return true;
  }
  if (!(type.flags & (TypeFlags.Object | TypeFlags.Intersection))) {
    return false;
  }
  const generic = type.objectFlags & ts.ObjectFlags.Mapped && type.declaration && !checker.getPropertiesOfType(type).length;
  const parts = type.flags & TypeFlags.Intersection ? type.types : [];
  return (
    Boolean(generic) ||
    parts.some((part) => (part.flags & TypeFlags.Instantiable) !== 0 || open(part)) ||
    checker.getIndexInfosOfType(type).length > 0 ||
    (checker.getPropertiesOfType(type).length === 0 &&
      checker.getSignaturesOfType(type, SignatureKind.Call).length === 0 &&
      checker.getSignaturesOfType(type, SignatureKind.Construct).length === 0)
  );
}

const isRest = (parameter) => parameter.declarations?.some((each) => each.dotDotDotToken) ?? false;

// The types that an argument at this position may have by a signature; undefined where it takes none there.
function argument(signature, position) {
  const { parameters } = signature;
  const last = parameters.at(-1);
  const rest = last !== undefined && isRest(last);
  if (position < parameters.length - (rest ? 1 : 0)) {
    return [checker.getTypeOfSymbol(parameters[position])];
  }
  if (!rest) {
    return undefined;
  }
  const inside = position - parameters.length + 1;
  const found = [];
  let taken = false;
  for (const kind of kinds(checker.getTypeOfSymbol(last))) {
    if (kind === null) {
      found.push(null);
      taken = true;
    } else if (checker.isTupleType(kind)) {
      const elements = checker.getTypeArguments(kind);
      const variadic = kind.target.hasRestElement;
      if (inside < elements.length || variadic) {
        found.push(elements[Math.min(inside, elements.length - 1)]);
        taken = true;
      }
    } else {
      found.push(checker.getIndexTypeOfType(kind, ts.IndexKind.Number) ?? null);
      taken = true;
    }
  }
  return taken ? found : undefined;
}

const typesAt = (signatures, position) => {
  const each = signatures.map((signature) => argument(signature, position)).filter((types) => types !== undefined);
  return each.length > 0 ? each.flat() : undefined;
};

// What is wrong with a place; "" for nothing. `given`: it has to take a function, which is given that many arguments.
function problem(place, signatures, given) {
  if (place === "tagged") {
    const takes = (type) => type === null || under(type, "raw").length > 0 || checker.isArrayType(type);
    const first = typesAt(signatures, 0)?.some(takes);
    return first ? "" : "it is no tag of a template";
  }
  if (place === "*") {
    return typesAt(signatures, 0) ? "" : "it takes nothing by position";
  }
  for (const alternative of place.split("|")) {
    const [head, ...keys] = alternative.split(".");
    if (!/^[0-9]+\+?$/.test(head)) {
      return "no argument has a name in JavaScript";
    }
    const position = Number.parseInt(head, 10);
    let types = typesAt(signatures, position);
    if (types === undefined) {
      return `it takes ${Math.max(...signatures.map((signature) => signature.parameters.length))} by position`;
    }
    for (const key of keys) {
      types = types.flatMap((type) => (type === null ? [null] : under(type, key)));
      if (types.length === 0) {
        return `nothing that it takes at ${position} has ${keys.join(".")}`;
      }
    }
    if (given !== undefined) {
      const taken = Math.max(-1, ...types.flatMap((type) => (type === null ? Infinity : kinds(type).map(takes))));
      if (taken < given) {
        return taken < 0 ? "it takes no function there" : `a function there is given ${taken} arguments`;
      }
    }
  }
  return "";
}

// How many arguments a value of the type takes when it is called; -1 where it is no function.
function takes(type) {
  const { Call, Construct } = SignatureKind;
  const signatures = type ? [Call, Construct].flatMap((kind) => checker.getSignaturesOfType(type, kind)) : [];
  if (type === null || (signatures.length === 0 && type.symbol?.name === "Function")) {
    return Infinity;
  }
  return Math.max(-1, ...signatures.map(({ parameters }) => (parameters.some(isRest) ? Infinity : parameters.length)));
}

function described(signatures, row) {
  const wrong = {};
  const places = row.places.map((place) => [place, place]);
  const callbacks = Object.entries(row.callbacks).map(([place, given]) => [`callback ${place}`, place, given]);
  for (const [name, place, given] of signatures.length > 0 ? [...places, ...callbacks] : []) {
    const said = problem(place, signatures, given);
    if (said) {
      wrong[name] = said;
    }
  }
  return {
    parameters: signatures.map((signature) =>
      signature.parameters.map((parameter) => [
        parameter.name,
        isRest(parameter) ? "rest" : parameter.valueDeclaration && checker.isOptionalParameter(parameter.valueDeclaration) ? "optional" : "required",
      ]),
    ),
    wrong,
  };
}

function callsOf(type, kind = SignatureKind.Call) {
  const parts = kinds(type);
  const signatures = parts.flatMap((part) => (part ? checker.getSignaturesOfType(part, kind) : []));
  return {
    signatures: signatures.filter((each) => kind !== SignatureKind.Construct || !is(each, HIDDEN)),
    open: parts.includes(null),
  };
}

function member(symbol, row) {
  const { signatures, open: unsaid } = callsOf(checker.getTypeOfSymbol(symbol));
  return {
    method: (symbol.flags & SymbolFlags.Method) !== 0,
    called: signatures.length > 0 ? true : unsaid ? null : false,
    ...described(signatures, row),
  };
}

// Whether the package declares it, and not the host: TypeScript's own library and that of Node, unless the type itself
// stands there (`homes`, files).
function own(symbol, homes) {
  return !symbol.declarations?.every((each) => {
    const declared = each.getSourceFile();
    const hosts = program.isSourceFileDefaultLibrary(declared) || NODE.test(declared.fileName);
    return hosts && !homes.includes(declared);
  });
}

const is = ({ declarations, declaration }, flags) =>
  (declarations ?? [declaration]).some((each) => each && ts.getCombinedModifierFlags(each) & flags);
const isPublic = (symbol) => !is(symbol, HIDDEN) && !/^(_|#|prototype$)/.test(symbol.name);

function methods(type, homes) {
  const found = type ? kinds(type).filter((kind) => kind !== null).flatMap((kind) => checker.getPropertiesOfType(kind)) : [];
  const callable = found.filter((each) => isPublic(each) && own(each, homes) && callsOf(checker.getTypeOfSymbol(each)).signatures.length > 0);
  return [...new Set(callable.map((each) => each.name))].sort();
}

function propertyOf(type, name) {
  for (const kind of type ? kinds(type) : []) {
    const found = kind && checker.getPropertyOfType(checker.getApparentType(kind), name);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function typeAnswer(symbol, row) {
  const value = valueType(symbol);
  let instance = symbol.flags & TYPES ? checker.getDeclaredTypeOfSymbol(symbol) : undefined;
  let side = value;
  if (!instance && value) {
    // A value alone: what it makes where it is a class's, else the value itself.
    const made = callsOf(value, SignatureKind.Construct).signatures;
    instance = made.length > 0 ? made[0].getReturnType() : value;
    side = made.length > 0 ? value : undefined;
  }
  if (!instance || silent(instance)) {
    return null;
  }
  const homes = symbol.declarations?.map((each) => each.getSourceFile()) ?? [];
  const members = {};
  for (const [name, about] of Object.entries(row.members)) {
    const [ofInstance, ofClass] = [propertyOf(instance, name), propertyOf(side, name)];
    members[name] = {
      instance: ofInstance && !is(ofInstance, ts.ModifierFlags.Private) ? member(ofInstance, about) : null,
      static: ofClass && !is(ofClass, ts.ModifierFlags.Private) ? member(ofClass, about) : null,
    };
  }
  const constructs = value ? callsOf(value, SignatureKind.Construct).signatures : [];
  const calls = [...callsOf(instance).signatures, ...(value ? callsOf(value).signatures : [])];
  return {
    methods: methods(instance, homes),
    statics: methods(side, homes),
    members,
    construct: row.construct && constructs.length > 0 ? described(constructs, row.construct) : null,
    call: row.call && calls.length > 0 ? described(calls, row.call) : null,
  };
}

function functionAnswer(symbol, row) {
  const value = valueType(symbol);
  if (!value) {
    return null;
  }
  const calls = callsOf(value);
  const constructs = callsOf(value, SignatureKind.Construct);
  const signatures = [...calls.signatures, ...constructs.signatures];
  return { method: false, called: signatures.length > 0 ? true : calls.open ? null : false, ...described(signatures, row) };
}

const answers = { types: {}, functions: {} };
for (const [name, row] of Object.entries(asked.types)) {
  answers.types[name] = {};
  for (const path of row.paths) {
    const symbol = resolve(path);
    answers.types[name][path] = symbol ? typeAnswer(symbol, row) : null;
  }
}
for (const [path, row] of Object.entries(asked.functions)) {
  const symbol = resolve(path);
  answers.functions[path] = symbol ? functionAnswer(symbol, row) : null;
}
process.stdout.write(JSON.stringify(answers));
