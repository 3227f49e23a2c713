"use strict";
/* ecert-agent with SoftHSM: what it refuses, and what it signs. */

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const net = require("net");
const os = require("os");
const path = require("path");
const test = require("node:test");
const { execFileSync, spawnSync } = require("child_process");
const { Authority } = require("../lib/pki");
const { Token, start, PIN, module: softhsm } = require("../lib/agent");

const SITE = "https://ecert.example:8443";
const RSA = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const P384 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-agent-"));
const authority = new Authority(`${folder}/authority`, "测试电子认证机构");
const firm = { uscc: "91310000MA1FL0000X", name: "上海测试建设有限公司" };
const token = new Token();
const keys = {
  rsa: authority.issue({ ...firm, algorithm: RSA }),
  p256: authority.issue(firm),
  p384: authority.issue({ ...firm, algorithm: P384 }),
  encryption: authority.issue({ ...firm, profile: "encryption" }),
  keyless: authority.issue(firm),
  always: authority.issue({ ...firm, algorithm: RSA }),
};
let agent;
const agents = [];
const slow = {}; /* what takes as long as the agent's patience goes on beside the other tests */

async function run(options = {}) {
  const one = await start({ token, origins: [SITE], ...options });
  agents.push(one);
  return one;
}

test.before(async () => {
  Object.entries(keys).forEach(([name, key], i) =>
    token.put(key, { id: `0${i + 1}`, label: name, key: name !== "keyless", always: name === "always" }));
  agent = await run();
  slow.agent = await run();
  slow.began = Date.now();
  slow.nonsense = raw("\0\x01\x02 nonsense\r\n\r\n");
  slow.answer = ask("POST", "/v1/sign", { body: order(keys.rsa), of: slow.agent });
  for (const promise of [slow.nonsense, slow.answer]) promise.catch(() => {}); /* its test tells */
});

test.after(async () => {
  for (const one of agents) await one.end();
  token.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});

/* One request: { status, headers, text, json }. Headers given as undefined are left out. */
function ask(method, where, { body, headers = {}, of = agent } = {}) {
  const all = { Host: `127.0.0.1:${of.port}`, Origin: SITE, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port: of.port, method, path: where, headers: sent, setHost: false, agent: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: answer.statusCode, headers: answer.headers, text, json: text ? JSON.parse(text) : undefined });
      });
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
}

/* Bytes as they are, and what comes back until the agent ends the connection. */
function raw(text) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(agent.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("utf8").on("data", (more) => { answer += more; if (/\r\n\r\n/.test(answer)) socket.end(); });
    socket.on("close", () => resolve(answer)).on("error", reject);
  });
}

async function until(what) {
  for (const end = Date.now() + 60000; Date.now() < end;) {
    const found = what();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not within a minute: ${what}`);
}

function refused(answer, status, kind, text) {
  assert.strictEqual(answer.status, status, answer.text);
  assert.strictEqual(answer.json.error.kind, kind);
  if (text) assert.match(answer.json.error.text, text);
}

/* Statements, as the server makes them. */

const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest();

function login(origin = SITE) {
  return Buffer.from(`ecert-login-1\n${sha256(origin).toString("hex")}\n${sha256(crypto.randomBytes(32)).toString("hex")}\n`);
}

function tlv(tag, ...parts) {
  const value = Buffer.concat(parts);
  const size = value.length < 128 ? [value.length] : value.length < 256 ? [0x81, value.length] : [0x82, value.length >> 8, value.length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

const oid = {
  contentType: Buffer.from("06092a864886f70d010903", "hex"),
  messageDigest: Buffer.from("06092a864886f70d010904", "hex"),
  signingTime: Buffer.from("06092a864886f70d010905", "hex"),
  signingCertificateV2: Buffer.from("060b2a864886f70d010910022f", "hex"),
  data: Buffer.from("06092a864886f70d010701", "hex"),
};
const attribute = (type, value) => tlv(0x30, type, tlv(0x31, value));
const der = (key) => new crypto.X509Certificate(fs.readFileSync(key.certificate)).raw;

function attributes(key, digest, more = []) {
  const members = [
    attribute(oid.contentType, oid.data),
    attribute(oid.messageDigest, tlv(0x04, digest)),
    attribute(oid.signingCertificateV2, tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, sha256(der(key))))))),
    ...more,
  ].sort(Buffer.compare);
  return tlv(0x31, ...members);
}

function paper(digits = 4096) {
  const head = Buffer.from(`%PDF-1.7\n1 0 obj\n<< /Type /Sig /ByteRange [0 0000000 0000000 000] /Contents `);
  const tail = Buffer.from(" >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n");
  const hole = Buffer.from(`<${"0".repeat(digits)}>`);
  return { pdf: Buffer.concat([head, hole, tail]), range: [0, head.length, head.length + hole.length, tail.length] };
}

function covered({ pdf, range: [from, first, second, rest] }) {
  return Buffer.concat([pdf.subarray(from, from + first), pdf.subarray(second, second + rest)]);
}

function form(key, change = {}) {
  const document = paper();
  const hash = change.hash ?? "sha256";
  const digest = crypto.createHash(hash).update(covered(document)).digest();
  return {
    purpose: "form", algorithm: change.algorithm ?? "RS256",
    statement: (change.statement ?? attributes(change.named ?? key, change.digest ?? digest, change.more)).toString("base64"),
    document: (change.pdf?.(document.pdf) ?? document.pdf).toString("base64"),
    range: change.range?.(document.range) ?? document.range,
    title: change.title ?? "证书注销申请表",
  };
}

const idOf = (key) => sha256(der(key)).toString("hex");
const order = (key, more = {}) => ({ id: idOf(key), purpose: "login", algorithm: "RS256", statement: login().toString("base64"), ...more });

function verifies(algorithm, statement, key, signature) {
  const publicKey = crypto.createPublicKey(fs.readFileSync(key.certificate));
  const options = algorithm.startsWith("PS")
    ? { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST } : {};
  return crypto.verify(`sha${algorithm.slice(2)}`, Buffer.from(statement, "base64"), { key: publicKey, ...options }, Buffer.from(signature, "base64"));
}

/* Who asks */

const strangers = [
  ["an origin that is not listed", { Origin: "https://evil.example" }],
  ["a listed origin's other port", { Origin: "https://ecert.example" }],
  ["a listed origin over http", { Origin: "http://ecert.example:8443" }],
  ["a longer name", { Origin: `${SITE}.evil.example` }],
  ["a slash at the end", { Origin: `${SITE}/` }],
  ["capitals", { Origin: "https://ECERT.example:8443" }],
  ["the opaque origin", { Origin: "null" }],
  ["no origin", { Origin: undefined }],
  ["two origins", { Origin: `${SITE} ${SITE}` }],
  ["a name that was made to lead here", { Host: "evil.example" }],
  ["that name with our port", { Host: () => `evil.example:${agent.port}` }],
  ["another port", { Host: "127.0.0.1:80" }],
  ["no port", { Host: "127.0.0.1" }],
  ["another way to write the address", { Host: () => `127.1:${agent.port}` }],
  ["a dot at the end", { Host: () => `localhost.:${agent.port}` }],
];

for (const [who, headers] of strangers) {
  test(`nobody is answered who comes by ${who}`, async () => {
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === "function" ? value() : value]));
    for (const [method, where, body] of [["GET", "/v1/status"], ["POST", "/v1/certificates", {}], ["POST", "/v1/sign", order(keys.rsa)]]) {
      const answer = await ask(method, where, { body, headers: sent });
      refused(answer, 403, "refused");
      assert.strictEqual(answer.headers["access-control-allow-origin"], undefined);
    }
    const preflight = await ask("OPTIONS", "/v1/sign", { headers: { ...sent, "Access-Control-Request-Method": "POST" } });
    assert.strictEqual(preflight.status, 403);
    assert.strictEqual(preflight.headers["access-control-allow-origin"], undefined);
  });
}

test("a header that comes twice is refused, and a request without Host", async () => {
  const head = `GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1:${agent.port}\r\nOrigin: ${SITE}\r\n`;
  assert.match(await raw(`${head}Origin: ${SITE}\r\n\r\n`), /^HTTP\/1\.1 400 /);
  assert.match(await raw(`${head}Host: 127.0.0.1:${agent.port}\r\n\r\n`), /^HTTP\/1\.1 400 /);
  assert.match(await raw(`GET /v1/status HTTP/1.1\r\nOrigin: ${SITE}\r\n\r\n`), /^HTTP\/1\.1 4/);
  assert.match(await raw(`GET /v1/status HTTP/1.0\r\nOrigin: ${SITE}\r\n\r\n`), /^HTTP\/1\.\d 4/);
});

test("it listens on the loopback address and no other", async () => {
  const others = Object.values(os.networkInterfaces()).flat().filter(({ internal, family }) => !internal && family === "IPv4");
  for (const address of ["127.0.0.2", ...others.map((one) => one.address)]) {
    const code = await new Promise((resolve) => {
      const socket = net.connect({ host: address, port: agent.port, timeout: 3000 }, () => { socket.destroy(); resolve("open"); });
      socket.on("error", (error) => resolve(error.code)).on("timeout", () => { socket.destroy(); resolve("silent"); });
    });
    assert.strictEqual(code, "ECONNREFUSED", address);
  }
});

test("localhost is as good a name as the address", async () => {
  assert.strictEqual((await ask("GET", "/v1/status", { headers: { Host: `localhost:${agent.port}` } })).status, 200);
});

/* What is asked */

test("only these paths by these methods, in JSON, by a script's fetch", async () => {
  for (const where of ["/", "/v1", "/v1/sign/", "/v2/sign", "/v1/sign?x=1", "/../etc/passwd"])
    refused(await ask("POST", where, { body: {} }), 404, "refused");
  for (const [method, where] of [["GET", "/v1/certificates"], ["GET", "/v1/sign"], ["POST", "/v1/status"], ["PUT", "/v1/sign"],
    ["DELETE", "/v1/certificates"], ["PATCH", "/v1/status"]])
    refused(await ask(method, where, { body: method === "GET" ? undefined : {} }), 405, "refused");
  for (const type of [undefined, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"])
    refused(await ask("POST", "/v1/certificates", { body: {}, headers: { "Content-Type": type } }), 415, "refused");
  for (const headers of [{ "Sec-Fetch-Mode": "navigate" }, { "Sec-Fetch-Mode": "no-cors" }, { "Sec-Fetch-Dest": "iframe" }, { "Sec-Fetch-Site": "none" }])
    refused(await ask("GET", "/v1/status", { headers }), 403, "refused");
  const fetched = { "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "cross-site" };
  assert.strictEqual((await ask("GET", "/v1/status", { headers: fetched })).status, 200);
});

test("a preflight allows the one origin what it needs, and private networks when asked", async () => {
  const plain = await ask("OPTIONS", "/v1/sign", { headers: { "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type" } });
  assert.strictEqual(plain.status, 204);
  assert.strictEqual(plain.headers["access-control-allow-origin"], SITE);
  assert.strictEqual(plain.headers["access-control-allow-headers"], "content-type");
  assert.strictEqual(plain.headers["access-control-allow-private-network"], undefined);
  assert.strictEqual(plain.headers["access-control-allow-credentials"], undefined);
  assert.match(plain.headers.vary, /Origin/);
  const network = await ask("OPTIONS", "/v1/sign", { headers: { "Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true" } });
  assert.strictEqual(network.headers["access-control-allow-private-network"], "true");
  assert.strictEqual((await ask("OPTIONS", "/v1/sign", { headers: { "Access-Control-Request-Method": "DELETE" } })).status, 405);
  assert.strictEqual((await ask("OPTIONS", "/v1/sign")).status, 405);
  assert.strictEqual((await ask("OPTIONS", "/v1/sign", { headers: { "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, x-other" } })).status, 403);
});

test("bodies that are too large are refused, at any length", async () => {
  refused(await ask("POST", "/v1/certificates", { body: " ".repeat(2000) }), 413, "refused");
  refused(await ask("POST", "/v1/sign", { body: JSON.stringify(order(keys.rsa, { title: "x".repeat(3 << 20) })) }), 413, "refused");
  const large = form(keys.rsa, { pdf: (pdf) => Buffer.concat([pdf, Buffer.alloc((2 << 20) + 1)]) });
  refused(await ask("POST", "/v1/sign", { body: { ...large, id: idOf(keys.rsa) } }), 400, "refused", /2 MiB/);
  refused(await ask("POST", "/v1/sign", { body: "x".repeat(20 << 20) }), 413, "refused");
  assert.strictEqual((await ask("GET", "/v1/status")).status, 200);
});

const malformed = [
  ["nothing", ""], ["no JSON", "{"], ["two values", "{}{}"], ["an array", "[]"], ["a number", "1"], ["NaN", "NaN"],
  ["broken UTF-8", "{\"id\":\"\\ud800\"}"], ["a zero byte", "{\"id\":\"\\u0000\"}"], ["a key twice", "{\"id\":\"a\",\"id\":\"b\"}"],
  ["deep nesting", "[".repeat(100000)], ["an object and more", "{} x"],
];

for (const [what, body] of malformed) {
  test(`a body that is ${what} is refused`, async () => {
    for (const where of ["/v1/certificates", "/v1/sign"]) {
      refused(await ask("POST", where, { body, headers: { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(body)) } }),
        body.length > 1024 && where.endsWith("certificates") ? 413 : 400, "refused");
    }
  });
}

test("an order is refused that is not exactly what it must be", async () => {
  const good = order(keys.rsa);
  for (const change of [{ id: undefined }, { id: 1 }, { statement: undefined }, { statement: "***=" }, { statement: "ab" }, { statement: "_-_-" },
    { algorithm: "none" }, { algorithm: "RS1" }, { algorithm: "SM2SM3" }, { purpose: "anything" }, { purpose: undefined }, { extra: 1 },
    { document: "JVBERi0=" }, { range: [0, 1, 2, 3] }, { title: "a\nb" }, { title: "a\u202eb" }, { title: "" }, { title: "字".repeat(121) }, { pin: PIN }])
    refused(await ask("POST", "/v1/sign", { body: { ...good, ...change } }), 400, "refused");
  for (const range of [[0, 1, 2], [0, 1, 2, 3, 4], ["0", 1, 2, 3], [0, -1, 2, 3], [0, 1.5, 2, 3], [0, 1, 2, 1e15], {}, null])
    refused(await ask("POST", "/v1/sign", { body: { ...form(keys.rsa), id: idOf(keys.rsa), range } }), 400, "refused", /range/);
  refused(await ask("POST", "/v1/sign", { body: { ...good, id: "00".repeat(32) } }), 404, "no_key");
  refused(await ask("POST", "/v1/sign", { body: { ...good, algorithm: "ES256" } }), 400, "refused", /ES256/);
  refused(await ask("POST", "/v1/sign", { body: { ...good, id: idOf(keys.encryption) } }), 404, "no_key");
});

/* What is signed */

test("a login's statement is refused that is for another origin, or says anything else", async () => {
  const good = login().toString();
  const [tag, , nonce] = good.split("\n");
  const bad = [
    [login("https://evil.example"), /another origin/], [login(`${SITE}/`), /another origin/],
    [Buffer.from(good + "x"), /no statement/], [Buffer.from(good.slice(0, -1)), /no statement/], [Buffer.from(good.replace("-1\n", "-2\n")), /no statement/],
    [Buffer.from(good.toUpperCase()), /no statement/], [Buffer.from(`${tag}\n${nonce.slice(1)}g\n${nonce}\n`), /no statement/],
    [Buffer.from(good.replaceAll("\n", "\0")), /no statement/], [Buffer.alloc(0), /no statement/],
    [attributes(keys.rsa, sha256("x")), /no statement/],
  ];
  for (const [statement, text] of bad)
    refused(await ask("POST", "/v1/sign", { body: order(keys.rsa, { statement: statement.toString("base64") }) }), 400, "refused", text);
});

test("a form's statement is refused that is not exactly about the document, by the certificate", async () => {
  const shift = (at, by) => (range) => range.map((one, i) => (i === at ? one + by : one));
  const bad = [
    [{ pdf: (pdf) => Buffer.concat([pdf.subarray(0, -2), Buffer.from("x\n")]) }, /not about this document/],
    [{ digest: sha256("another document") }, /not about this document/],
    [{ hash: "sha1" }, /not about this document/],
    [{ hash: "sha384" }, /not about this document/],
    [{ named: keys.p256 }, /another certificate/],
    [{ more: [attribute(oid.signingTime, tlv(0x17, Buffer.from("260101000000Z")))] }, /says more/],
    [{ more: [attribute(oid.contentType, oid.data)] }, /says more/],
    [{ statement: login() }, /not about/],
    [{ pdf: (pdf) => Buffer.concat([pdf, Buffer.from("more")]) }, /range/],
    [{ pdf: (pdf) => Buffer.concat([Buffer.from("\n"), pdf]) }, /no PDF/],
    [{ pdf: (pdf) => Buffer.from(pdf.toString("latin1").replace("<00", "<01"), "latin1") }, /range/],
    [{ pdf: (pdf) => Buffer.from(pdf.toString("latin1").replace("/Contents", "/Reasoned"), "latin1") }, /range/],
    [{ range: shift(0, 1) }, /range/], [{ range: shift(1, 1) }, /range/], [{ range: shift(2, -1) }, /range/], [{ range: shift(3, -1) }, /range/],
    [{ range: () => [0, 0, 0, 0] }, /range/], [{ range: ([a, b, c]) => [a, c, b, 2 << 20] }, /range/],
  ];
  for (const [change, text] of bad)
    refused(await ask("POST", "/v1/sign", { body: { ...form(keys.rsa, change), id: idOf(keys.rsa) } }), 400, "refused", text);
  const order_ = attributes(keys.rsa, sha256(covered(paper())));
  const swapped = tlv(0x31, ...[attribute(oid.messageDigest, tlv(0x04, sha256(covered(paper())))), attribute(oid.contentType, oid.data)],
    order_.subarray(order_.indexOf(oid.signingCertificateV2) - 2));
  refused(await ask("POST", "/v1/sign", { body: { ...form(keys.rsa, { statement: swapped }), id: idOf(keys.rsa) } }), 400, "refused");
});

test("status and certificates: those that may sign, with their chain and what they can do", async () => {
  const status = await ask("GET", "/v1/status");
  assert.deepStrictEqual(Object.keys(status.json), ["agent", "version", "token"]);
  assert.strictEqual(status.json.token, true);
  assert.strictEqual(status.headers["access-control-allow-origin"], SITE);
  assert.strictEqual(status.headers["cache-control"], "no-store");
  const { json } = await ask("POST", "/v1/certificates", { body: {} });
  const found = Object.fromEntries(json.certificates.map((one) => [one.label, one]));
  assert.deepStrictEqual(Object.keys(found).sort(), ["always", "keyless", "p256", "p384", "rsa"]);
  assert.strictEqual(found.rsa.id, idOf(keys.rsa));
  assert.strictEqual(found.rsa.certificate, der(keys.rsa).toString("base64"));
  assert.deepStrictEqual(found.rsa.algorithms, ["RS256", "PS256", "RS384", "PS384", "RS512", "PS512"]);
  assert.deepStrictEqual(found.p256.algorithms, ["ES256"]);
  assert.deepStrictEqual(found.p384.algorithms, ["ES384"]);
  refused(await ask("POST", "/v1/certificates", { body: { a: 1 } }), 400, "refused");
});

for (const [name, algorithm] of [["rsa", "RS256"], ["rsa", "PS256"], ["rsa", "RS384"], ["rsa", "PS384"], ["rsa", "RS512"],
  ["rsa", "PS512"], ["p256", "ES256"], ["p384", "ES384"], ["always", "RS256"]]) {
  test(`a login is signed by ${algorithm} with the key ${name}, a form, too`, async () => {
    const body = order(keys[name], { algorithm });
    agent.answer(PIN);
    const answer = await ask("POST", "/v1/sign", { body });
    assert.strictEqual(answer.status, 200, answer.text);
    assert.ok(verifies(algorithm, body.statement, keys[name], answer.json.signature));
    const filled = { ...form(keys[name], { algorithm, hash: `sha${algorithm.slice(2)}` }), id: idOf(keys[name]) };
    agent.answer(PIN);
    const signed = await ask("POST", "/v1/sign", { body: filled });
    assert.strictEqual(signed.status, 200, signed.text);
    assert.ok(verifies(algorithm, filled.statement, keys[name], signed.json.signature));
  });
}

test("the clerk is shown who asks, what is signed and by which certificate, and nothing is left behind", async () => {
  const one = await run();
  const filled = { ...form(keys.p256, { algorithm: "ES256", title: "证书注销申请表 沪建安C3（2026）0000001" }), id: idOf(keys.p256) };
  const answer = ask("POST", "/v1/sign", { body: filled, of: one });
  const file = await until(() => /可打开核对：(\S+)\n/.exec(one.shown())?.[1]);
  assert.ok(fs.readFileSync(file).equals(Buffer.from(filled.document, "base64")));
  assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600);
  one.answer(PIN);
  assert.strictEqual((await answer).status, 200);
  assert.ok(!fs.existsSync(file));
  const digest = sha256(covered(paper())).toString("hex");
  for (const words of [SITE, filled.title, firm.name, "p256", digest.slice(0, 32), digest.slice(32)])
    assert.ok(one.shown().includes(words), words);
  one.answer(PIN);
  assert.strictEqual((await ask("POST", "/v1/sign", { body: order(keys.p256, { algorithm: "ES256" }), of: one })).status, 200);
  assert.match(one.shown(), /登录/);
  assert.ok(!one.log().includes(PIN));
});

/* What goes wrong at the key */

test("a wrong password is told and not tried again; a no and the end of answers cancel", async () => {
  const one = await run();
  one.answer("000000");
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 403, "wrong_pin");
  one.answer("1");
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 403, "wrong_pin");
  one.no();
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 409, "cancelled");
  one.answer("9".repeat(300));
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 500, "failed");
  assert.match(one.shown(), /此前输错过密码/);
  one.answers.end();
  let last;
  for (let i = 0; i < 5 && last?.status !== 409; i++) last = await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one });
  refused(last, 409, "cancelled");
});

test("nobody's answer in time cancels, and so does a page that is left", async () => {
  const one = await run({ settings: ["Agent.ConsentSeconds = 1"] });
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 409, "cancelled", /in time/);
  const two = await run();
  const body = JSON.stringify(order(keys.rsa));
  const socket = net.connect(two.port, "127.0.0.1");
  socket.write(`POST /v1/sign HTTP/1.1\r\nHost: 127.0.0.1:${two.port}\r\nOrigin: ${SITE}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`);
  await until(() => two.shown().includes("登录"));
  socket.destroy();
  const { why } = await until(() => two.events().find(({ event }) => event === "sign"));
  assert.match(why, /nobody waits/);
});

test("one signature at a time; status and certificates are answered meanwhile", async () => {
  const one = await run();
  const all = Array.from({ length: 8 }, () => ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }));
  const others = await Promise.all(Array.from({ length: 4 }, () => ask("POST", "/v1/certificates", { body: {}, of: one })));
  for (const other of others) assert.strictEqual(other.status, 200);
  let done = 0;
  all.forEach((answer) => answer.then(() => { done++; }));
  await until(() => done === 7);
  one.answer(PIN);
  const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
  assert.deepStrictEqual(statuses, [200, 429, 429, 429, 429, 429, 429, 429]);
});

test("after a wrong password or a no the agent keeps quiet for a while", async () => {
  const one = await run();
  const two = await run({ environment: { ECERT_AGENT_PAUSESECONDS: "5" } });
  one.no();
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 409, "cancelled");
  two.no();
  two.answer(PIN);
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: two }), 409, "cancelled");
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: two }), 429, "refused", /too soon/);
  await new Promise((resolve) => setTimeout(resolve, 5100));
  assert.strictEqual((await ask("POST", "/v1/sign", { body: order(keys.rsa), of: two })).status, 200);
});

test("a certificate without its key, and one whose key is another", async () => {
  agent.answer(PIN);
  refused(await ask("POST", "/v1/sign", { body: order(keys.keyless, { algorithm: "ES256" }) }), 404, "no_key", /no private key/);
  const mixed = new Token();
  const other = authority.issue(firm);
  mixed.put({ certificate: keys.p256.certificate, key: other.key }, { id: "01" });
  const one = await run({ token: mixed });
  one.answer(PIN);
  refused(await ask("POST", "/v1/sign", { body: order(keys.p256, { algorithm: "ES256" }), of: one }), 500, "failed", /does not fit/);
  mixed.remove();
});

test("no token", async () => {
  const empty = new Token({ initialised: false });
  const one = await run({ token: empty });
  assert.strictEqual((await ask("GET", "/v1/status", { of: one })).json.token, false);
  refused(await ask("POST", "/v1/certificates", { body: {}, of: one }), 404, "no_key");
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 404, "no_key");
  empty.remove();
});

/* Modules that SoftHSM is not */

function locking() {
  const file = `${folder}/locking.so`;
  if (!fs.existsSync(file)) {
    const flags = execFileSync("pkg-config", ["--cflags", "p11-kit-1"], { encoding: "utf8" }).trim().split(/\s+/).filter(Boolean);
    execFileSync("cc", ["-shared", "-fPIC", "-O1", ...flags, "-o", file, `${__dirname}/locking.c`]);
  }
  return file;
}

test("a token that locks: tries left, then locked, without a question", async () => {
  const one = await run({ module: locking(), environment: { LOCKING_MODULE: softhsm } });
  const tries = async (pin) => {
    one.answer(pin);
    return (await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one })).json.error;
  };
  const told = (error) => [error.kind, error.tries_left];
  assert.deepStrictEqual(told(await tries("000000")), ["wrong_pin", null]);
  assert.deepStrictEqual(told(await tries("000001")), ["wrong_pin", 1]);
  assert.deepStrictEqual(told(await tries("000002")), ["locked", 0]);
  assert.match(one.shown(), /只剩最后一次机会/);
  const questions = one.shown().length;
  const answer = await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one });
  refused(answer, 423, "locked");
  assert.strictEqual(answer.json.error.tries_left, 0);
  assert.strictEqual(one.shown().length, questions);
});

test("a token with a keypad: consent here, the password there", async () => {
  const good = await run({ module: locking(), environment: { LOCKING_MODULE: softhsm, LOCKING_KEYPAD: PIN } });
  const body = order(keys.rsa);
  good.answer("yes");
  const answer = await ask("POST", "/v1/sign", { body, of: good });
  assert.strictEqual(answer.status, 200, answer.text);
  assert.ok(verifies("RS256", body.statement, keys.rsa, answer.json.signature));
  good.no();
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: good }), 409, "cancelled", /clerk/);
  const bad = await run({ module: locking(), environment: { LOCKING_MODULE: softhsm, LOCKING_KEYPAD: "" } });
  bad.answer("yes");
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: bad }), 409, "cancelled", /at the token/);
});

test("a token that is pulled out, while the clerk is asked, too, and put in again", async () => {
  const out = `${folder}/pulled-out`;
  const one = await run({ module: locking(), environment: { LOCKING_MODULE: softhsm, LOCKING_OUT: out } });
  const answer = ask("POST", "/v1/sign", { body: order(keys.rsa), of: one });
  await until(() => one.shown().includes("登录"));
  fs.writeFileSync(out, "");
  one.answer(PIN);
  refused(await answer, 404, "no_key", /gone/);
  assert.strictEqual((await ask("GET", "/v1/status", { of: one })).json.token, false);
  refused(await ask("POST", "/v1/certificates", { body: {}, of: one }), 404, "no_key");
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 404, "no_key");
  fs.unlinkSync(out);
  one.answer(PIN);
  assert.strictEqual((await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one })).status, 200);
});

test("another token that was put into the slot does not get the password", async () => {
  const swap = `${folder}/swapped`;
  const one = await run({ module: locking(), environment: { LOCKING_MODULE: softhsm, LOCKING_SWAP: swap } });
  const answer = ask("POST", "/v1/sign", { body: order(keys.rsa), of: one });
  await until(() => one.shown().includes("登录"));
  fs.writeFileSync(swap, "");
  one.answer("000000");
  refused(await answer, 404, "no_key", /gone/);
  fs.unlinkSync(swap);
  one.no();
  refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 409, "cancelled");
  assert.doesNotMatch(one.shown(), /此前输错过密码/);
});

/* Ways to ask */

test("in a terminal the password is not shown, and what was typed before is no answer", async () => {
  const one = await run({ ask: "terminal", settings: ["Agent.Prompt = auto"] });
  const typed = async (line) => {
    const questions = one.shown().split("请输入密码").length;
    const answer = ask("POST", "/v1/sign", { body: order(keys.rsa), of: one });
    await until(() => one.shown().split("请输入密码").length > questions);
    one.answer(line);
    return answer;
  };
  refused(await typed("000000"), 403, "wrong_pin");
  const good = await typed(PIN);
  assert.strictEqual(good.status, 200, good.text);
  assert.ok(!one.log().includes(PIN));
  refused(await typed(""), 409, "cancelled");
  one.answer(PIN);
  await until(() => one.log().includes(PIN)); /* typed with nobody asking: shown, and thrown away */
  refused(await typed(""), 409, "cancelled");
  assert.strictEqual(await one.end(), 0);
  assert.match(one.log(), /"event":"end","signal":2}/);
});

test("a terminal that is stopped by Ctrl-S holds up one question until its time is over, and nothing else", async () => {
  const one = await run({ ask: "terminal", settings: ["Agent.Prompt = auto", "Agent.ConsentSeconds = 2"] });
  one.answers.write("\x13");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const shown = one.log();
  for (let i = 0; i < 2; i++) {
    const asked = ask("POST", "/v1/sign", { body: order(keys.rsa), of: one });
    await new Promise((resolve) => setTimeout(resolve, 300));
    refused(await ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }), 429, "refused");
    assert.strictEqual((await ask("GET", "/v1/status", { of: one })).status, 200);
    refused(await ask("GET", "/v1/status", { headers: { Origin: "https://evil.example" }, of: one }), 403, "refused");
    refused(await asked, 409, "cancelled");
  }
  assert.strictEqual(one.log(), shown);
  one.answers.write("\x11");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const questions = one.shown().split("请输入密码").length;
  const answer = ask("POST", "/v1/sign", { body: order(keys.rsa), of: one });
  await until(() => one.shown().split("请输入密码").length > questions);
  one.answer(PIN);
  assert.strictEqual((await answer).status, 200);
  assert.strictEqual(await one.end(), 0);
});

test("pinentry asks in its window: right, wrong, cancelled, dead, and gone with the page's patience", async () => {
  const log = `${folder}/pinentry.log`;
  const asked = async (does, settings = []) => {
    fs.writeFileSync(log, "");
    const one = await run({ ask: "settings", environment: { PINENTRY_LOG: log, PINENTRY_DOES: does, LC_ALL: "C.UTF-8" },
      settings: ["Agent.Prompt = pinentry", `Agent.Pinentry = ${__dirname}/pinentry`, ...settings] });
    return ask("POST", "/v1/sign", { body: order(keys.rsa), of: one });
  };
  assert.strictEqual((await asked(PIN)).status, 200);
  const told = fs.readFileSync(log, "utf8");
  assert.match(told, new RegExp(`SETDESC 网站 ${SITE}%0A请求使用您的法人一证通登录`));
  assert.match(told, /SETTIMEOUT 1\d\d\n/);
  assert.match(told, /OPTION lc-ctype=C.UTF-8/);
  assert.ok(!told.includes("SETERROR"));
  assert.strictEqual((await asked("%31%323456")).status, 200);
  refused(await asked("wrong"), 403, "wrong_pin");
  refused(await asked("cancel"), 409, "cancelled");
  assert.match(fs.readFileSync(log, "utf8"), /SETERROR 注意/);
  refused(await asked("die"), 500, "failed");
  refused(await asked("%zz"), 500, "failed");
  refused(await asked("9".repeat(300)), 500, "failed");
  refused(await asked(""), 409, "cancelled");
  refused(await asked("hang", ["Agent.ConsentSeconds = 1"]), 409, "cancelled");
  assert.match(fs.readFileSync(log, "utf8"), /END\n$/);
});

test("an agent that is told to end takes its question away with it", async () => {
  const log = `${folder}/pinentry.log`;
  fs.writeFileSync(log, "");
  const one = await run({ ask: "settings", environment: { PINENTRY_LOG: log, PINENTRY_DOES: "hang" },
    settings: ["Agent.Prompt = pinentry", `Agent.Pinentry = ${__dirname}/pinentry`] });
  const answer = ask("POST", "/v1/sign", { body: order(keys.rsa), of: one }).catch((error) => error);
  await until(() => fs.readFileSync(log, "utf8").includes("GETPIN"));
  assert.strictEqual(await one.end(), 0);
  assert.match(fs.readFileSync(log, "utf8"), /END\n$/);
  await answer;
});

/* The program */

test("options, exit codes and configuration", () => {
  const program = `${process.env.ECERT_INSTALLED}/bin/ecert-agent`;
  const end = (...words) => {
    const result = spawnSync(program, words, { encoding: "utf8", env: { ...token.environment, HOME: folder, XDG_CONFIG_HOME: "" } });
    return [result.status, result.stdout + result.stderr];
  };
  const config = (...lines) => {
    fs.writeFileSync(`${folder}/agent.conf`, lines.join("\n") + "\n");
    return end("-c", `${folder}/agent.conf`, "-t");
  };
  assert.strictEqual(end("--help")[0], 0);
  assert.match(end("--version")[1], /^ecert \d/);
  for (const words of [["--port", "x"], ["--port", "65536"], ["--pin-fd", "-1"], ["--what"], ["more"]]) assert.strictEqual(end(...words)[0], 2);
  assert.strictEqual(end("-t")[0], 3);
  assert.deepStrictEqual(config("Agent.Origin.0 = *")[0], 3);
  assert.match(config("Agent.Origin.0 = https://a.example/")[1], /Agent\.Origin\.0/);
  assert.strictEqual(config(`Agent.Origin.0 = ${SITE}`, "Agent.Prompt = terminal", "Agent.Module = /nonexistent/module.so")[0], 3);
  assert.strictEqual(config(`Agent.Origin.0 = ${SITE}`, "Agent.Pinentry = /nonexistent/pinentry", "Agent.Prompt = pinentry")[0], 3);
  const [status, text] = config(`Agent.Origin.0 = ${SITE}`, "Agent.Prompt = terminal", `Agent.Module = ${softhsm}`);
  assert.strictEqual(status, 0, text);
  assert.match(text, /a token is there/);
});

test("agent.conf's port, or the next three; a port that is given, or none", async () => {
  const taken = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address();
  const one = await run({ port: null, settings: [`Agent.Port = ${port}`] });
  assert.ok(one.port > port && one.port <= port + 3, String(one.port));
  assert.strictEqual((await ask("GET", "/v1/status", { of: one })).status, 200);
  await assert.rejects(start({ token, origins: [SITE], port }), /does not start/);
  taken.close();
});

test("it needs neither the database nor the pages", () => {
  const libraries = execFileSync("ldd", [`${process.env.ECERT_INSTALLED}/bin/ecert-agent`], { encoding: "utf8" });
  assert.doesNotMatch(libraries, /mariadb|fcgi|hpdf|harfbuzz|curl/);
});

/* What takes time */

test("bytes that are no request are not answered as one", async () => {
  assert.match(await slow.nonsense, /^(HTTP\/1\.\d 4|$)/);
});

test("a connection outlives a clerk who thinks for long", async () => {
  await new Promise((resolve) => setTimeout(resolve, slow.began + 12000 - Date.now()));
  slow.agent.answer(PIN);
  assert.strictEqual((await slow.answer).status, 200);
});
