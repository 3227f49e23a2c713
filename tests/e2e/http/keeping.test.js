"use strict";
/* Data keeping: what ecertctl purge plans and deletes, and what a person is given of all that is kept. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { execFileSync } = require("child_process");
const system = require("../lib/system");
const { staff } = require("../lib/staff");
const { inForce } = require("../lib/cast");

const folder = fs.mkdtempSync(path.join(system.folder, "keeping-"));
const rules = (run) => Object.fromEntries(run.out.trim().split("\n").map((line) => JSON.parse(line)).map((one) => [one.rule, one]));
const counts = () => system.sql(`SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()`)
  .map(([name]) => [name, system.sqlNumber(`SELECT COUNT(*) FROM \`${name}\``)]);

test("a purge says what it would do, does that, and nothing more", () => {
  const firm = system.sqlNumber("SELECT MIN(id) FROM enterprise");
  system.sql(`INSERT INTO matter (item, opened_on, enterprise_id, state, items, opened_by_kind, opened_at, closed_at)
    SELECT 'apply', '2015-03-01', ${firm}, 'refused', 1, 1, '2015-03-01', '2015-03-01' FROM seq_1_to_250`);
  system.sql(`INSERT INTO matter_finding SELECT id, 0, 'x', 'R4', 0, 'd', 'f', 'a' FROM matter WHERE opened_on = '2015-03-01'`);
  const plan = system.ctl("purge", "--plan", "--json");
  const tables = plan.out.trim().split("\n").map((line) => JSON.parse(line)).filter((row) => row.table);
  assert.deepStrictEqual(tables.map((row) => row.table).sort(), system.sql(`SELECT table_name FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`).map(([name]) => name).sort());
  assert.ok(tables.every((row) => row.rules || row.kept));
  assert.strictEqual(plan.status, 0, plan.err);
  const before = rules(plan);
  assert.ok(Object.keys(before).length >= 12);
  assert.strictEqual(before.refused.rows, 250);
  assert.strictEqual(before.refused.days, 1825);
  assert.ok(before.refused.oldest.startsWith("2015-03-01T"));
  assert.strictEqual(before.certificates, undefined);
  const all = new Map(counts());
  assert.strictEqual(rules(system.ctl("purge", "--plan", "--json", "--rule", "refused")).refused.rows, 250);
  const done = system.ctl("purge", "--apply", "--json", "--rule", "refused");
  assert.strictEqual(done.status, 0, done.err);
  assert.deepStrictEqual(Object.values(rules(done)), [{ rule: "refused", deleted: 250 }]);
  for (const [name, count] of counts()) {
    const gone = { matter: 250, matter_finding: 250 }[name] || 0;
    if (["session", "idempotency", "login_ticket", "job", "document", "seal_intent", "outbox", "errand"].includes(name)) continue;
    if (name.startsWith("audit_") || name.startsWith("statistic")) continue;
    assert.strictEqual(count, all.get(name) - gone, name);
  }
  assert.strictEqual(rules(system.ctl("purge", "--apply", "--json")).refused.deleted, 0);
  assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM audit_event WHERE action = 'retention.purge' AND INSTR(detail, 'refused')"), 3);
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
});

test("a purge that is told nothing, or nonsense, does nothing", () => {
  for (const words of [[], ["--plan", "--apply"], ["--apply", "--rule", "certificates"], ["--apply", "all"]])
    assert.strictEqual(system.ctl("purge", ...words).status, 2, words.join(" "));
});

/* Files of a ZIP, unpacked by somebody else's program. */
function unpacked(file) {
  const to = fs.mkdtempSync(path.join(folder, "zip-"));
  execFileSync("unzip", ["-q", file, "-d", to]);
  return Object.fromEntries(fs.readdirSync(to).map((name) => [name, fs.readFileSync(path.join(to, name))]));
}

const [holder] = inForce(0);
const id = system.sqlNumber(`SELECT MIN(p.id) FROM person p JOIN certificate c ON c.person_id = p.id
  JOIN enterprise e ON e.id = c.enterprise_id WHERE p.name = '${holder.name}' AND e.uscc = '${holder.uscc}'`);

function whole(files) {
  const data = JSON.parse(files["person.json"]);
  assert.deepStrictEqual(data.person.map((one) => [one.id, one.name]), [[id, holder.name]]);
  assert.ok(data.certificates.length >= 1 && data.certificate_versions.length >= 1);
  const photos = Object.keys(files).filter((name) => /^photo-\d+\.jpg$/.test(name));
  assert.strictEqual(photos.length, data.photos.length);
  for (const name of photos) assert.deepStrictEqual([...files[name].subarray(0, 3)], [0xff, 0xd8, 0xff]);
  assert.ok(data.documents.length >= 1);
  for (const { id: document } of [...data.documents, ...data.proofs])
    assert.strictEqual(files[`document-${document}.pdf`].subarray(0, 5).toString(), "%PDF-");
  for (const { id: paper } of data.attachments) assert.ok(files[`paper-${paper}.pdf`] || files[`paper-${paper}.jpg`]);
  return data;
}

test("the operator gives a person all that is kept", () => {
  const file = path.join(folder, "person.zip");
  const run = system.ctl("person", "export", `${holder.idType}:${holder.idNo}`, file);
  assert.strictEqual(run.status, 0, run.err);
  assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600);
  const data = whole(unpacked(file));
  assert.strictEqual(data.person[0].id_no, holder.idNo);
  assert.ok(data.audit.some((one) => one.action === "person.export"));
  assert.strictEqual(system.ctl("person", "export", `${holder.idType}:${holder.idNo}`, file).status, 1, "no file is written over");
  for (const nobody of ["111:110105194912310021", "111:1", "nobody", "999:"])
    assert.strictEqual(system.ctl("person", "export", nobody, path.join(folder, "none.zip")).status, 1);
  assert.ok(!fs.existsSync(path.join(folder, "none.zip")));
});

test("a reviewer and an auditor give it from the person's page; others are offered nothing", async () => {
  for (const role of ["reviewer", "auditor", "window", "decision"]) {
    const client = await staff(role);
    const page = await client.get(`/staff/people/${id}`);
    assert.strictEqual(page.status, 200);
    const form = page.forms.find((one) => one.action === `/staff/people/${id}/export`);
    assert.strictEqual(Boolean(form), ["reviewer", "auditor"].includes(role), role);
    if (!form) continue;
    const answer = await client.submit(page, form);
    assert.strictEqual(answer.status, 200);
    assert.strictEqual(answer.headers["content-type"], "application/zip");
    assert.ok(answer.headers["content-disposition"].startsWith("attachment"));
    const file = path.join(folder, `${role}.zip`);
    fs.writeFileSync(file, answer.body);
    whole(unpacked(file));
    const who = system.sqlNumber(`SELECT id FROM staff WHERE login = '${client.account.login}'`);
    assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'person.export'
      AND actor_kind = 2 AND actor_id = ${who} AND object_id = ${id}`), 1);
    const none = await client.post("/staff/people/999999999/export", form.fields);
    assert.strictEqual(none.status, 404);
  }
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
});
