// Objection on Knex: its statements are those of Knex.
import { connected } from './knex.mjs';

export async function library(given) {
  const { knex, filled } = await connected(given);
  const { Model } = given.installed('objection');
  Model.knex(knex);
  return {
    async each() {
      await filled();
      return { given: { knex, number: given.number } };
    },
    close: () => knex.destroy(),
  };
}
