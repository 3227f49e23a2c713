"use strict";
/* Two items at once for one person, by two clerks: what may come of each pair, and the runner that
 * holds whatever came of it against the database. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { items } = require("./items");
const registers = require("./registers");
const { staff } = require("./staff");
const system = require("./system");
const world = require("./world");

/* How many of the two happen. 1: exactly one, whoever is faster, and the other is told why not; 2: both,
 * for they concern different certificates; 12: one of them leaves room for the other, but not the other
 * way round. The person holds a C3 and passed an exam for a B; what is exchanged is a B on paper, and
 * what is signed or abandoned is a cancellation that waits for its signature. The authority's decision
 * to suspend the C3 takes precedence: what was begun before, and is not done, ends by it. */
const table = `
            exchange  apply  renew  transfer  rename  cancel  departure  sign  abandon  suspend
exchange    1         1      2      1         2       12      12         2     2        2
apply                 1      2      1         2       12      1          12    2        12
renew                        1      1         1       1       1          1     12       12
transfer                            1         1       1       1          1     12       12
rename                                        1       1       1          1     12       12
cancel                                                1       1          1     12       12
departure                                                     1          1     12       1
sign                                                                     1     1        1
abandon                                                                        1        12
suspend                                                                                 1
`;

const pairs = (() => {
  const [names, ...rows] = table.trim().split("\n").map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([one, ...marks], i) =>
    marks.map((mark, j) => ({ one, other: names[i + j], happen: [...mark].map(Number) })));
})();
assert.deepStrictEqual(new Set(pairs.flatMap(({ one, other }) => [one, other])), new Set(Object.keys(items)));
assert.strictEqual(pairs.length, Object.keys(items).length * (Object.keys(items).length + 1) / 2);

/* Firms of one person each, whom every item could be done for, and two others that would take them all. */
async function subjects(count) {
  const outside = world.firms(2, 0);
  const here = world.firms(count, 1, { ends: 60 });
  const all = here.map((firm) => ({ firm, printed: firm.name, person: firm.people[0], there: outside[0], elsewhere: outside[1] }));
  registers.evidence({
    exams: all.map(({ firm, person }) => ({ firm, person, kind: "B", post: "07" })),
    insured: all.flatMap(({ firm, person, there, elsewhere }) => [firm, there, elsewhere].map((one) => ({ firm: one, person }))),
    educated: all.map(({ firm, person }) => ({ firm, person, kind: "C3" })),
  });
  for (const one of all) {
    one.client = await world.loggedIn(one.firm, { keepAlive: true });
    assert.strictEqual((await world.exchange(one.client)).status, 303);
    one.id = system.sqlNumber(`SELECT person_id FROM certificate WHERE number = '${one.person.number}'`);
    one.firm.name = `新${one.firm.name}`;
  }
  registers.enterprises(here);
  return all;
}

/* The clients of a pair: of one firm two clerks, each with a session. */
async function clerks(pair, one) {
  const sides = [items[pair.one], items[pair.other]];
  const firms = sides.map((item, i) =>
    item.by === "staff" ? null : item.by === "here" ? one.firm : i === 1 && items[pair.one].by === item.by ? one.elsewhere : one.there);
  return Promise.all(firms.map((firm, i) =>
    !firm ? staff("decision", i + 1) : i === 0 && firm === one.firm ? one.client : world.loggedIn(firm, { keepAlive: true })));
}

/* What matters have done to this person's certificates, each as "what:matter". */
function effects(one) {
  return new Set(system.sql(`
    SELECT CONCAT('event:', e.matter_id) FROM certificate_event e JOIN certificate c ON c.id = e.certificate_id WHERE c.person_id = ${one.id}
    UNION SELECT CONCAT('pending:', pending_matter_id) FROM certificate WHERE person_id = ${one.id} AND pending_matter_id IS NOT NULL
    UNION SELECT CONCAT('abandoned:', id) FROM matter WHERE person_id = ${one.id} AND state = 'abandoned'`).map(([key]) => key));
}

const OF = "c.person_id = $person";
const HELD = `${OF} AND c.state IN ('01', '02')`;

/* What must never be found, however a race went. */
const never = {
  "a version that is missing, or there twice": `SELECT 1 FROM certificate c WHERE ${OF} AND c.version <>
    (SELECT COUNT(*) FROM certificate_version v WHERE v.certificate_id = c.id AND v.version <= c.version)`,
  "a version in force beside another, or none": `SELECT 1 FROM certificate c JOIN certificate_version v ON v.certificate_id = c.id
    WHERE ${OF} AND (v.voided_at IS NULL) <> (v.version = c.version AND c.state IN ('01', '02'))`,
  "a certificate unlike its version": `SELECT 1 FROM certificate c JOIN certificate_version v ON v.certificate_id = c.id AND v.version = c.version
    WHERE ${OF} AND (v.enterprise_id, v.enterprise_name, v.valid_until) <> (c.enterprise_id, c.enterprise_name, c.valid_until)`,
  "a matter that acted twice": `SELECT 1 FROM certificate_event e JOIN certificate c ON c.id = e.certificate_id WHERE ${OF}
    GROUP BY e.certificate_id, e.matter_id HAVING COUNT(*) > 1`,
  "a gap in the history": `SELECT 1 FROM (SELECT e.from_state, e.version, e.to_state, c.state, c.version AS last,
      LAG(e.to_state) OVER w AS before_state, LEAD(e.id) OVER w AS next
      FROM certificate_event e JOIN certificate c ON c.id = e.certificate_id WHERE ${OF}
      WINDOW w AS (PARTITION BY e.certificate_id ORDER BY e.id)) h
    WHERE NOT (h.from_state <=> h.before_state) OR (h.next IS NULL AND (h.to_state, h.version) <> (h.state, h.last))`,
  "a matter that acted without being done": `SELECT 1 FROM certificate_event e JOIN certificate c ON c.id = e.certificate_id
    JOIN matter m ON m.id = e.matter_id WHERE ${OF} AND m.state NOT IN ('done', 'open')`,
  "a certificate that waits for a matter which is over": `SELECT 1 FROM certificate c JOIN matter m ON m.id = c.pending_matter_id
    WHERE ${OF} AND m.state NOT IN ('signing', 'open')`,
  "a matter whose certificate waits for another": `SELECT 1 FROM certificate c JOIN matter_certificate mc ON mc.certificate_id = c.id
    JOIN matter m ON m.id = mc.matter_id WHERE ${OF} AND m.item <> 'sanction'
    AND (m.state = 'signing' OR mc.state = 'waiting') AND NOT (c.pending_matter_id <=> m.id)`,
  "a certificate that was not renamed": `SELECT 1 FROM certificate c JOIN matter_certificate mc ON mc.certificate_id = c.id
    WHERE ${OF} AND mc.state = 'failed' AND c.state <> '02'`,
  "two certificates of one kind": `SELECT 1 FROM certificate c WHERE ${HELD} GROUP BY LEFT(c.class, 1) HAVING COUNT(*) > 1`,
  "B and C in two firms": `SELECT 1 FROM certificate c WHERE ${HELD} HAVING COUNT(DISTINCT c.enterprise_id) > 1`,
  "a document that could not be made": `SELECT 1 FROM job j JOIN certificate c ON c.id = j.certificate_id WHERE ${OF} AND j.state = 'failed'`,
};

function soundness(one, name) {
  const queries = Object.entries(never).map(([what, query]) => `SELECT '${what}' FROM (${query}) found`);
  assert.deepStrictEqual(system.sql(queries.join(" UNION ALL ").replaceAll("$person", one.id)), [], name);
}

const idOf = (number) => Number(number.split("-")[1]);
const stateOf = (id) => system.sql(`SELECT state FROM matter WHERE id = ${id}`)[0][0];

/* Where an answer leads to when it was done: by a redirect, or told to a script; else null. */
function locationOf(answer) {
  if (answer.status === 303) return answer.headers.location;
  return answer.status === 200 && /json/.test(answer.headers["content-type"]) ? answer.json.location : null;
}

/* A page, or words for a page, that say why not, to somebody who reads Chinese. */
function explained(answer, name) {
  assert.strictEqual(answer.status, 409, `${name}: ${answer.status} ${answer.title}`);
  if (/json/.test(answer.headers["content-type"])) assert.match(answer.json.error.text, /[\u4e00-\u9fff]{5}/, name);
  else assert.match(answer.text, /^(409 )?情况已经变化 .*(重新核对|重新办理)|^暂不能办理.*以下条件没有满足.*R\d+/, name);
}

/* The matter of this side that has happened, by its answer; null: by its page, it has not. */
function happened(side, answer, name) {
  const location = locationOf(answer);
  if (!location) {
    explained(answer, name);
    return null;
  }
  return idOf(side.matter || location.match(/[A-Z]{2}\d{8}-\d{8}/)[0]);
}

/* What was begun when the authority decided has happened, and has ended by it, with the reason: a form
 * that waited for its signature, or the certificate of a change of name. */
function overruled(pair, id) {
  if (![pair.one, pair.other].includes("suspend")) return false;
  if (stateOf(id) === "refused") {
    assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM matter_finding WHERE matter_id = ${id} AND NOT passed
      AND fact LIKE '管理部门已对该证书作出暂扣决定%'`), 1);
    return true;
  }
  return system.sqlNumber(`SELECT COUNT(*) FROM matter m JOIN matter_certificate mc ON mc.matter_id = m.id
    WHERE m.id = ${id} AND m.item = 'rename' AND mc.state = 'failed' AND mc.cause = 'state'`) === 1;
}

/* Sends both, now the one first and now the other, now at the same moment and now a little apart. */
function together(sides, turn) {
  const lags = [turn % 2 ? 0 : Math.random() * 4, turn % 2 ? Math.random() * 4 : 0];
  return Promise.all(sides.map(async (side, i) => {
    await system.pause(lags[i]);
    return side.send();
  }));
}

/* Lets a change of name that has begun come to its end. */
function settled(one) {
  return system.until("the rename", 60, () => system.sqlNumber(`SELECT COUNT(*) FROM matter m JOIN enterprise e ON e.id = m.enterprise_id
    WHERE e.uscc = '${one.firm.uscc}' AND m.state = 'open'`) === 0);
}

/* One round: [did the one happen, did the other]. */
async function round(pair, one, turn) {
  const name = `${pair.one} and ${pair.other}`;
  const clients = await clerks(pair, one);
  const sides = [];
  for (const i of items[pair.one].late ? [1, 0] : [0, 1])
    sides[i] = await items[[pair.one, pair.other][i]].ready(clients[i], one);
  const before = effects(one);
  const answers = await together(sides, turn);
  await settled(one);
  const matters = answers.map((answer, i) => happened(sides[i], answer, name));
  const winners = new Set(matters.filter(Boolean));
  assert.ok(pair.happen.includes(winners.size), `${name}: ${winners.size} happened`);
  const acted = new Set([...effects(one)].filter((key) => !before.has(key)).map((key) => Number(key.split(":")[1])));
  const lasting = new Set([...winners].filter((id) => !overruled(pair, id)));
  assert.deepStrictEqual(acted, lasting, `${name}: what happened, and what was said`);
  for (const id of lasting) assert.ok(["done", "signing", "abandoned"].includes(stateOf(id)), `${name}: ${stateOf(id)}`);
  for (const [i, side] of sides.entries()) {
    if (matters[i]) assert.strictEqual((await clients[i].get(locationOf(answers[i]))).status, 200, name);
    else if (side.matter && !winners.has(idOf(side.matter))) assert.ok(["draft", "refused"].includes(stateOf(idOf(side.matter))), name);
  }
  soundness(one, name);
  [...clients, one.client].forEach((client) => client.close());
  return matters.map(Boolean);
}

/* What the logs of the programs hold from now on: a function that counts lines. */
function logs() {
  const folder = path.join(system.folder, "log");
  const files = () => fs.readdirSync(folder).filter((name) => /^ecert.*\.log$/.test(name)).map((name) => path.join(folder, name));
  const sizes = new Map(files().map((file) => [file, fs.statSync(file).size]));
  return (...words) => files().flatMap((file) => fs.readFileSync(file).subarray(sizes.get(file) || 0).toString("utf8").split("\n"))
    .filter((line) => words.every((word) => line.includes(word))).length;
}

/* Which of the two happened: "one", "other" or "both"; and the audit is whole. */
async function meet(pair, one, turn) {
  const [a, b] = await round(pair, one, turn);
  const audit = system.ctl("audit", "verify");
  assert.strictEqual(audit.status, 0, audit.out + audit.err);
  return a && b ? "both" : a ? "one" : "other";
}

module.exports = { pairs, subjects, meet, logs };
