"use strict";
/* Two items at once on one certificate, from two firms: one happens, the other is told why not. */

const assert = require("assert");
const test = require("node:test");
const { demo, firmOf, some } = require("../lib/cast");
const system = require("../lib/system");
const { loggedIn } = require("../lib/world");

const moving = some("隶属");
const to = firmOf(moving[0]);
const from = demo.find((firm) => firm["what to see as this firm"].startsWith("已换领：电子证书查询、查看并下载、制证进度"));

/* The form that confirms, ready to be sent; null where the rules already say no. */
async function ready(client, item, person) {
  const box = await client.get(`/${item}/new`);
  const own = box.forms.find((one) => one.action === `/${item}/` && one.method === "POST").fields
    .filter(([name]) => name.startsWith("_"));
  const answer = await client.post(`/${item}/`, [...own, ["id_type", person.idType], ["id_no", person.idNo], ["name", person.name]]);
  if (answer.status !== 303) return null;
  const check = await client.get(answer.headers.location);
  const place = new URL(check.url).pathname;
  const ids = [...new Set([...check.html.matchAll(/name="certificate" value="(\d+)"/g)].map(([, id]) => id))];
  const seen = check.html.match(/name="seen" value="([0-9a-f]{64})"/)[1];
  const tokens = check.forms.find((one) => one.fields.some(([name]) => name === "_key")).fields.filter(([name]) => name === "_csrf" || name === "_key");
  const fields = [...tokens, ["seen", seen], ...ids.map((id) => ["certificate", id]),
    ...(item === "cancel" ? [["reason", "01"]] : [])];
  return { ids, send: () => client.post(place, fields) };
}

/* What has happened to a certificate so far, a matter it waits for included. */
const changes = (id) =>
  system.sqlNumber(`SELECT COUNT(*) FROM certificate_event WHERE certificate_id = ${id}`) +
  system.sqlNumber(`SELECT COUNT(*) FROM certificate WHERE id = ${id} AND pending_matter_id IS NOT NULL`);

const pairs = [["transfer", "cancel"], ["transfer", "departure"], ["cancel", "departure"], ["transfer", "transfer"],
  ["departure", "departure"], ["cancel", "cancel"]];

test("of each pair of items exactly one happens", async () => {
  const clerks = { transfer: await loggedIn(to), cancel: await loggedIn(from), departure: await loggedIn(from) };
  const left = [...moving];
  let tried = 0;
  for (const [one, other] of pairs) {
    let both = null;
    while (!both && left.length > 0) {
      const person = left.shift();
      const a = await ready(clerks[one], one, person);
      const b = a && await ready(clerks[other], other, person);
      if (b) both = [a, b];
    }
    if (!both) continue;
    tried++;
    const before = new Map(both[0].ids.map((id) => [id, changes(id)]));
    const answers = await Promise.all(both.map((side) => side.send()));
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepStrictEqual(statuses, [303, 409], `${one} and ${other}`);
    const loser = answers.find((answer) => answer.status === 409);
    assert.match(loser.text, /情况已经变化|暂不能办理|依据规则/, `${one} and ${other}`);
    for (const [id, count] of before) assert.strictEqual(changes(id), count + 1, `${one} and ${other}`);
  }
  assert.ok(tried >= 4, `${tried} pairs`);
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
});
