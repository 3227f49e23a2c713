"use strict";
/* The people of the demonstration that the items are tried with. All test files share one system, so
 * whoever is wanted for an item is looked for among those that nobody has dealt with yet. */

const fs = require("fs");
const path = require("path");
const system = require("./system");

const people = fs.readFileSync(path.join(system.folder, "demo/people.tsv"), "utf8").trim().split("\n").slice(1)
  .map((line) => line.split("\t"))
  .map(([uscc, firm, name, idType, idNo, what]) => ({ uscc, firm, name, idType, idNo, what }));

const demo = system.firms();
const firmOf = (person) => demo.find((one) => one.uscc === person.uscc);
const some = (what) => people.filter((one) => one.what.includes(what));

/* Of one firm: people whose certificate is there, in force, and as it was exchanged; `at` chooses
 * among the firms that have such. */
function inForce(at) {
  const free = new Set(system.sql(`SELECT CONCAT(e.uscc, p.name) FROM certificate c JOIN person p ON p.id = c.person_id
    JOIN enterprise e ON e.id = c.enterprise_id WHERE c.state = '01' AND c.version = 1 AND c.pending_matter_id IS NULL
    GROUP BY e.uscc, p.name HAVING COUNT(*) = 1`).map(([key]) => key));
  const ready = some("注销").filter((one) => free.has(one.uscc + one.name));
  const places = [...new Set(ready.map((one) => one.uscc))];
  return ready.filter((one) => one.uscc === places[at]);
}

/* People with a passed exam that made no certificate yet, each with its class's first letter. */
function examined() {
  const classes = new Map(system.sql(`SELECT CONCAT(e.uscc, p.name), LEFT(x.class, 1) FROM exam_result x
    JOIN person p ON p.id = x.person_id JOIN enterprise e ON e.id = x.enterprise_id WHERE x.certificate_id IS NULL`));
  return some("考核合格").filter((one) => classes.has(one.uscc + one.name))
    .map((one) => ({ ...one, wish: classes.get(one.uscc + one.name) }));
}

module.exports = { people, demo, firmOf, some, inForce, examined };
