"use strict";
/* A firm changes its name on CERTIFICATES certificates while issuers and workers are killed: it ends
 * complete, each certificate renamed once, each document there once. Prints how fast it went before
 * the killing began to matter. */

const assert = require("assert");
const test = require("node:test");
const system = require("../e2e/lib/system");
const { firms, loggedIn, made } = require("../e2e/lib/world");

const CERTIFICATES = Number(process.env.CERTIFICATES || 10000);
const KILLS = process.env.KILLS !== "0";
const STEP = 100;

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

test(`a rename of ${CERTIFICATES} certificates${KILLS ? " under kill -9" : ""}`, async () => {
  const [firm] = firms(1, CERTIFICATES);
  const client = await loggedIn(firm);
  const id = system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`);
  await exchangeAll(client, id);
  const left = (version) => system.sqlNumber(`SELECT COUNT(*) FROM job WHERE enterprise_id = ${id} AND version = ${version} AND state <> 'done'`);
  await system.until("the certificates", 900, () => left(1) === 0);
  system.sql(`UPDATE enterprise SET name = '新名称${firm.name}' WHERE id = ${id}`);
  const confirm = await client.get("/rename/confirm");
  const form = confirm.forms.find((one) => one.method === "POST" && one.action === "/rename/");
  const started = Date.now();
  const answer = await client.submit(confirm, form);
  assert.strictEqual(answer.status, 303);
  let kills = 0;
  const killing = KILLS && setInterval(() => {
    const name = ["ecertd", "ecert-issuerd", "ecert-issuerd"][kills % 3];
    const [pid] = system.children(system.pid(name)).sort(() => Math.random() - 0.5);
    try { process.kill(pid, "SIGKILL"); kills++; } catch { /* it has just ended by itself */ }
  }, 1500);
  try {
    await system.until("the rename", 900, () =>
      system.sqlNumber(`SELECT COUNT(*) FROM certificate WHERE enterprise_id = ${id} AND version = 1`) === 0 && left(2) === 0);
  } finally {
    clearInterval(killing);
  }
  const seconds = (Date.now() - started) / 1000;
  console.log(`# ${CERTIFICATES} renamed and sealed in ${seconds.toFixed(1)} s, ${kills} kills: ` +
    `${(CERTIFICATES / seconds / 2).toFixed(0)} certificates a second and core of two`);
  await made(client, answer.headers.location, 60);
  const count = (what) => system.sqlNumber(`SELECT COUNT(*) FROM ${what}`);
  assert.deepStrictEqual({
    renamed: count(`certificate WHERE enterprise_id = ${id} AND version = 2 AND generation = 2 AND pending_matter_id IS NULL`),
    events: count(`certificate_event WHERE enterprise_id = ${id} AND action = 'rename'`),
    documents: count(`document WHERE enterprise_id = ${id} AND version = 2`),
    identifiers: count(`(SELECT DISTINCT v.identifier FROM certificate_version v WHERE v.enterprise_id = ${id} AND v.version = 2) a`),
    tasks: count("task"),
  }, { renamed: CERTIFICATES, events: CERTIFICATES, documents: CERTIFICATES, identifiers: CERTIFICATES, tasks: 0 });
  const audit = system.ctl("audit", "verify");
  assert.strictEqual(audit.status, 0, audit.out + audit.err);
});
