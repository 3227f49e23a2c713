"use strict";
/* Goes through the table of situations (table.js): every row over HTTP, on its own business date. */

const assert = require("assert");
const test = require("node:test");
const proposals = require("../lib/proposals");
const system = require("../lib/system");
const { Cast, shared, importAll, importNames } = require("./cast");
const clerk = require("./clerk");
const { toolsOn, dayBegins } = require("./clock");
const { BEFORE, rows } = require("./table");

const days = [...new Set(rows.map((row) => row.on))].sort();
const casts = rows.map((row) => new Cast(row));
const RECORDS = { apply: "apply", transfer: "transfer", rename: "transfer", cancel: "cancel", sign: "cancel", departure: "departure" };

let today = BEFORE;
toolsOn(today);

const papers = new Map();
const quoted = (certificates) => certificates.map((one) => `'${one.number}'`).join(",") || "''";
const register = (certificates) => system.sql(`SELECT number, state, version, enterprise_id, valid_until FROM certificate
  WHERE number IN (${quoted(certificates)}) ORDER BY number`);

/* Makes ready: certificates by exchange, then what was done before. */
async function exchangeAll() {
  const electronic = casts.flatMap((cast) => cast.certificates).filter((one) => !one.paper);
  for (const [number, id] of system.sql("SELECT number, id FROM paper_certificate")) papers.set(number, id);
  for (const firm of new Set(electronic.map((one) => one.firm))) {
    const ids = electronic.filter((one) => one.firm === firm).map((one) => papers.get(one.number));
    const { status, page } = await clerk.exchange(firm, ids);
    assert.strictEqual(status, 303, page.text.slice(0, 600));
    await clerk.made(await clerk.clientOf(firm), page.headers.location);
  }
}

/* By two members of staff: the person or the firm is held until a day, or free again. */
async function held(cast, what, detail, until) {
  const whom = detail === "person" ? { person: cast.person } : { firm: cast.firm };
  if (what === "hold") {
    cast.hold = await proposals.hold(whom, { until });
    return;
  }
  const id = system.sqlNumber(`SELECT subject_id FROM hold WHERE number = '${cast.hold}'`);
  await proposals.release(detail === "person" ? { person: { id } } : { firm: { id } });
}

async function step(cast, words) {
  const [what, detail, more] = words.split(" ");
  if (what === "hold" || what === "release") return held(cast, what, detail, more);
  const firm = cast.holds.length > 0 ? cast.holds[0].firm : cast.firm;
  const done = what === "apply" ? await clerk.apply(cast, firm, detail)
    : what === "departure" ? await clerk.choose(cast, firm, "departure")
    : what === "abandon" ? await clerk.abandon(firm, cast.pending)
      : await clerk.cancel(cast, firm, detail, { signed: more !== "unsigned" });
  assert.strictEqual(done.status, 303, `${cast.row.case}: ${words}: ${done.page.text.slice(0, 600)}`);
  cast.pending = done.number;
}

test("people, evidence and certificates are made ready", async () => {
  toolsOn(days[days.length - 1]);
  importAll(casts);
  toolsOn(BEFORE);
  await exchangeAll();
  for (const cast of casts)
    for (const words of cast.row.before || []) await step(cast, words);
  importNames(casts);
});

/* The item of a row, as its clerk does it. */
function act(cast) {
  const { row, firm } = cast;
  const [item, detail] = row.item.split(" ");
  switch (item) {
    case "exchange": return clerk.exchange(firm, [papers.get(cast.holds[cast.holds.length - 1].number)]);
    case "apply": return clerk.apply(cast, firm, detail);
    case "rename": return clerk.rename(firm);
    case "cancel": return clerk.cancel(cast, firm, detail, { signer: shared[row.signer] || firm });
    case "sign": return clerk.sign(firm, cast.pending, firm);
    default: return clerk.choose(cast, firm, item);
  }
}

/* Can the operator's tool be asked about the same? */
const tells = (row) => row.item !== "sign" && !row.tick && !(row.refused && row.refused.status);

/* What it says, now. */
function explained({ row, firm, person }) {
  const [item, wish] = row.item.split(" ");
  if (!tells(row)) return [];
  const run = system.ctl("explain", "--json", "--firm", firm.uscc, "--item", item, "--person", `${person.idType}:${person.idNo}`,
    ...(item === "apply" ? ["--wish", wish] : []));
  assert.strictEqual(run.status, 0, run.err);
  return run.out.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

const has = (list, one) => list.some((other) => Object.keys(one).every((key) => other[key] === one[key]));

/* In the list of records under its state, and as a page of its own. */
async function record(cast, number, state, label) {
  const client = await clerk.clientOf(cast.firm);
  const list = await client.get(`/${RECORDS[cast.row.item.split(" ")[0]]}/?state=${state}`);
  assert.ok(list.html.includes(`"/matters/${number}"`), `${number} is in the list`);
  const page = await client.get(`/matters/${number}`);
  assert.match(page.text, new RegExp(`办理状态 ${label}`));
  return page;
}

async function refused(cast, answer, told) {
  const { row } = cast;
  const [fact, advice] = row.refused.map((text) => cast.say(text));
  const rule = row.by || row.rule;
  const found = clerk.findings(answer.page);
  assert.strictEqual(answer.status, 409, answer.page.text.slice(0, 600));
  assert.deepStrictEqual(found.map((one) => one.rule).sort(), [rule, ...(row.also || [])].sort(), answer.page.text);
  assert.ok(has(found, { rule, fact, advice }), `${fact} → ${advice}: ${JSON.stringify(found)}`);
  if (tells(row)) assert.ok(has(told, { rule, passed: 0, fact, advice }), JSON.stringify(told));
  if (row.item === "rename") {
    const [[detail]] = system.sql(`SELECT detail FROM audit_event WHERE action = 'rename.refused'
      AND matter_id = ${Number(answer.number.split("-").pop())}`);
    assert.deepStrictEqual(JSON.parse(detail).rules.trim().split(" "), found.map((one) => one.rule));
  }
  if (row.item === "exchange") {
    const paper = papers.get(cast.holds[cast.holds.length - 1].number);
    const [[detail]] = system.sql(`SELECT detail FROM audit_event WHERE action = 'exchange.refused' AND object_id = ${paper}`);
    assert.deepStrictEqual(JSON.parse(detail).rules.split(" "), [...new Set(found.map((one) => one.rule))]);
    return;
  }
  assert.deepStrictEqual(clerk.findings(await record(cast, answer.number, "refused", "未通过")), found);
}

async function accepted(cast, answer, told) {
  const { row } = cast;
  const [item] = row.item.split(" ");
  const fact = cast.say(row.accepted);
  assert.strictEqual(answer.status, 303, answer.page.text.slice(0, 600));
  if (tells(row)) assert.ok(has(told, { rule: row.rule, passed: 1, fact }), JSON.stringify(told));
  if (answer.check) assert.ok(answer.check.text.includes(`（${fact}）`), answer.check.text);
  const client = await clerk.clientOf(cast.firm);
  if (item === "rename") await clerk.made(client, `/matters/${answer.number}`);
  const page = item === "exchange" ? await client.get(`/matters/${answer.number}`)
    : await record(cast, answer.number, "done", "已办结");
  if (!row.valid) return;
  const place = page.links.find((one) => /^\/certificates\/\d+$/.test(one));
  assert.ok((await client.get(place)).text.includes(`有效期 ${row.valid.join(" 至 ")}`), `${place}: ${row.valid}`);
}

/* What became of the certificates that the item was about. */
const STATES = { cancel: "04", departure: "06", transfer: "01" };
function fate(cast) {
  const { row } = cast;
  const leaves = row.leaves || [];
  const state = STATES[row.item.split(" ")[0]];
  const gone = cast.holds.filter((one) => !one.paper && !leaves.includes(one.class) &&
    (!row.tick || row.tick.includes(one.class)));
  for (const [, found] of state ? register(gone) : []) assert.strictEqual(found, state);
  for (const [, found] of register(cast.holds.filter((one) => leaves.includes(one.class)))) assert.strictEqual(found, "01");
}

const outcomeOf = (row) => (row.accepted ? "accepted" : "refused");

for (const day of days)
  for (const cast of casts.filter((one) => one.row.on === day))
    test(`${cast.row.rule}, ${day}, ${cast.row.item}: ${cast.row.case}: ${outcomeOf(cast.row)}`, async () => {
      if (day !== today) await dayBegins(day);
      today = day;
      const before = register(cast.certificates);
      const told = explained(cast);
      const answer = await act(cast);
      if (cast.row.accepted) {
        await accepted(cast, answer, told);
        return fate(cast);
      }
      if (cast.row.refused.status) {
        assert.strictEqual(answer.status, cast.row.refused.status, answer.page.text.slice(0, 600));
        assert.ok(answer.page.text.includes(cast.row.refused.text), answer.page.text);
      } else {
        await refused(cast, answer, told);
      }
      assert.deepStrictEqual(register(cast.certificates), before);
    });

test("every rule has an accepted and a refused row", () => {
  for (let number = 1; number <= 21; number++)
    for (const outcome of ["accepted", "refused"])
      assert.ok(rows.some((row) => row.rule === `R${number}` && row[outcome]), `R${number} ${outcome}`);
  clerk.close();
});
