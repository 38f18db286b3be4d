// What Prisma itself says of schemas. In: a list of schemas, each a list of [path, text]. Out: for each the
// messages of Prisma 6 and 8 (null: accepted) and the models as the client sees them, if one accepts it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/`);
const names = ["prisma-schema-6", "prisma-schema-8"];
const load = (name) => {
  delete require.cache[require.resolve(name)];
  return require(name);
};
const loaded = new Map(names.map((name) => [name, load(name)]));

const refusal = (name, schema) => {
  try {
    loaded.get(name).validate(JSON.stringify({ prismaSchema: schema, noColor: true }));
    return null;
  } catch (error) {
    // After a panic the module's memory cannot be trusted.
    if (error instanceof WebAssembly.RuntimeError) loaded.set(name, load(name));
    const text = String(error.message ?? error);
    try {
      return JSON.parse(text).message;
    } catch {
      return text;
    }
  }
};

const answers = JSON.parse(readFileSync(0, "utf8")).map((schema) => {
  const refusals = names.map((name) => refusal(name, schema));
  const accepts = names[refusals.indexOf(null)];
  const dmmf = accepts && JSON.parse(loaded.get(accepts).get_dmmf(JSON.stringify({ prismaSchema: schema, noColor: true })));
  return { refusals, models: dmmf ? dmmf.datamodel : null };
});
process.stdout.write(JSON.stringify(answers));
