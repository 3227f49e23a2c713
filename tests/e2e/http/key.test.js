"use strict";
/* The firm's key: whom a signed challenge lets in, what signs a form, and every way to cheat. */

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const test = require("node:test");
const key = require("../lib/key");
const { firmOf, inForce } = require("../lib/cast");
const { Client } = require("../lib/client");
const { SM2 } = require("../lib/pki");
const { uscc } = require("../lib/registers");
const system = require("../lib/system");
const { trusted, foreign, firms, loggedIn, made } = require("../lib/world");

const [firm, other] = firms(2, 1);
const rsa = (bits) => ["-algorithm", "RSA", "-pkeyopt", `rsa_keygen_bits:${bits}`];
const P384 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];

const refusals = (cause) => system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'login.refused'
  AND detail LIKE '%"verdict":"${cause}"%'`);
/* Each by its hash: some may end meanwhile. */
const sessions = () => system.sql("SELECT HEX(token_hash) FROM session").flat();

/* Refused with this cause, in words, audited, and nobody is logged in. */
async function refused(cause, attempt) {
  const before = [refusals(cause), sessions()];
  const answer = await attempt();
  assert.strictEqual(answer.status, 403, answer.html.slice(0, 400));
  assert.strictEqual(answer.json.error.cause, cause);
  assert.match(answer.json.error.title, /\p{Script=Han}{3}/u);
  assert.match(answer.json.error.advice, /\p{Script=Han}{5}/u);
  assert.strictEqual(refusals(cause), before[0] + 1);
  assert.deepStrictEqual(sessions().filter((one) => !before[1].includes(one)), []);
}

for (const [algorithm, profile] of [["RS256", rsa(2048)], ["RS384", rsa(2048)], ["PS256", rsa(2048)],
  ["PS512", rsa(3072)], ["ES256", undefined], ["ES384", P384], ["SM2SM3", SM2]])
  test(`a key logs in by ${algorithm}`, async () => {
    const client = new Client();
    const answer = await key.login(client, trusted.issue({ ...firm, ...(profile && { algorithm: profile }) }), { algorithm });
    assert.strictEqual(answer.status, 200, answer.html.slice(0, 300));
    assert.strictEqual(answer.json.location, "/");
    assert.match(answer.headers["set-cookie"].join("\n"), /^__Host-ecert=.*Secure/m);
    assert.ok((await client.get("/")).html.includes(firm.name));
  });

test("the statement names its purpose, the origin and the nonce, and nothing else", async () => {
  const { nonce, statement, seconds } = (await key.challenge(new Client())).json;
  const hash = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");
  assert.strictEqual(Buffer.from(nonce, "base64url").length, 32);
  assert.strictEqual(Buffer.from(statement, "base64").toString(),
    `ecert-login-1\n${hash(system.site)}\n${hash(Buffer.from(nonce, "base64url"))}\n`);
  assert.strictEqual(seconds, 120);
});

test("a login leads where the visitor wanted to go, on this site only", async () => {
  for (const [next, location] of [["/certificates/?name=x", "/certificates/?name=x"], ["//evil.example", "/"],
    ["https://evil.example/", "/"], ["/logout", "/"]])
    assert.strictEqual((await key.login(new Client(), firm, { next })).json.location, location, next);
});

const attacks = [
  ["a challenge used twice", "challenge_used", async () => {
    const client = new Client();
    const asked = (await key.challenge(client)).json;
    const cookie = client.cookies.get("__Host-ecert-login");
    assert.strictEqual((await key.answer(client, firm, asked)).status, 200);
    const thief = new Client();
    thief.cookies.set("__Host-ecert-login", cookie);
    return () => key.answer(thief, firm, asked);
  }],
  ["a challenge used up by a failure", "challenge_used", async () => {
    const client = new Client();
    const asked = (await key.challenge(client)).json;
    const cookie = client.cookies.get("__Host-ecert-login");
    assert.strictEqual((await key.answer(client, firm, asked, { signature: "AAAA" })).status, 403);
    client.cookies.set("__Host-ecert-login", cookie);
    return () => key.answer(client, firm, asked);
  }],
  ["a challenge of another browser", "challenge", async () => {
    const asked = (await key.challenge(new Client())).json;
    const thief = new Client();
    await key.challenge(thief);
    return () => key.answer(thief, firm, asked);
  }],
  ["a challenge without its cookie", "challenge", async () => {
    const asked = (await key.challenge(new Client())).json;
    return () => key.answer(new Client(), firm, asked);
  }],
  ["a late challenge", "challenge_late", async () => {
    const client = new Client();
    const asked = (await key.challenge(client)).json;
    system.sql("UPDATE login_ticket SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE used_at IS NULL AND subject_kind = 0");
    return () => key.answer(client, firm, asked);
  }],
  ["a nonce of the client's own", "challenge", async () => {
    const client = new Client();
    await key.challenge(client);
    const nonce = crypto.randomBytes(32).toString("base64url");
    return () => key.answer(client, firm, { nonce, statement: "" });
  }],
  ["a statement for another origin", "forged", () => signing((text) => text.replace(/\n[0-9a-f]{64}/,
    "\n" + crypto.createHash("sha256").update("https://evil.example").digest("hex")))],
  ["a statement of another purpose", "forged", () => signing((text) => text.replace("login", "form"))],
  ["the nonce alone", "forged", () => signing((text) => text.split("\n")[2])],
  ["a statement with something behind it", "forged", () => signing((text) => text + "x")],
  ["another key's signature", "forged", () => by(firm, ({ statement }) => ({
    signature: key.sign(trusted.issue(other).key, "ES256", Buffer.from(statement, "base64")).toString("base64") }))],
  ["a signature cut short", "malformed", () => by(firm, ({ statement }) => ({
    signature: key.sign(firm.key, "ES256", Buffer.from(statement, "base64")).subarray(0, 40).toString("base64") }))],
  ["an algorithm that is not the key's", "key", () => by(firm, () => ({ algorithm: "RS256", signature: "AAAA" }))],
  ["an algorithm nobody knows", "algorithm", () => by(firm, () => ({ algorithm: "none", signature: "AAAA" }))],
  ["no certificate", "malformed", () => by(firm, () => ({ certificate: "!!" }))],
  ["junk for a certificate", "broken", () => by(firm, () => ({ certificate: "MAMCAQE=" }))],
  ["a certificate with something behind it", "broken", () => by(firm, () => ({
    certificate: Buffer.concat([key.derOf(firm.certificate), Buffer.from([0])]).toString("base64") }))],
  ["a certificate of its own making", "self_signed", () => by(trusted.selfSigned(firm))],
  ["a foreign authority's", "foreign", () => by(foreign.issue(firm))],
  ["an expired one", "expired", () => by(trusted.issue({ ...firm, from: -400, until: -2 }))],
  ["one that is not yet valid", "not_yet", () => by(trusted.issue({ ...firm, from: 2, until: 300 }))],
  ["one for encryption", "usage", () => by(trusted.issue({ ...firm, profile: "encryption" }))],
  ["RSA of 1024 bits", "weak", () => by(trusted.issue({ ...firm, algorithm: rsa(1024) }))],
  ["one signed with SHA-1", "digest", () => by(trusted.issue({ ...firm, digest: "sha1" }))],
  ["one below a CA that may have none below it", "chain", () => by(narrow.leaf, () => ({ chain: narrow.chain }))],
  ["one with two firms' codes", "codes", () => by(trusted.issue({ ...firm, uscc: `${firm.uscc} ${other.uscc}` }))],
  ["one without a firm's code", "no_code", () => by(trusted.issue({ name: firm.name }))],
  ["a firm nobody knows", "unknown_firm", () => by(trusted.issue({ name: "未登记企业", uscc: uscc(7777777) }))],
];

/* A CA below the trusted one that allows none below itself, one that is there all the same, and a firm. */
const narrow = (() => {
  const inner = trusted.below("不得再设下级的机构", "critical, CA:true, pathlen:0");
  const lowest = inner.below("不该有的下级机构");
  const chain = [inner, lowest].map(({ file }) => key.derOf(file).toString("base64")).join();
  return { leaf: lowest.issue(firm), chain };
})();

/* A login whose fields are changed before they are sent. */
async function by(who, change = () => ({})) {
  const client = new Client();
  const asked = (await key.challenge(client)).json;
  return () => key.answer(client, who, asked, change(asked));
}

/* A login that signs something else than it was asked to. */
function signing(change) {
  return by(firm, ({ statement }) => ({ signature: key.sign(firm.key, "ES256",
    Buffer.from(change(Buffer.from(statement, "base64").toString()))).toString("base64") }));
}

for (const [name, cause, prepare] of attacks)
  test(`login refuses ${name}: ${cause}`, async () => refused(cause, await prepare()));

test("a revoked key does not log in", async () => {
  const revoked = trusted.issue(firm);
  const file = `${system.folder}/demo/ca/crl.pem`;
  const older = fs.readFileSync(file, "utf8").split(/(?<=-----END X509 CRL-----\n)/);
  trusted.revoke(revoked);
  older[older.length - 1] = trusted.crl;
  fs.writeFileSync(file, older.join(""));
  await refused("revoked", await by(revoked));
});

test("only pages of this site may ask for a challenge or answer one", async () => {
  const asked = (await key.challenge(new Client())).json;
  for (const headers of [{}, { Origin: "null" }, { Origin: "https://evil.example" }, { Origin: `${system.site}.evil.example` },
    { Origin: system.login }, { Origin: system.site, "Sec-Fetch-Site": "cross-site" }]) {
    assert.strictEqual((await key.challenge(new Client(), headers)).status, 403, JSON.stringify(headers));
    assert.strictEqual((await key.answer(new Client(), firm, asked, {}, headers)).status, 403, JSON.stringify(headers));
  }
});

/* A cancellation up to where its form waits for the key. */
async function waiting(person) {
  const client = await loggedIn(firmOf(person));
  return { client, number: await key.waiting(client, person), firm: firmOf(person) };
}

const stateOf = (number) => system.sql(`SELECT state FROM matter WHERE id = ${Number(number.split("-")[1])}`)[0][0];
const signRefusals = () => system.sqlNumber("SELECT COUNT(*) FROM audit_event WHERE action = 'cancel.signature_refused'");

test("what is signed for a form: every swap is refused with its cause, and nothing is cancelled", async () => {
  const [one, two] = inForce(0);
  const mine = await waiting(one), second = await waiting(two);
  const uses = trusted.issue({ uscc: mine.firm.uscc, name: mine.firm.name });
  const rows = [
    ["foreign_firm", () => key.prepare(mine.client, mine.number, other)],
    ["expired", () => key.prepare(mine.client, mine.number, trusted.issue({ uscc: mine.firm.uscc, name: "x", from: -9, until: -1 }))],
    ["usage", () => key.prepare(mine.client, mine.number, trusted.issue({ uscc: mine.firm.uscc, name: "x", profile: "encryption" }))],
    ["weak", () => key.prepare(mine.client, mine.number, trusted.issue({ uscc: mine.firm.uscc, name: "x", algorithm: rsa(1024) }))],
    ["not_yet", () => key.prepare(mine.client, mine.number, trusted.issue({ uscc: mine.firm.uscc, name: "x", from: 2, until: 9 }))],
    ["digest", () => key.prepare(mine.client, mine.number, trusted.issue({ uscc: mine.firm.uscc, name: "x", digest: "sha1" }))],
    ["self_signed", () => key.prepare(mine.client, mine.number, trusted.selfSigned(mine.firm))],
    ["foreign", () => key.prepare(mine.client, mine.number, foreign.issue({ uscc: mine.firm.uscc, name: "x" }))],
    ["chain", () => key.prepare(mine.client, mine.number, narrow.leaf, undefined, narrow.chain)],
    ["codes", () => key.prepare(mine.client, mine.number, trusted.issue({ uscc: `${mine.firm.uscc}-${other.uscc}`, name: "x" }))],
    ["no_code", () => key.prepare(mine.client, mine.number, trusted.issue({ name: "x" }))],
    ["algorithm", () => key.prepare(mine.client, mine.number, uses, "RS256")],
    ["unprepared", () => key.send(mine.client, mine.number, Buffer.from("x"))],
    /* A signature over the other form of the same firm's key. */
    ["forged", async () => {
      await key.prepare(mine.client, mine.number, uses);
      const asked = (await key.prepare(second.client, second.number, trusted.issue({ uscc: second.firm.uscc, name: "y" }))).json;
      return key.send(mine.client, mine.number, key.sign(uses.key, "ES256", Buffer.from(asked.statement, "base64")));
    }],
    /* An older preparation of the same form: another time stands in it. */
    ["forged", async () => {
      const old = (await key.prepare(mine.client, mine.number, uses)).json;
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await key.prepare(mine.client, mine.number, uses);
      return key.send(mine.client, mine.number, key.sign(uses.key, "ES256", Buffer.from(old.statement, "base64")));
    }],
    /* What logs in signs no form. */
    ["forged", async () => {
      const asked = (await key.challenge(new Client())).json;
      return key.send(mine.client, mine.number, key.sign(uses.key, "ES256", Buffer.from(asked.statement, "base64")));
    }],
    ["forged", async () => {
      const asked = (await key.prepare(mine.client, mine.number, uses)).json;
      return key.send(mine.client, mine.number, key.sign(other.key, "ES256", Buffer.from(asked.statement, "base64")));
    }],
  ];
  for (const [cause, attempt] of rows) {
    const before = signRefusals();
    const answer = await attempt();
    assert.strictEqual(answer.status, 403, `${cause}: ${answer.html.slice(0, 300)}`);
    assert.strictEqual(answer.json.error.cause, cause);
    assert.strictEqual(signRefusals(), before + 1, cause);
    assert.strictEqual(stateOf(mine.number), "signing");
  }
  /* Another firm finds nothing to sign. */
  const stranger = await loggedIn(other);
  for (const place of ["prepare", "sign"])
    assert.ok([403, 404].includes((await stranger.post(`/cancel/${mine.number}/${place}`, [["signature", "AAAA"]])).status));

  /* Fewer certificates than when it was prepared: refused, and all are free. */
  const prepared = (await key.prepare(second.client, second.number, second.firm)).json;
  const id = Number(second.number.split("-")[1]);
  system.sql(`UPDATE certificate SET pending_matter_id = NULL WHERE pending_matter_id = ${id} LIMIT 1`);
  const late = await key.send(second.client, second.number,
    key.sign(second.firm.key, key.algorithmOf(second.firm), Buffer.from(prepared.statement, "base64")));
  assert.strictEqual(late.status, 409);
  assert.strictEqual(late.json.error.cause, "certificates_changed");
  assert.strictEqual(stateOf(second.number), "refused");
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM certificate WHERE pending_matter_id = ${id}`), 0);

  /* And the right one does it, once, however often it is sent, be it at once. */
  const csrf = async (client) => (await client.get("/cancel/new")).forms
    .find((one) => one.method === "POST" && one.action === "/cancel/").fields.filter(([name]) => name === "_csrf");
  const clerks = [mine.client, await loggedIn(mine.firm)];
  const own = [await csrf(clerks[0]), await csrf(clerks[1])];
  const asked = await key.prepare(mine.client, mine.number, uses);
  const signature = key.sign(uses.key, "ES256", Buffer.from(asked.json.statement, "base64")).toString("base64");
  const done = await Promise.all(clerks.map((client, i) =>
    client.post(`/cancel/${mine.number}/sign`, [...own[i], ["signature", signature]])));
  for (const { status, json, html } of done) assert.deepStrictEqual([status, json.location], [200, `/matters/${mine.number}`], html);
  assert.strictEqual(stateOf(mine.number), "done");
  const events = () => system.sqlNumber(`SELECT COUNT(*) FROM certificate_event WHERE matter_id = ${Number(mine.number.split("-")[1])}`);
  const once = events();
  const again = await mine.client.post(`/cancel/${mine.number}/sign`, [...own[0], ["signature", "AAAA"]]);
  assert.deepStrictEqual([again.status, again.json.location, events()], [200, `/matters/${mine.number}`, once]);
  await made(mine.client, `/matters/${mine.number}`);

  /* The form that the firm signed and the proof that the authority sealed have their timestamps. */
  const matter = Number(mine.number.split("-")[1]);
  assert.deepStrictEqual(system.sql(`SELECT JSON_VALUE(detail, '$.level'), COUNT(*) FROM audit_event
    WHERE action = 'document.issue' AND matter_id = ${matter} AND JSON_VALUE(detail, '$.level') IS NOT NULL GROUP BY 1`),
  [["B-T", "2"]]);
  assert.deepStrictEqual(system.sql(`SELECT kind FROM document WHERE matter_id = ${matter}
    AND body LIKE '%060b2a864886f70d010910020e%' ORDER BY kind`).flat().sort(), ["cancellation", "signed"]);
});
