"use strict";
/* The vault's keys are replaced while everything runs: nothing that is sealed is lost, and the old key opens nothing more. */

const assert = require("assert");
const fs = require("fs");
const test = require("node:test");
const system = require("../lib/system");
const { staff, fresh } = require("../lib/staff");

const keys = `${system.folder}/etc/vault.keys`;
const bound = ["person.id_no_sealed", "identity_capture.photo_sealed", "proposal.payload_sealed", "contact.address_sealed",
  "contact.wanted_sealed", "outbox.address_sealed", "import_chunk.data_sealed", "staff_factor.secret_sealed"];
const people = system.sql("SELECT id, capture_id FROM person WHERE capture_id IS NOT NULL ORDER BY id LIMIT 2");

/* Whoever holds keys takes the file anew. */
async function reload() {
  for (const name of ["ecertd", "ecert-issuerd", "ecert-notifyd"]) {
    if (!fs.existsSync(`${system.folder}/run/${name}.pid`) || !fs.existsSync(`/proc/${system.pid(name)}`)) continue;
    const before = system.children(system.pid(name));
    process.kill(system.pid(name), "SIGHUP");
    if (before.length === 0) continue;
    await system.until(`new children of ${name}`, 60, () => {
      const now = system.children(system.pid(name));
      return now.length > 0 && now.every((pid) => !before.includes(pid));
    });
  }
}

function listed() {
  const run = system.ctl("key", "list", "--json");
  assert.strictEqual(run.status, 0, run.err);
  return run.out.trim().split("\n").map((line) => JSON.parse(line));
}

async function works() {
  const reviewer = await staff("reviewer");
  for (const [id, capture] of people) {
    assert.strictEqual((await reviewer.get(`/staff/people/${id}`)).status, 200);
    const photo = await reviewer.get(`/staff/people/${id}/photos/${capture}`);
    assert.strictEqual(photo.status, 200);
    assert.match(photo.headers["content-type"], /image\/jpeg/);
  }
}

test("all values are sealed anew by a new key, each for whose it is", async () => {
  const [{ newest: old }] = listed().filter((line) => line.newest);
  const added = system.ctl("key", "rotate");
  assert.strictEqual(added.status, 0, added.out + added.err);
  await reload();
  await works();
  const sealed = system.ctl("key", "rotate");
  assert.strictEqual(sealed.status, 0, sealed.out + sealed.err);
  const lines = listed();
  const { newest } = lines.find((line) => line.newest);
  assert.ok(newest > old);
  assert.deepStrictEqual([...new Set(lines.filter((line) => line.key).map((line) => line.key))], [newest]);
  for (const column of bound) {
    const [table, name] = column.split(".");
    assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM ${table} WHERE ${name} IS NOT NULL AND ASCII(${name}) <> 2`), 0, column);
  }
  await works();
  (await fresh("auditor")).close(); /* by a one-time password, whose secret is sealed */
});

test("without the old key nothing is missing", async () => {
  const [{ newest }] = listed().filter((line) => line.newest);
  const file = fs.readFileSync(keys, "utf8");
  const kept = file.split("\n").filter((line) => !/^\d+ encrypt/.test(line) || line.startsWith(`${newest} encrypt`));
  assert.ok(kept.length < file.split("\n").length);
  fs.writeFileSync(keys, kept.join("\n"));
  await reload();
  await works();
  (await fresh("auditor")).close();
});

test("whoever gives one the number of another in the tables is found out", async () => {
  const [[first], [second]] = people;
  const reviewer = await staff("reviewer");
  const [[own]] = system.sql(`SELECT HEX(id_no_sealed) FROM person WHERE id = ${first}`);
  const [[other]] = system.sql(`SELECT HEX(id_no_sealed) FROM person WHERE id = ${second}`);
  system.sql(`UPDATE person SET id_no_sealed = UNHEX('${other}') WHERE id = ${first}`);
  try {
    const page = await reviewer.request("GET", `/staff/people/${first}`);
    assert.strictEqual(page.status, 500);
    assert.ok(page.html.includes("系统出错"), page.text);
    assert.strictEqual((await reviewer.get(`/staff/people/${second}`)).status, 200);
  } finally {
    system.sql(`UPDATE person SET id_no_sealed = UNHEX('${own}') WHERE id = ${first}`);
  }
  await works();
});
