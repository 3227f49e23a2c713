"use strict";
/* A backup as conf/README.md takes it, read back into a schema of its own: nothing is missing, nothing
 * differs, and what was issued before is genuine and on record there. */

const assert = require("assert");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { spawnSync } = require("child_process");
const test = require("node:test");
const system = require("../lib/system");
const { loggedIn } = require("../lib/world");

const SCHEMA = "ecert_restored";
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-restore-"));
const server = ["--no-defaults", `--socket=${system.folder}/run/database/sock`, `--user=${process.env.USER_NAME}`];

function mariadb(program, words, options = {}) {
  const run = spawnSync(program, [...server, ...words], { encoding: "utf8", maxBuffer: 1 << 30, ...options });
  assert.strictEqual(run.status, 0, String(run.error || run.stderr));
  return run.stdout;
}

/* ecertctl on the schema that was read back. */
function ctl(...words) {
  process.env.ECERT_DATABASE_SCHEMA = SCHEMA;
  try {
    return system.ctl(...words);
  } finally {
    delete process.env.ECERT_DATABASE_SCHEMA;
  }
}

/* Without comments, which name schema and time. */
function dump(schema, file) {
  const out = fs.openSync(file, "w");
  mariadb("mariadb-dump", ["--single-transaction", "--skip-comments", schema], { stdio: ["ignore", out, "pipe"] });
  fs.closeSync(out);
}

test.before(() => {
  const anchors = system.ctl("audit", "anchors");
  assert.strictEqual(anchors.status, 0, anchors.err);
  fs.writeFileSync(`${folder}/anchors`, anchors.out);
  dump("ecert", `${folder}/dump.sql`);
  mariadb("mariadb", ["-e", `CREATE DATABASE ${SCHEMA} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
    GRANT ALL ON ${SCHEMA}.* TO ecert@localhost`]);
  mariadb("mariadb", [SCHEMA], { stdio: [fs.openSync(`${folder}/dump.sql`, "r"), "pipe", "pipe"] });
});

test.after(() => {
  mariadb("mariadb", ["-e", `DROP DATABASE IF EXISTS ${SCHEMA}`]);
  fs.rmSync(folder, { recursive: true });
});

test("every table comes back with all its rows", () => {
  dump(SCHEMA, `${folder}/again.sql`);
  const [first, again] = ["dump", "again"].map((name) => fs.readFileSync(`${folder}/${name}.sql`));
  assert.ok(first.includes("INSERT INTO `document`"));
  assert.ok(first.equals(again));
});

test("the programs take it: schema, keys, audit", () => {
  const plan = ctl("migrate", "--plan", "--json");
  assert.strictEqual(plan.status, 0, plan.err);
  for (const line of plan.out.trim().split("\n")) assert.strictEqual(JSON.parse(line).state, "applied", line);
  const check = ctl("check", "--json");
  assert.strictEqual(check.status, 0, check.out);
  assert.match(check.out, /"check":"database","state":"OK","note":"ecert_restored"/);
  const audit = ctl("audit", "verify", "--anchors", `${folder}/anchors`, "--json");
  assert.strictEqual(audit.status, 0, audit.out + audit.err);
  const told = JSON.parse(audit.out.trim().split("\n").pop());
  assert.strictEqual(told.faults, 0);
  assert.ok(told.events > 100, audit.out);
});

test("what was issued before is genuine and on record", async () => {
  const [[id, uscc]] = system.sql(`SELECT c.id, e.uscc FROM document d JOIN certificate c ON c.id = d.certificate_id
    JOIN enterprise e ON e.id = c.enterprise_id WHERE c.state = 1 AND c.valid_until > CURRENT_DATE ORDER BY d.id LIMIT 1`);
  const client = await loggedIn(system.firms().find((firm) => firm.uscc === uscc));
  const document = await client.get(`/certificates/${id}/document`);
  assert.strictEqual(document.headers["content-type"], "application/pdf");
  fs.writeFileSync(`${folder}/document.pdf`, document.body);
  const verdict = JSON.parse(ctl("verify", `${folder}/document.pdf`, "--json").out);
  assert.deepStrictEqual([verdict.genuine, verdict.record, verdict.state], [1, "recorded", "01"]);
  const other = ctl("explain", "--firm", uscc, "--item", "rename");
  assert.strictEqual(other.status, 0, other.err);
});
