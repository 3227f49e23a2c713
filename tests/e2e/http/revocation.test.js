"use strict";
/* Certificates whose authority has an OCSP responder: what it says, and what holds when it says
 * nothing that can be believed; and lists that are fetched. */

const assert = require("assert");
const fs = require("fs");
const { execFile } = require("child_process");
const test = require("node:test");
const key = require("../lib/key");
const system = require("../lib/system");
const { Client, operations } = require("../lib/client");
const { Responder } = require("../lib/responder");
const { trusted, foreign, firms, loggedIn, exchange, made } = require("../lib/world");

const [firm, signing] = firms(2, 1);
const delegate = trusted.issue({ name: "测试状态查询服务", profile: "responder" });
const stranger = foreign.issue({ name: "外部状态查询服务", profile: "responder" });

const PATIENCE_MS = 3000;
let responder;
let mode;

/* The operator changes how strict the login is. */
async function strictness(name) {
  if (mode === name) return;
  mode = name;
  system.restart("ecertd", { ECERT_LOGIN_OCSP: name, ECERT_LOGIN_OCSPTIMEOUTMS: String(PATIENCE_MS), ECERT_LOGIN_OCSPBREAKERFAILURES: "1000" });
  await system.until("ready again", 60, async () => (await operations("/readyz")).status === 200);
}

/* A certificate that nobody was asked about yet. */
function fresh({ revoked = false } = {}) {
  const one = trusted.issue({ ...firm, responder: responder.url });
  if (revoked) trusted.revoke(one);
  return one;
}

function logins(action, verdict, ocsp) {
  return system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'login.${action}'
    AND detail LIKE '%"verdict":"${verdict}"%' AND detail LIKE '%"ocsp":"${ocsp}"%'`);
}

test.before(async () => { responder = await new Responder(trusted, delegate).open(); });
test.after(async () => {
  await responder.close();
  system.restart("ecertd");
  await system.until("ready again", 60, async () => (await operations("/readyz")).status === 200);
});

/* manner, who signs, revoked?, what the audit notes, soft and hard: let in? */
const cases = [
  ["soft", "good", delegate, false, "good", true],
  ["soft", "good", delegate, true, "revoked", false],
  ["soft", "good", stranger, false, "forged", true],
  ["soft", "good", stranger, true, "forged", true],
  ["soft", "broken", delegate, false, "broken", true],
  ["soft", "slow", delegate, false, "unreachable", true],
  ["soft", "silent", delegate, false, "unreachable", true],
  ["soft", "down", delegate, false, "unreachable", true],
  ["hard", "good", delegate, false, "good", true],
  ["hard", "good", delegate, true, "revoked", false],
  ["hard", "good", stranger, false, "forged", false],
  ["hard", "broken", delegate, false, "broken", false],
  ["hard", "slow", delegate, false, "unreachable", false],
  ["hard", "silent", delegate, false, "unreachable", false],
  ["hard", "down", delegate, false, "unreachable", false],
  ["off", "good", delegate, true, "unasked", true],
];

for (const [strict, manner, signer, revoked, noted, letIn] of cases) {
  const name = `${strict}: a responder that is ${manner}${signer === stranger ? ", signed by a stranger" : ""}` +
    `${revoked ? ", of a revoked certificate" : ""}: ${letIn ? "let in" : "refused"}, noted as ${noted}`;
  test(name, async () => {
    await strictness(strict);
    Object.assign(responder, { manner, signer, asked: 0 });
    const action = letIn ? "accepted" : "refused";
    const verdict = letIn ? "ok" : noted === "revoked" ? "revoked" : "no_ocsp";
    const before = logins(action, verdict, noted);
    const client = new Client(fresh({ revoked }));
    const begun = Date.now();
    const answer = await client.request("GET", `${system.login}/login/certificate`);
    const took = Date.now() - begun;
    assert.strictEqual(answer.status, letIn ? 303 : 403, answer.text);
    if (!letIn) assert.ok(answer.text.includes(noted === "revoked" ? "数字证书已被吊销" : "暂时无法核对数字证书"), answer.text);
    assert.ok(took < 4 * PATIENCE_MS, `${took} ms`);
    assert.strictEqual(logins(action, verdict, noted), before + 1);
    assert.strictEqual(responder.asked > 0, strict !== "off");
  });
}

test("what a responder said is kept: it is asked once a worker", async () => {
  await strictness("hard");
  Object.assign(responder, { manner: "good", signer: delegate, asked: 0 });
  const one = fresh();
  for (let i = 0; i < 30; i++)
    assert.strictEqual((await new Client(one).request("GET", `${system.login}/login/certificate`)).status, 303);
  const workers = system.children(system.pid("ecertd")).length;
  assert.ok(responder.asked >= 1 && responder.asked <= workers, `${responder.asked} of ${workers}`);
});

test("a key that answers a challenge is asked about, too", async () => {
  await strictness("hard");
  Object.assign(responder, { manner: "good", signer: delegate, asked: 0 });
  assert.strictEqual((await key.login(new Client(), fresh())).status, 200);
  assert.ok(responder.asked > 0);
  const refused = await key.login(new Client(), fresh({ revoked: true }));
  assert.deepStrictEqual([refused.status, refused.json.error.cause], [403, "revoked"]);
  responder.manner = "down";
  assert.strictEqual((await key.login(new Client(), fresh())).json.error.cause, "no_ocsp");
});

/* Certificates are public: they stand in every signed form. */
test("nobody is asked about a certificate by who does not have its key", async () => {
  await strictness("hard");
  Object.assign(responder, { manner: "good", signer: delegate, asked: 0 });
  const one = fresh(), another = fresh();
  const refused = await key.login(new Client(), { ...one, key: another.key });
  assert.deepStrictEqual([refused.status, refused.json.error.cause], [403, "forged"]);
  assert.strictEqual(responder.asked, 0);
  assert.strictEqual((await key.login(new Client(), one)).status, 200);
  assert.ok(responder.asked > 0);
});

/* Both steps of signing ask, whichever worker takes them. */
test("a key signs a form when its responder vouches for it, and not when it does not", async () => {
  await strictness("hard");
  responder.signer = delegate;
  const client = await loggedIn(signing);
  await made(client, (await exchange(client)).headers.location);
  const number = await key.waiting(client, signing.people[0]);
  const own = () => trusted.issue({ uscc: signing.uscc, name: signing.name, responder: responder.url });
  const unknown = own(), fallen = own(), good = own();
  trusted.revoke(fallen);
  responder.manner = "down";
  assert.strictEqual((await key.prepare(client, number, unknown)).json.error.cause, "no_ocsp");
  responder.manner = "good";
  assert.strictEqual((await key.prepare(client, number, fallen)).json.error.cause, "revoked");
  const signed = await key.signForm(client, number, good);
  assert.strictEqual(signed.status, 200, signed.html);
  assert.strictEqual(signed.json.location, `/matters/${number}`);
});

test("a key that is revoked between preparing and signing signs nothing", async () => {
  await strictness("hard");
  Object.assign(responder, { manner: "good", signer: delegate });
  const [other] = firms(1, 1);
  const client = await loggedIn(other);
  await made(client, (await exchange(client)).headers.location);
  const number = await key.waiting(client, other.people[0]);
  const own = trusted.issue({ uscc: other.uscc, name: other.name, responder: responder.url });
  const prepared = await key.prepare(client, number, own);
  assert.strictEqual(prepared.status, 200, prepared.html);
  trusted.revoke(own);
  await strictness("soft"); /* new workers, which were told nothing */
  const answer = await key.send(client, number, key.sign(own.key, "ES256", Buffer.from(prepared.json.statement, "base64")));
  assert.deepStrictEqual([answer.status, answer.json.error.cause], [403, "revoked"], answer.html);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM certificate c JOIN enterprise e ON e.id = c.enterprise_id
    WHERE e.uscc = '${other.uscc}' AND c.state = '01'`), 1);
});

/* The lists that are fetched */

const conf = `${system.folder}/etc/ecert.conf`;
const lists = fs.readFileSync(conf, "utf8").match(/^\s*(?:Login\.)?Revocations\s*=\s*(\S+)/m)[1];

/* Beside this process, which answers it. */
function update(...urls) {
  const words = ["-c", conf, "crl", "update", "--json"];
  const env = { ...process.env, ECERT_LOGIN_REVOCATIONURLS: urls.join(" ") };
  return new Promise((resolve) => execFile(`${system.prefix}/bin/ecertctl`, words, { env }, (error, out, err) =>
    resolve({ status: error ? error.code : 0, out, err, lines: out.split("\n").filter(Boolean).map((one) => JSON.parse(one)) })));
}

const line = (run, state) => run.lines.find((one) => one.state === state);

test("a list that is fetched is read by the running programs, and the others are kept", async () => {
  responder.manner = "good";
  const one = trusted.issue(firm);
  assert.strictEqual((await new Client(one).request("GET", `${system.login}/login/certificate`)).status, 303);
  trusted.revoke(one);
  const run = await update(`${responder.origin}/trusted.crl`);
  assert.strictEqual(run.status, 0, run.out + run.err);
  assert.match(line(run, "new").issuer, /测试电子认证机构/);
  assert.ok(Date.parse(line(run, "new").next_update) > Date.now());
  assert.ok(line(run, "kept"), run.out);
  const answer = await new Client(one).request("GET", `${system.login}/login/certificate`);
  assert.strictEqual(answer.status, 403);
  assert.ok(answer.text.includes("数字证书已被吊销"));
  const demo = system.firms()[0];
  assert.strictEqual((await new Client(demo).request("GET", `${system.login}/login/certificate`)).status, 303);
  assert.strictEqual((await update(`${responder.origin}/trusted.crl`)).lines[0].state, "same");
});

test("what is no list of ours, or an older one, leaves the file alone, and is named", async () => {
  const good = fs.readFileSync(lists);
  const stat = fs.statSync(lists);
  const old = trusted.crl;
  trusted.revoke();
  assert.strictEqual((await update(`${responder.origin}/trusted.crl`)).status, 0);
  const newest = fs.readFileSync(lists);
  assert.notDeepStrictEqual(newest, good);
  assert.strictEqual(fs.statSync(lists).mode, stat.mode);
  for (const [state, list, manner] of [["back", old, "good"], ["foreign", foreign.crl, "good"], ["broken", "<html>", "good"],
    ["broken", trusted.crl.slice(0, 200), "good"], ["unreachable", trusted.crl, "down"]]) {
    Object.assign(responder, { list, manner });
    const run = await update(`${responder.origin}/trusted.crl`);
    assert.strictEqual(run.status, 1, run.out);
    assert.strictEqual(run.lines[0].state, state, run.out);
    assert.strictEqual(run.lines[0].url, `${responder.origin}/trusted.crl`);
    assert.ok(run.lines.some((one) => one.state === "kept" && /测试电子认证机构/.test(one.issuer)), run.out);
    assert.deepStrictEqual(fs.readFileSync(lists), newest);
  }
  Object.assign(responder, { list: null, manner: "good" });
});

test("one address that fails does not keep the others from being fetched", async () => {
  trusted.revoke();
  const run = await update("http://127.0.0.1:9/none.crl", `${responder.origin}/trusted.crl`);
  assert.strictEqual(run.status, 1);
  assert.strictEqual(run.lines[0].state, "unreachable");
  assert.strictEqual(line(run, "new").url, `${responder.origin}/trusted.crl`);
  assert.strictEqual(fs.existsSync(`${lists}.new`), false);
});

test("the operator is told which lists there are, and without an address that there is none", async () => {
  const run = system.ctl("crl", "list");
  assert.strictEqual(run.status, 0, run.err);
  assert.match(run.out, /^current +.*测试电子认证机构.*until \d{4}-/m);
  const none = await update();
  assert.strictEqual(none.status, 3, none.out + none.err);
  assert.match(none.err, /RevocationUrls/);
  assert.match(system.ctl("check").out, /^revocations +OK/m);
});
