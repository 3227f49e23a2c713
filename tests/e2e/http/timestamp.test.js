"use strict";
/* Timestamps on documents: seen by other people's tools; with an authority away, slow or lying. */

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const path = require("path");
const test = require("node:test");
const { execFile, spawnSync } = require("child_process");
const system = require("../lib/system");
const { firms, loggedIn, exchange, made } = require("../lib/world");

const configuration = path.join(system.folder, "etc/ecert.conf");
const authorities = path.join(system.folder, "demo/tsa/ca.pem");
const genuine = `http://127.0.0.1:${process.env.ECERT_TSA_PORT}/`;
const shipped = fs.readFileSync(configuration, "utf8");
const file = (name) => path.join(system.folder, name);

function run(command, ...words) {
  const result = spawnSync(command, words, { encoding: "utf8" });
  return { status: result.status, text: result.stdout + result.stderr };
}

/* The issuer works by these settings from now on; none: by those that quickstart made. */
async function configure(lines = []) {
  const before = system.children(system.pid("ecert-issuerd"));
  const rest = lines.length ? shipped.replace(/^ *Timestamp.*\n/gm, "") : shipped;
  fs.writeFileSync(configuration, rest + lines.map((line) => `Seal.${line}\n`).join(""));
  process.kill(system.pid("ecert-issuerd"), "SIGHUP");
  await system.until("new issuers", 60, () => {
    const now = system.children(system.pid("ecert-issuerd"));
    return now.length >= before.length && now.every((pid) => !before.includes(pid));
  });
}

/* Settings under which these are asked, one after the other. */
const asking = (urls, ...more) => [
  ...urls.map((url, i) => `TimestampUrl.${i + 1} = ${url}`),
  `TimestampAuthorities = ${authorities}`, ...more,
];

/* Documents of a new firm: their matter is done when this ends. */
async function documents(count) {
  const client = await loggedIn(firms(1, count)[0]);
  const matter = (await exchange(client)).headers.location;
  const figures = await made(client, matter);
  assert.deepStrictEqual([figures.done, figures.failed], [count, 0]);
  client.close();
  const id = Number(matter.split("-").pop());
  return system.sql(`SELECT d.id, HEX(d.body), a.detail, d.sha256 = UNHEX(SHA2(d.body, 256)) FROM document d
    JOIN audit_event a ON a.action = 'document.issue' AND a.matter_id = d.matter_id
      AND a.object_kind = 'certificate' AND a.object_id = d.certificate_id WHERE d.matter_id = ${id} ORDER BY d.id`)
    .map(([id, body, detail, whole]) => ({ id, body: Buffer.from(body, "hex"), detail: JSON.parse(detail), whole }));
}

/* Elements of DER, enough for a CMS. */
function element(der, at) {
  let length = der[at + 1], start = at + 2;
  if (length > 0x80) {
    const bytes = length - 0x80;
    length = der.readUIntBE(start, bytes);
    start += bytes;
  }
  return { tag: der[at], whole: der.subarray(at, start + length), start, end: start + length };
}
function inside(der, of) {
  const list = [];
  for (let at = of.start; at < of.end; at = list[list.length - 1].end) list.push(element(der, at));
  return list;
}

/* The signature's value, and the token over it (or null). */
function taken(pdf) {
  const [, hex] = pdf.toString("latin1").match(/\/Contents <([0-9A-Fa-f]+)>/);
  const room = Buffer.from(hex, "hex");
  const cms = element(room, 0);
  const signed = inside(room, inside(room, inside(room, cms)[1])[0]);
  const signer = inside(room, inside(room, signed[signed.length - 1])[0]);
  const value = signer.find((one) => one.tag === 4);
  const unsigned = signer.find((one) => one.tag === 0xa1);
  assert.ok(room.subarray(cms.end).every((byte) => byte === 0));
  const attribute = unsigned && inside(room, inside(room, unsigned)[0]);
  return {
    value: room.subarray(value.start, value.end),
    token: attribute ? inside(room, attribute[1])[0].whole : null,
    room: hex.length / 2,
  };
}

/* pdfsig, and openssl for the token. */
function assertStamped(document) {
  const { value, token } = taken(document.body);
  fs.writeFileSync(file("stamped.pdf"), document.body);
  fs.writeFileSync(file("token.der"), token);
  const pdfsig = run("pdfsig", "-nocert", file("stamped.pdf"));
  assert.match(pdfsig.text, /Signature is Valid/);
  assert.match(pdfsig.text, /Total document signed/);
  const said = system.verify(file("stamped.pdf"));
  assert.deepStrictEqual([said.status, said.verdict, said.level, said.stamper], [0, "genuine", "B-T", "演示时间戳"]);
  const imprint = crypto.createHash("sha256").update(value).digest("hex");
  const words = ["ts", "-verify", "-token_in", "-in", file("token.der"), "-CAfile", authorities, "-digest"];
  assert.strictEqual(run("openssl", ...words, imprint).status, 0);
  assert.notStrictEqual(run("openssl", ...words, imprint.replace(/^./, (c) => (c === "0" ? "1" : "0"))).status, 0);
  assert.strictEqual(document.whole, "1");
  assert.strictEqual(document.detail.level, "B-T");
  assert.strictEqual(document.detail.authority, "演示时间戳");
  assert.ok(Math.abs(Date.parse(document.detail.time) - Date.now()) < 120000, document.detail.time);
}

function assertPlain(document, why) {
  fs.writeFileSync(file("plain.pdf"), document.body);
  assert.strictEqual(taken(document.body).token, null);
  assert.match(run("pdfsig", "-nocert", file("plain.pdf")).text, /Signature is Valid/);
  assert.strictEqual(document.detail.level, "B-B");
  assert.match(document.detail.timestamp || "", why);
}

const rejected = Buffer.from("30053003020102", "hex");
let replay; /* what the genuine one answered to another question */

function ask(url, question) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: "POST", headers: { "Content-Type": "application/timestamp-query" } },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode, body: Buffer.concat(parts) }));
      });
    request.on("error", reject);
    request.end(question);
  });
}

/* An authority that behaves like this; { url, asked(), close() }. */
async function fake(behave) {
  let asked = 0;
  const server = http.createServer((request, response) => {
    request.resume().on("end", () => { asked++; behave(response); });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    asked: () => asked,
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
const say = (response, body) => {
  response.writeHead(200, { "Content-Type": "application/timestamp-reply", "Content-Length": body.length });
  response.end(body);
};

test.after(async () => {
  await configure();
  system.restart("ecert-demo-tsa");
});

test("the demo's authority refuses what is no question", async () => {
  const get = await new Promise((resolve, reject) => http.get(genuine, resolve).on("error", reject));
  assert.strictEqual(get.statusCode, 405);
  get.resume();
  const nonsense = await ask(genuine, Buffer.from("nonsense"));
  assert.strictEqual(nonsense.status, 200);
  assert.ok(nonsense.body.subarray(0, 20).includes(Buffer.from("020102", "hex")), "status 2, rejection");
  assert.strictEqual((await ask(genuine, Buffer.alloc(5000))).status, 413);
  const made = spawnSync("openssl", ["ts", "-query", "-digest", "00".repeat(32), "-sha256", "-cert"]);
  replay = (await ask(genuine, made.stdout)).body;
  assert.ok(replay.length > 1000);
});

test("ecertctl check asks the authority", () => {
  const check = system.ctl("check");
  assert.match(check.out, /^timestamps +OK \(演示时间戳\)$/m);
});

test("a document has a timestamp that pdfsig and openssl accept", async () => {
  const [document] = await documents(1);
  assertStamped(document);
});

test("with the authority away documents are issued without, and the audit says so", async () => {
  await system.stop("ecert-demo-tsa");
  for (const document of await documents(2)) assertPlain(document, /timestamp 1: no answer/);
  const check = system.ctl("check");
  assert.match(check.out, /^timestamps +FAILED \(authority 1: /m);
  assert.strictEqual(check.status, 1);
  system.restart("ecert-demo-tsa");
});

const manners = {
  "that is silent": () => {},
  "that rejects": (response) => say(response, rejected),
  "that cuts its answers": (response) => {
    response.writeHead(200, { "Content-Type": "application/timestamp-reply", "Content-Length": 4000 });
    response.write(rejected);
    setTimeout(() => response.destroy(), 50);
  },
  "that repeats an old answer": (response) => say(response, replay),
  "that shows a page": (response) => { response.writeHead(200, { "Content-Type": "text/html" }); response.end("<p>"); },
};
for (const [what, behave] of Object.entries(manners)) {
  test(`the second takes over from one ${what}`, async () => {
    const bad = await fake(behave);
    try {
      await configure(asking([bad.url, genuine], "TimestampTimeoutMs = 2500"));
      const [document] = await documents(1);
      assertStamped(document);
      assert.ok(bad.asked() > 0);
    } finally {
      bad.close();
    }
  });
}

test("one that fails time after time is left alone", async () => {
  const bad = await fake((response) => say(response, rejected));
  try {
    await configure(asking([bad.url, genuine], "TimestampAttempts = 1", "TimestampBreakerFailures = 2",
      "TimestampBreakerMs = 600000"));
    for (const document of await documents(12)) assertStamped(document);
    const workers = system.children(system.pid("ecert-issuerd")).length;
    assert.ok(bad.asked() <= 2 * workers, `${bad.asked()} questions, ${workers} processes`);
  } finally {
    bad.close();
  }
});

/* A list of the authority's CA, with its own certificate in it or not. */
function listed(revoked) {
  const folder = fs.mkdtempSync(file("tsa-list-"));
  const ca = path.join(system.folder, "demo/tsa");
  fs.writeFileSync(`${folder}/ca.cnf`, ["[ca]", "default_ca = a", "[a]", `database = ${folder}/index.txt`,
    `crlnumber = ${folder}/number`, `certificate = ${ca}/ca.pem`, `private_key = ${ca}/ca.key`,
    "default_md = sha256", "default_crl_days = 3", ""].join("\n"));
  fs.writeFileSync(`${folder}/index.txt`, "");
  fs.writeFileSync(`${folder}/number`, revoked ? "02\n" : "01\n");
  for (const words of [...(revoked ? [["-revoke", `${ca}/tsa.pem`, "-crl_reason", "keyCompromise"]] : []),
    ["-gencrl", "-out", `${folder}/list.pem`]]) {
    const made = run("openssl", "ca", "-config", `${folder}/ca.cnf`, ...words);
    assert.strictEqual(made.status, 0, made.text);
  }
  return fs.readFileSync(`${folder}/list.pem`);
}

/* Beside this process, which answers it; the firms' lists are left out. */
const update = () => new Promise((resolve) => execFile(`${system.prefix}/bin/ecertctl`,
  ["-c", configuration, "crl", "update", "--json"], { env: { ...process.env, ECERT_LOGIN_REVOCATIONS: "" } },
  (error, out, err) => resolve({ status: error ? error.code : 0, err, lines: out.split("\n").filter(Boolean).map((one) => JSON.parse(one)) })));

test("one that is revoked is believed no more, as soon as its list is fetched", async () => {
  const lists = file("demo/tsa/lists.pem");
  let list = listed(false);
  const server = await fake((response) => say(response, list));
  try {
    const settings = ["Revocations = " + lists, `RevocationUrls = ${server.url}tsa.crl`];
    fs.appendFileSync(configuration, settings.map((line) => `Seal.${line}\n`).join(""));
    const first = await update();
    assert.deepStrictEqual([first.status, first.lines[0].state, first.lines[0].file], [0, "new", "Seal.Revocations"], first.err);
    assert.match(first.lines[0].issuer, /演示时间戳CA/);
    await configure(asking([genuine], ...settings));
    const issuers = system.children(system.pid("ecert-issuerd"));
    const [before] = await documents(1);
    assertStamped(before);
    await new Promise((resolve) => setTimeout(resolve, 1100)); /* to be revoked in a later second */
    list = listed(true);
    assert.deepStrictEqual((await update()).status, 0);
    for (const document of await documents(1)) assertPlain(document, /timestamp 1: a token that is not taken: revoked/);
    assert.deepStrictEqual(system.children(system.pid("ecert-issuerd")), issuers, "nobody was started anew");
    const check = system.ctl("check");
    assert.match(check.out, /^timestamps +FAILED \(authority 1: .*revoked/m);
    assert.match(check.out, /^revocations +OK \(.*Seal\.Revocations: 1, the first until/m);
    /* What was stamped before, and is on record, stays genuine. */
    fs.writeFileSync(file("before.pdf"), before.body);
    assert.strictEqual(system.verify(file("before.pdf")).verdict, "genuine");
    list = listed(false);
    const back = await update();
    assert.deepStrictEqual([back.status, back.lines[0].state], [1, "back"]);
  } finally {
    server.close();
  }
});

test("where it is required, a document waits for the authority", async () => {
  await configure(asking([genuine], "TimestampRequired = 1", "TimestampBreakerFailures = 1000"));
  await system.stop("ecert-demo-tsa");
  const client = await loggedIn(firms(1, 1)[0]);
  const matter = (await exchange(client)).headers.location;
  const waiting = () => system.sql("SELECT id, attempts FROM job WHERE state = 'waiting' AND cause LIKE 'timestamp 1: %'");
  const [[job, attempts]] = await system.until("a waiting job", 60, () => waiting().length === 1 && waiting());
  assert.strictEqual(attempts, "0");
  assert.ok((await client.get(matter, { headers: { Accept: "application/json" } })).json.running);
  system.restart("ecert-demo-tsa");
  system.sql(`UPDATE job SET run_at = UTC_TIMESTAMP(3) WHERE id = ${job}`);
  const figures = await made(client, matter);
  assert.deepStrictEqual([figures.done, figures.failed], [1, 0]);
  const [[detail]] = system.sql(`SELECT detail FROM audit_event WHERE action = 'document.issue'
    AND matter_id = ${Number(matter.split("-").pop())}`);
  assert.strictEqual(JSON.parse(detail).level, "B-T");
  client.close();
});
