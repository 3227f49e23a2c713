"use strict";
/* A change of name that meets a certificate which can't be changed: the others are renamed, that one is
 * stood aside after some tries, which the firm and the staff can see with its cause, and taken up again. */

const assert = require("assert");
const fs = require("fs");
const test = require("node:test");
const { rename } = require("../lib/registers");
const { staff } = require("../lib/staff");
const system = require("../lib/system");
const world = require("../lib/world");

const [firm] = world.firms(1, 3);
const [, odd] = firm.people;
let client, id, matter;

const versionOf = (number) => system.sqlNumber(`SELECT version FROM certificate WHERE number = '${number}'`);
const figures = async () => (await client.get(matter, { headers: { Accept: "application/json" } })).json;

/* A certificate has no version behind this one. */
function renumber(version) {
  const before = versionOf(odd.number);
  system.sql(`UPDATE certificate_version SET version = ${version} WHERE certificate_id = ${id} AND version = ${before}`);
  system.sql(`UPDATE certificate SET version = ${version} WHERE id = ${id}`);
}

test("the firm's certificates are made, and one of them can't have another version", async () => {
  client = await world.loggedIn(firm, { keepAlive: true });
  await world.made(client, (await world.exchange(client)).headers.location);
  id = system.sqlNumber(`SELECT id FROM certificate WHERE number = '${odd.number}'`);
  renumber(999);
});

test("the others are renamed; that one waits, and is stood aside", async () => {
  rename(firm, firm.name.replace("建设", "更名"));
  const confirm = await client.get("/rename/confirm");
  const started = await client.submit(confirm, confirm.forms.find((one) => one.action === "/rename/"));
  matter = started.headers.location;
  const number = matter.split("-").pop();
  await system.until("the others", 60, async () => (await figures()).changed === 2);
  const waiting = await figures();
  assert.deepStrictEqual([waiting.state, waiting.waiting, waiting.stuck], ["open", 1, 0]);
  /* The last of its tries is not waited for. */
  await system.until("a try of it alone", 60, () => system.sqlNumber(`SELECT tries FROM matter_certificate
    WHERE matter_id = ${Number(number)} AND certificate_id = ${id}`) > 0);
  system.sql(`UPDATE matter_certificate SET tries = 4, try_at = '2000-01-01' WHERE matter_id = ${Number(number)} AND certificate_id = ${id}`);
  system.sql(`UPDATE task SET run_at = '2000-01-01' WHERE matter_id = ${Number(number)}`);
  const done = await system.until("its end", 60, async () => {
    const now = await figures();
    return now.state === "done" && now;
  });
  assert.deepStrictEqual([done.changed, done.stuck, done.waiting], [2, 1, 0]);
  assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM task"), 0);
  const log = fs.readFileSync(`${system.folder}/log/ecert-issuerd.log`, "utf8");
  assert.match(log, new RegExp(`"event":"task_stood_aside".*matter ${Number(number)}, certificate ${id}, try 5 of 5.*no version left`));
});

test("the firm finds it, with its cause; so do the staff", async () => {
  const page = await client.get(matter);
  assert.match(page.text, /部分证书更名失败/);
  const stuck = await client.get(page.links.find((link) => link.endsWith("?stuck=1")));
  assert.match(stuck.text, new RegExp(`${odd.number}.*更名失败 数据与其他记录冲突，多次办理未成功`));
  for (const person of firm.people) assert.strictEqual(stuck.text.includes(person.number), person === odd);
  const auditor = await staff("auditor", 1);
  const history = await auditor.get(`/staff/history/matters/${matter.split("/").pop()}`);
  assert.match(history.text, new RegExp(`${odd.number}.*没有办理 数据与其他记录冲突`));
  const administrator = await staff("administrator", 1);
  const board = await administrator.get("/staff/jobs/");
  assert.ok(board.forms.some((one) => one.action === `/staff/jobs/renames/${matter.split("/").pop()}/retry`), board.text);
});

test("once it can be changed, it is taken up alone", async () => {
  renumber(1);
  const page = await client.get(matter);
  const again = await client.submit(page, page.forms.find((one) => one.action.endsWith("/retry")));
  assert.strictEqual(again.headers.location, matter);
  const end = await world.made(client, matter);
  assert.deepStrictEqual([end.state, end.changed, end.stuck], ["done", 3, 0]);
  assert.strictEqual(versionOf(odd.number), 2);
  for (const person of firm.people) assert.strictEqual(versionOf(person.number), 2);
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
});
