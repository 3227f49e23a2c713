"use strict";
/* Every pair of items at once for one person, from two firms or two clerks of one: what may happen
 * happens, the other is told why not, and the database is sound. One round each; tests/fault has many. */

const assert = require("assert");
const test = require("node:test");
const { pairs, subjects, meet, logs } = require("../lib/pairs");

test("every pair of items, at once for one person", async (t) => {
  const all = await subjects(pairs.length);
  const lines = logs();
  for (const [i, pair] of pairs.entries())
    await t.test(`${pair.one} and ${pair.other}`, () => meet(pair, all[i], i));
  assert.strictEqual(lines('"event":"request_failed"'), 0, "nobody saw an error");
  assert.strictEqual(lines('"kind":"db_retry"'), 0, "and nobody met in a deadlock");
});
