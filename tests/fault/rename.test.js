"use strict";
/* A firm changes its name on CERTIFICATES certificates while any process is killed, the database
 * included: it ends complete, each certificate renamed once, each document there once and valid.
 * KILLS=0 kills nothing, and shows how fast it goes. A run that SECONDS_EACH bounds has fewer of them. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { spawnSync } = require("child_process");
const system = require("../e2e/lib/system");
const { firms, loggedIn, made } = require("../e2e/lib/world");
const { some, killing, told, number } = require("./kill");

const CERTIFICATES = Number(process.env.CERTIFICATES || (process.env.SECONDS_EACH ? 1000 : 10000));
const KILLS = process.env.KILLS !== "0";
const [STEP, SAMPLE, BETWEEN_MS, SECONDS] = [100, 25, 1500, 1800];

/* All papers become electronic ones, as the clerk does it, page by page of the form's bound. */
async function exchangeAll(client, id) {
  for (;;) {
    const ids = system.sql(`SELECT id FROM paper_certificate WHERE enterprise_id = ${id} AND certificate_id IS NULL LIMIT ${STEP}`);
    if (ids.length === 0) return;
    const page = await client.get(`/exchange/confirm?${ids.map(([one]) => `paper=${one}`).join("&")}`);
    const form = page.forms.find((one) => one.method === "POST" && one.action === "/exchange/");
    assert.strictEqual((await client.submit(page, form)).status, 303);
  }
}

const KINDS = ["worker", "issuer", "web", "issuers", "database"];

function run(...command) {
  const result = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  return { status: result.status, text: result.stdout + result.stderr };
}

/* Downloads one as the firm does, and asks other people's tools what they think of it. */
async function valid(client, id, name) {
  const answer = await client.get(`/certificates/${id}/document`);
  assert.strictEqual(answer.status, 200);
  const file = path.join(system.folder, "renamed.pdf");
  fs.writeFileSync(file, answer.body);
  assert.match(run("pdfsig", "-nocert", file).text, /Total document signed[\s\S]*Signature is Valid/);
  const checked = run("qpdf", "--check", file);
  assert.strictEqual(checked.status, 0, checked.text);
  assert.ok(run("pdftotext", file, "-").text.replace(/\s/g, "").includes(name), "the new name is printed");
}

async function renamed(client, id) {
  const left = (version) => number(`SELECT COUNT(*) FROM job WHERE enterprise_id = ${id} AND version = ${version} AND state <> 'done'`);
  await system.until("the certificates", SECONDS, () => left(1) === 0);
  const confirm = await client.get("/rename/confirm");
  const started = Date.now();
  const answer = await client.submit(confirm, confirm.forms.find((one) => one.method === "POST" && one.action === "/rename/"));
  assert.strictEqual(answer.status, 303);
  const clicked = (Date.now() - started) / 1000;
  const stop = KILLS ? killing(KINDS, BETWEEN_MS) : async () => ({});
  let count;
  try {
    await system.until("the rename", SECONDS, () =>
      number(`SELECT COUNT(*) FROM certificate WHERE enterprise_id = ${id} AND version = 1`) === 0 && left(2) === 0);
  } finally {
    count = await stop();
  }
  const seconds = (Date.now() - started) / 1000;
  console.log(`# rename: the click took ${clicked.toFixed(2)} s; ${CERTIFICATES} renamed and sealed in ${seconds.toFixed(1)} s` +
    `${KILLS ? `; killed: ${told(count)}` : `, ${(CERTIFICATES / seconds / 2).toFixed(0)} a second and core of two`}`);
  if (KILLS && CERTIFICATES >= 10000) for (const [name, times] of Object.entries(count)) assert.ok(times > 0, `${name} was killed`);
  return answer.headers.location;
}

function onceEach(id) {
  const own = `enterprise_id = ${id}`;
  const count = (what) => system.sqlNumber(`SELECT COUNT(*) FROM ${what}`);
  assert.deepStrictEqual({
    renamed: count(`certificate WHERE ${own} AND version = 2 AND generation = 2 AND pending_matter_id IS NULL`),
    events: count(`certificate_event WHERE ${own} AND action = 'rename'`),
    certificates: count(`(SELECT DISTINCT certificate_id FROM certificate_event WHERE ${own} AND action = 'rename') a`),
    done: count(`matter_certificate mc JOIN matter m ON m.id = mc.matter_id WHERE m.${own} AND m.item = 'rename' AND mc.state = 'done'`),
    matters: count(`matter WHERE ${own} AND item = 'rename' AND state = 'done'`),
    documents: count(`document WHERE ${own} AND version = 2`),
    identifiers: count(`(SELECT DISTINCT v.identifier FROM certificate_version v WHERE v.${own} AND v.version = 2) a`),
    void: count(`certificate_version WHERE ${own} AND version = 1 AND voided_at IS NOT NULL`),
    tampered: count(`document WHERE ${own} AND (sha256 <> UNHEX(SHA2(body, 256)) OR size <> LENGTH(body))`),
    withoutIntent: count(`document d LEFT JOIN seal_intent i ON i.id = d.intent_id WHERE d.${own} AND i.id IS NULL`),
    tasks: count("task"),
  }, { renamed: CERTIFICATES, events: CERTIFICATES, certificates: CERTIFICATES, done: CERTIFICATES, matters: 1,
    documents: CERTIFICATES, identifiers: CERTIFICATES, void: CERTIFICATES, tampered: 0, withoutIntent: 0, tasks: 0 });
}

test(`a rename of ${CERTIFICATES} certificates${KILLS ? " under kill -9" : ""}`, async () => {
  const [firm] = firms(1, CERTIFICATES);
  const client = await loggedIn(firm);
  const id = system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`);
  await exchangeAll(client, id);
  const name = `新名称${firm.name}`;
  system.sql(`UPDATE enterprise SET name = '${name}' WHERE id = ${id}`);
  await made(client, await renamed(client, id), 60);
  onceEach(id);
  const ids = system.sql(`SELECT id FROM certificate WHERE enterprise_id = ${id}`).map(([one]) => one);
  for (let i = 0; i < SAMPLE; i++) await valid(client, some(ids), name);
  const audit = system.ctl("audit", "verify");
  assert.strictEqual(audit.status, 0, audit.out + audit.err);
});
