"use strict";
/* The whole path of each item that concerns one person, as a clerk with any HTTP client goes it, by
 * the firms and people of the demonstration. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { execFileSync } = require("child_process");
const key = require("../lib/key");
const { people, demo, firmOf, some, inForce, examined } = require("../lib/cast");
const system = require("../lib/system");
const { firms, loggedIn, made } = require("../lib/world");

const stranger = firms(1, 1)[0];

const stateOf = (number) => system.sql(`SELECT state, version FROM certificate WHERE number = '${number}'`)[0];
const audited = (action) => system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = '${action}'`);

function post(client, answer, action, more = []) {
  const form = answer.forms.find((one) => one.method === "POST" && one.action === action);
  assert.ok(form, `${answer.url}: no form to ${action}: ${answer.text.slice(0, 400)}`);
  return client.submit(answer, form, more);
}

/* Names the person; the answer is the redirect to what was found, or the refusal. */
async function query(client, item, person, more = []) {
  const box = await client.get(`/${item}/new`);
  assert.strictEqual(box.status, 200);
  const form = box.forms.find((one) => one.method === "POST" && one.action === `/${item}/`);
  const own = form.fields.filter(([name]) => name.startsWith("_"));
  return client.post(`/${item}/`, [...own, ["id_type", person.idType], ["id_no", person.idNo],
    ["name", person.name], ...more]);
}

async function found(client, item, person, more) {
  const answer = await query(client, item, person, more);
  assert.strictEqual(answer.status, 303, answer.text.slice(0, 600));
  assert.ok(!answer.headers.location.includes(person.idNo));
  return client.get(answer.headers.location);
}

const numbersOf = (page) => [...new Set(page.text.match(/沪建安[ABC][123]?（\d{4}）\d{7}/g))];
const idsOf = (page) => [...page.html.matchAll(/name="certificate" value="(\d+)"/g)].map(([, id]) => id);
const seenOf = (page) => page.html.match(/name="seen" value="([0-9a-f]{64})"/)[1];

test("a passed exam makes a certificate, once", async () => {
  const [person] = examined();
  const client = await loggedIn(firmOf(person));
  const { wish } = person;
  const check = await found(client, "apply", person, [["wish", wish]]);
  const done = await post(client, check, new URL(check.url).pathname);
  assert.strictEqual(done.status, 303, done.text.slice(0, 600));
  await made(client, done.headers.location);
  const matter = await client.get(done.headers.location);
  const [number] = numbersOf(matter);
  assert.deepStrictEqual(stateOf(number), ["01", "1"]);
  /* The same draft cannot be confirmed again, and the person can't apply again. */
  assert.ok([303, 409].includes((await post(client, check, new URL(check.url).pathname)).status));
  const again = await query(client, "apply", person, [["wish", wish]]);
  assert.strictEqual(again.status, 409);
  assert.match(again.text, /R6/);
  assert.strictEqual(audited("renew.refused") > 0, true);
});

test("a certificate near its end is renewed, and keeps its number", async () => {
  const untouched = new Set(system.sql(`SELECT CONCAT(e.uscc, p.name) FROM certificate c JOIN person p ON p.id = c.person_id
    JOIN enterprise e ON e.id = c.enterprise_id WHERE c.state = '01' AND c.version = 1 AND c.pending_matter_id IS NULL
    GROUP BY e.uscc, p.name HAVING COUNT(*) = 1`).map(([one]) => one));
  const person = some("延期").find((one) => untouched.has(one.uscc + one.name));
  const client = await loggedIn(firmOf(person));
  const [number, until, cls] = system.sql(`SELECT c.number, c.valid_until, LEFT(c.class, 1) FROM certificate c
    JOIN person p ON p.id = c.person_id JOIN enterprise e ON e.id = c.enterprise_id
    WHERE p.name = '${person.name}' AND e.uscc = '${person.uscc}'`)[0];
  await system.until("the certificate", 60, () => system.sqlNumber(`SELECT generation FROM certificate WHERE number = '${number}'`) === 2);
  const answer = await query(client, "apply", person, [["wish", cls]]);
  assert.strictEqual(answer.status, 303, answer.text.slice(0, 600));
  const check = await client.get(answer.headers.location);
  const done = await post(client, check, new URL(check.url).pathname);
  assert.strictEqual(done.status, 303, done.text.slice(0, 600));
  assert.deepStrictEqual(stateOf(number), ["01", "2"]);
  const [from, id] = system.sql(`SELECT valid_from, id FROM certificate WHERE number = '${number}'`)[0];
  assert.strictEqual(Date.parse(from) - Date.parse(until), 86400000);
  const show = await client.get(`/certificates/${id}`);
  for (const page of [show, await client.get(show.links.find((link) => /^\/verify\/./.test(link)))])
    assert.match(page.text, new RegExp(`原有效期届满之前持续有效，新的有效期自 ${from} 起`));
});

test("certificates come from another firm, which sees that they left", async () => {
  const clerk = await loggedIn(demo.find((one) => one.uscc === some("隶属")[0].uscc));
  let moved = null;
  for (const person of some("隶属")) {
    const answer = await query(clerk, "transfer", person);
    if (answer.status !== 303) {
      assert.match(answer.text, /R(2|14|15|20)|没有查询到该人员在其他企业的电子证书/); /* who has left by another file */
      continue;
    }
    const check = await clerk.get(answer.headers.location);
    /* More than version 1 of somebody whom another file moved. */
    const [number, version] = system.sql(`SELECT number, version FROM certificate WHERE id = ${idsOf(check)[0]}`)[0];
    const done = await post(clerk, check, new URL(check.url).pathname, idsOf(check).map((id) => ["certificate", id]));
    assert.strictEqual(done.status, 303, done.text.slice(0, 600));
    assert.ok(numbersOf(await clerk.get(done.headers.location)).includes(number));
    moved = { person, number, version: Number(version) };
    break;
  }
  assert.ok(moved, "one of them may come");
  assert.deepStrictEqual(stateOf(moved.number), ["01", String(moved.version + 1)]);
  const [uscc] = system.sql(`SELECT e.uscc FROM matter m JOIN enterprise e ON e.id = m.enterprise_id
    WHERE m.parent_id IS NOT NULL ORDER BY m.id DESC LIMIT 1`)[0];
  const before = await loggedIn(demo.find((one) => one.uscc === uscc));
  assert.match((await before.get("/")).text, new RegExp(moved.person.name));
  assert.match((await before.get("/transfer/")).text, /调出至其他企业/);
  const [id] = system.sql(`SELECT id FROM certificate WHERE number = '${moved.number}'`)[0];
  assert.strictEqual((await before.get(`/certificates/${id}`)).status, 404);
  assert.strictEqual((await before.get(`/certificates/${id}/versions/${moved.version}/document`)).status, 200);
  assert.strictEqual((await clerk.get(`/certificates/${id}/versions/${moved.version}/document`)).status, 404);
});

let cancelled = null;

test("a cancellation needs the firm's signature over exactly its form", async () => {
  const [person, next] = inForce(1);
  cancelled = person;
  const firm = firmOf(person);
  const client = await loggedIn(firm);
  const check = await found(client, "cancel", person);
  const number = new URL(check.url).pathname.split("/").pop();
  const [certificate] = numbersOf(check);
  const choice = [...idsOf(check).map((id) => ["certificate", id]), ["reason", "01"], ["seen", seenOf(check)]];
  const warn = await client.get(`/cancel/${number}/confirm?${new URLSearchParams(choice)}`);
  assert.strictEqual(warn.status, 200, warn.text.slice(0, 400));
  const prepared = await post(client, warn, `/cancel/${number}`);
  assert.strictEqual(prepared.headers.location, `/cancel/${number}/sign`);
  assert.deepStrictEqual(stateOf(certificate), ["01", "1"]);
  /* R19: nothing else can be done meanwhile. */
  const other = await query(client, "departure", person);
  assert.strictEqual(other.status, 409);
  assert.match(other.text, /R19/);
  await system.until("the form", 60, async () => (await client.get(`/cancel/${number}/form`)).status === 200);
  const refuses = (answer, status, cause) => {
    assert.strictEqual(answer.status, status, answer.html.slice(0, 400));
    assert.strictEqual(answer.json.error.cause, cause);
    assert.ok(answer.json.error.text.length > 5);
    assert.deepStrictEqual(stateOf(certificate), ["01", "1"]);
  };
  const before = audited("cancel.signature_refused");
  refuses(await key.send(client, number, Buffer.from("nonsense")), 403, "unprepared");
  refuses(await key.prepare(client, number, stranger), 403, "foreign_firm");
  const ready = await key.prepare(client, number, firm);
  assert.strictEqual(ready.status, 200, ready.html);
  await key.look(client, ready);
  refuses(await key.send(client, number, Buffer.from("nonsense")), 403, "forged");
  refuses(await key.send(client, number, key.sign(firm.key, key.algorithmOf(firm), Buffer.from("another form"))), 403,
    "forged");
  assert.strictEqual(audited("cancel.signature_refused"), before + 4);
  const done = await key.signForm(client, number, firm);
  assert.strictEqual(done.status, 200, done.html);
  assert.strictEqual(done.json.location, `/matters/${number}`);
  assert.deepStrictEqual(stateOf(certificate), ["04", "1"]);
  await made(client, `/matters/${number}`);
  const proof = await client.get(`/matters/${number}/document`);
  const file = path.join(system.folder, "proof.pdf");
  fs.writeFileSync(file, proof.body);
  assert.match(execFileSync("pdfsig", ["-nocert", file], { encoding: "utf8" }), /Total document signed[\s\S]*Signature is Valid/);
  assert.match(execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }), new RegExp(person.name));
  const sealed = system.verify(file);
  assert.deepStrictEqual([sealed.status, sealed.verdict, sealed.record, sealed.signer, sealed.kind],
    [0, "genuine", "recorded", "authority", "cancellation"]);
  const signed = await client.get(`/matters/${number}/form`);
  fs.writeFileSync(file, signed.body);
  assert.match(execFileSync("pdfsig", ["-nocert", file], { encoding: "utf8" }),
    new RegExp(`${firm.name}[\\s\\S]*Total document signed[\\s\\S]*Signature is Valid`));
  const written = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
  assert.match(written, /注销申请表/);
  assert.match(written, new RegExp(`证书序列号 +[0-9A-F]+\n *签署时间 +\\d{4}-\\d\\d-\\d\\d .*\n *签署企业 +${firm.uscc}\n`));
  execFileSync("qpdf", ["--check", file]);
  const form = system.verify(file);
  assert.deepStrictEqual([form.status, form.verdict, form.record, form.signer, form.kind, form.uscc, form.name],
    [0, "genuine", "recorded", "firm", "signed", firm.uscc, firm.name]);
  const token = system.sql(`SELECT HEX(verify_token) FROM matter WHERE id = ${Number(number.split("-")[1])}`)[0][0];
  const verify = await client.get(`/verify/${Buffer.from(token, "hex").toString("base64url")}`);
  assert.match(verify.text, /注销证明/);
  assert.ok(!verify.text.includes(person.name));
  /* Somebody else's session finds nothing of it. */
  const foreign = await loggedIn(stranger);
  for (const place of [`/cancel/${number}`, `/cancel/${number}/sign`, `/cancel/${number}/form`, `/matters/${number}`,
    `/matters/${number}/document`, `/cancel/${number}/prepared`])
    assert.strictEqual((await foreign.get(place)).status, 404, place);
  /* A draft that is taken back is over. */
  const draft = await found(client, "cancel", next);
  const place = new URL(draft.url).pathname;
  assert.strictEqual((await post(client, draft, `${place}/abandon`)).headers.location, "/cancel/");
  assert.match((await client.get(`/matters/${place.split("/").pop()}`)).text, /已撤回/);
});

test("B and C leave together, with a proof", async () => {
  const person = inForce(2)[2];
  const client = await loggedIn(firmOf(person));
  const check = await found(client, "departure", person);
  const number = new URL(check.url).pathname.split("/").pop();
  const [certificate] = numbersOf(check);
  const choice = [...new Set(idsOf(check))].map((id) => ["certificate", id]);
  const warn = await client.get(`/departure/${number}/confirm?${new URLSearchParams([...choice, ["province", "江苏省"], ["seen", seenOf(check)]])}`);
  const stale = await client.post(`/departure/${number}`, warn.forms.find((one) => one.action === `/departure/${number}`).fields
    .map(([name, value]) => [name, name === "seen" ? "0".repeat(64) : value]));
  assert.strictEqual(stale.status, 409);
  assert.match(stale.text, /情况已经变化/);
  const done = await post(client, warn, `/departure/${number}`);
  assert.strictEqual(done.status, 303, done.text.slice(0, 400));
  assert.deepStrictEqual(stateOf(certificate), ["06", "1"]);
  await made(client, `/matters/${number}`);
  const file = path.join(system.folder, "departure.pdf");
  fs.writeFileSync(file, (await client.get(`/matters/${number}/document`)).body);
  assert.match(execFileSync("pdftotext", [file, "-"], { encoding: "utf8" }), /江苏省/);
});

test("a firm's new name comes onto all its certificates, once", async () => {
  const firm = demo.find((one) => one["what to see as this firm"].includes("更名"));
  const client = await loggedIn(firm);
  const id = system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`);
  /* What waits for another matter stays as it is. */
  const outdated = () => system.sqlNumber(`SELECT COUNT(*) FROM certificate WHERE enterprise_id = ${id} AND state = '01'
    AND enterprise_name <> '${firm.name}' AND pending_matter_id IS NULL`);
  const count = outdated();
  assert.ok(count > 5);
  const confirm = await client.get("/rename/confirm");
  assert.match(confirm.text, new RegExp(`将更名\\s*${count}\\s*本`));
  /* What the page says is what is done, or nothing is: the name may have changed once more. */
  const form = confirm.forms.find((one) => one.method === "POST" && one.action === "/rename/");
  const other = await client.post("/rename/", form.fields.map(([name, value]) => [name, name === "name" ? `${value}二` : value]));
  assert.strictEqual(other.status, 409);
  assert.match(other.text, /登记名称刚刚又有变化/);
  assert.strictEqual(outdated(), count);
  const first = await post(client, confirm, "/rename/");
  assert.strictEqual(first.status, 303);
  const second = await post(client, confirm, "/rename/");
  assert.strictEqual(second.headers.location, first.headers.location);
  const figures = await made(client, first.headers.location, 90);
  assert.strictEqual(figures.changed, count);
  assert.strictEqual(figures.done, count);
  assert.strictEqual(outdated(), 0);
  const matter = Number(first.headers.location.split("-").pop());
  assert.deepStrictEqual(system.sql(`SELECT COUNT(*), COUNT(DISTINCT certificate_id) FROM certificate_event WHERE matter_id = ${matter}`),
    [[String(count), String(count)]]);
  const refused = await client.post("/rename/", (await client.get("/")).forms[0].fields
    .concat([["_key", "abcdefghijklmnopqrstuvw"]]));
  assert.strictEqual(refused.status, 409);
  assert.match(refused.text, /R16/);
});

test("a firm that leaves hundreds of people unconfirmed looks up no more of them", async () => {
  const { idNo, idType, name } = examined()[0];
  const client = await loggedIn(stranger);
  const firm = system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${stranger.uscc}'`);
  const matters = system.sqlNumber("SELECT MAX(id) FROM matter");
  system.sql(`INSERT INTO matter (item, opened_on, enterprise_id, state, opened_by_kind, opened_at)
    SELECT 'apply', CURDATE(), ${firm}, 'draft', 3, NOW() FROM seq_1_to_500`);
  try {
    const answer = await query(client, "apply", { idNo, idType, name }, [["wish", "B"]]);
    assert.strictEqual(answer.status, 422, answer.text.slice(0, 600));
    assert.match(answer.text, /500件申请等待确认/);
  } finally {
    system.sql(`DELETE FROM matter WHERE enterprise_id = ${firm} AND id > ${matters} AND opened_by_kind = 3`);
  }
  const answer = await query(client, "apply", { idNo, idType, name }, [["wish", "B"]]);
  assert.ok([303, 409].includes(answer.status), answer.text.slice(0, 600));
});

test("records are searched, exported, and hold no document numbers", async () => {
  const person = cancelled;
  const client = await loggedIn(firmOf(person));
  assert.match((await client.get(`/cancel/?name=${encodeURIComponent(person.name)}&state=done`)).text, new RegExp(person.name));
  assert.ok(!(await client.get("/cancel/?state=refused")).text.includes(person.name));
  assert.strictEqual((await client.get("/cancel/?state=nonsense")).status, 422);
  assert.strictEqual((await client.get("/cancel/export?state=nonsense")).status, 422);
  const taken = () => system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'matter.export'
    AND JSON_VALUE(detail, '$.item') = 'cancel' AND actor_kind = 1`);
  const before = taken();
  const table = await client.get("/cancel/export");
  assert.strictEqual(taken(), before + 1);
  assert.match(table.headers["content-type"], /text\/csv/);
  assert.match(table.body.toString("utf8"), new RegExp(`注销.*${person.name}`));
  const logs = fs.readdirSync(`${system.folder}/log`).map((name) => fs.readFileSync(`${system.folder}/log/${name}`, "utf8")).join("");
  for (const one of people) assert.ok(!logs.includes(one.idNo), "a document number in a log");
  const audit = system.ctl("audit", "verify");
  assert.strictEqual(audit.status, 0, audit.out + audit.err);
  const why = system.ctl("explain", "--firm", person.uscc, "--item", "cancel", "--person", `${person.idType}:${person.idNo}`);
  assert.strictEqual(why.status, 0, why.err);
});
