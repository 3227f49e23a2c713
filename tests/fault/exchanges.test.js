"use strict";
/* 50 firms exchange 2,000 paper certificates one by one while something is killed at random:
 * workers and issuers, or the database. What was promised must be there exactly once. */

const assert = require("assert");
const test = require("node:test");
const system = require("../e2e/lib/system");
const { operations } = require("../e2e/lib/client");
const { firms, loggedIn } = require("../e2e/lib/world");
const { killing, told } = require("./kill");

const CLIENTS = Number(process.env.CLIENTS || 50);
const EACH = Number(process.env.EXCHANGES || 2000) / CLIENTS;

/* Until it works: a lost answer, a 502 or a 503 is asked again, as a clerk would. */
async function patiently(what, ask) {
  return system.until(what, 300, async () => {
    const answer = await ask().catch(() => ({ status: 0 }));
    if (![0, 500, 502, 503, 504].includes(answer.status)) return answer;
    await system.pause(100 + Math.random() * 400);
    return null;
  });
}

async function clerk(firm, done) {
  const client = await system.until("login", 300, () => loggedIn(firm).catch(() => null));
  for (let i = 0; i < EACH; i++) {
    const list = await patiently("list", () => client.get("/exchange/"));
    const link = list.links.find((one) => one.startsWith("/exchange/check?paper="));
    const confirm = await patiently("confirm", () => client.get(link.replace("check", "confirm")));
    const form = confirm.forms.find((one) => one.method === "POST" && one.action === "/exchange/");
    const answer = await patiently("exchange", () => client.post("/exchange/", form.fields));
    assert.strictEqual(answer.status, 303, `${firm.name}: ${answer.status} ${answer.title}`);
    done.count++;
  }
}

async function campaign(kinds, between) {
  const all = firms(CLIENTS, EACH);
  const ids = all.map((firm) => system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`)).join(",");
  const done = { count: 0 };
  const stop = killing(kinds, between);
  let kills;
  try {
    await Promise.all(all.map((firm) => clerk(firm, done)));
    await system.until("all documents", 900, () =>
      system.sqlNumber(`SELECT COUNT(*) FROM job WHERE enterprise_id IN (${ids}) AND state <> 'done'`) === 0);
  } finally {
    kills = await stop();
  }
  await system.until("ready", 60, async () => (await operations("/readyz").catch(() => ({}))).status === 200);
  return { ids, kills, done: done.count };
}

function exactlyOnce({ ids }, wanted) {
  const count = (what) => system.sqlNumber(`SELECT COUNT(*) FROM ${what}`);
  const own = `enterprise_id IN (${ids})`;
  const figures = {
    certificates: count(`certificate WHERE ${own}`),
    numbers: system.sqlNumber(`SELECT COUNT(DISTINCT number) FROM certificate WHERE ${own}`),
    generated: count(`certificate WHERE ${own} AND generation = 2`),
    documents: count(`document WHERE ${own}`),
    documented: system.sqlNumber(`SELECT COUNT(DISTINCT certificate_id) FROM document WHERE ${own}`),
    matters: count(`matter WHERE ${own}`),
    exchanged: count(`paper_certificate WHERE ${own} AND certificate_id IS NOT NULL`),
    left: count(`paper_certificate WHERE ${own} AND certificate_id IS NULL`),
    withoutIntent: count(`document d LEFT JOIN seal_intent i ON i.id = d.intent_id WHERE d.${own} AND i.id IS NULL`),
  };
  assert.deepStrictEqual(figures, { certificates: wanted, numbers: wanted, generated: wanted, documents: wanted,
    documented: wanted, matters: wanted, exchanged: wanted, left: 0, withoutIntent: 0 });
  const audit = system.ctl("audit", "verify");
  assert.strictEqual(audit.status, 0, audit.out + audit.err);
}

for (const [name, kinds, between] of [["workers and issuers", ["worker", "issuer"], 700], ["the database", ["database"], 2000]]) {
  test(`${CLIENTS * EACH} exchanges of ${CLIENTS} clients while killing ${name}`, async () => {
    const result = await campaign(kinds, between);
    console.log(`# ${name}: killed: ${told(result.kills)}; ${result.done} exchanges`);
    assert.ok(Object.values(result.kills).reduce((sum, times) => sum + times) > 2);
    exactlyOnce(result, CLIENTS * EACH);
  });
}
