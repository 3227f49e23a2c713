"use strict";
/* The drivers of the firm's key without a browser: PKCS#12 files as openssl makes them, old and new,
 * and an agent that answers in every way it may. */

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const os = require("os");
const path = require("path");
const test = require("node:test");
const { execFileSync } = require("child_process");
const { load } = require("../lib/modules");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-p12-"));
test.after(() => fs.rmSync(folder, { recursive: true, force: true }));

const openssl = (...words) => execFileSync("openssl", words, { stdio: ["ignore", "pipe", "pipe"], cwd: folder });
const statement = Buffer.from("ecert-login-1\nwhat is signed\n");
const kind = (name, more = {}) => (error) => {
  assert.strictEqual(error.name, "KeyError", error.stack);
  assert.strictEqual(error.kind, name, error.stack);
  for (const [key, value] of Object.entries(more)) assert.deepStrictEqual(error[key], value);
  return true;
};

let serial = 0;
function authority() {
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
    "-subj", "/CN=Authority", "-addext", "keyUsage=critical,keyCertSign");
}
authority();

/* A certificate of the authority and its key: the files' common name. */
function certificate(name, ...algorithm) {
  openssl("genpkey", ...algorithm, "-out", `${name}.key`);
  openssl("req", "-new", "-utf8", "-key", `${name}.key`, "-subj", "/C=CN/O=上海样例建设有限公司/CN=上海样例建设有限公司", "-out", `${name}.csr`);
  openssl("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", String(0x80 + ++serial),
    "-days", "30", "-out", `${name}.pem`);
  return name;
}

const rsa = certificate("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
const p256 = certificate("p256", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
const p384 = certificate("p384", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384");

function pkcs12(name, password, ...how) {
  const out = `${name}-${++serial}.p12`;
  openssl("pkcs12", "-export", "-in", `${name}.pem`, "-inkey", `${name}.key`, "-certfile", "ca.pem",
    "-passout", `pass:${password}`, "-out", out, ...how);
  return new File([fs.readFileSync(path.join(folder, out))], out);
}

const der = (name) => new crypto.X509Certificate(fs.readFileSync(path.join(folder, `${name}.pem`))).raw;

function verify(name, algorithm, signature) {
  const pss = algorithm.startsWith("PS") && { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(algorithm.slice(2)) / 8 };
  return crypto.verify(`sha${algorithm.slice(2)}`, statement, { key: crypto.createPublicKey(fs.readFileSync(path.join(folder, `${name}.pem`))), ...pss }, signature);
}

async function signAll(name, file, password) {
  const driver = await (await load("key.js")).driver("pkcs12");
  const [found, ...more] = await driver.list({ file, password });
  assert.strictEqual(more.length, 0);
  assert.deepStrictEqual(Buffer.from(found.der), der(name));
  assert.deepStrictEqual(found.chain.map((one) => Buffer.from(one)), [der("ca")]);
  for (const algorithm of found.algorithms) {
    const signature = await driver.sign(found, { purpose: "login", algorithm, statement });
    assert.ok(verify(name, algorithm, signature), `${name} ${algorithm}`);
  }
  return found.algorithms;
}

const modern = ["-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "SHA256"];
for (const [name, algorithms] of [[rsa, ["RS256", "PS256"]], [p256, ["ES256"]], [p384, ["ES384"]]])
  for (const [what, ...how] of [
    ["as openssl makes them"],
    ["AES-256, SHA-256", ...modern],
    ["AES-128, SHA-512, many rounds", "-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC", "-macalg", "SHA512", "-iter", "10000"],
    ["RC2-40 and 3DES", "-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "SHA1"],
    ["3DES", "-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "SHA1"],
    ["RC2-128 and 3DES by two keys", "-legacy", "-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-RC2-128", "-macalg", "SHA1"],
    ["the same the other way round, once", "-legacy", "-keypbe", "PBE-SHA1-RC2-128", "-certpbe", "PBE-SHA1-2DES", "-noiter"],
    ["certificates in the clear", "-certpbe", "NONE"],
    ["the key in the clear", "-keypbe", "NONE"],
  ])
    test(`PKCS#12: ${name}, ${what}`, async () => {
      assert.deepStrictEqual(await signAll(name, pkcs12(name, "12345678", ...how), "12345678"), algorithms);
    });

test("PKCS#12: passwords that are not ASCII", async () => {
  await signAll(rsa, pkcs12(rsa, "密码 é", ...modern), "密码 é");
  await signAll(rsa, pkcs12(rsa, "密码 é", "-legacy"), "密码 é");
  await signAll(rsa, pkcs12(rsa, ""), "");
});

test("PKCS#12: a wrong password is told as such, old and new", async () => {
  const driver = await (await load("key.js")).driver("pkcs12");
  const old = ["-legacy", "-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-RC2-128"];
  for (const how of [modern, ["-legacy"], ["-nomac"], ["-legacy", "-nomac"], old, [...old, "-nomac"]])
    for (const password of ["", "12345679", "密码"])
      await assert.rejects(driver.list({ file: pkcs12(rsa, "12345678", ...how), password }),
        kind("wrong_password", { triesLeft: null }));
});

test("PKCS#12: a wrong password that fits by chance is wrong all the same", async () => {
  const driver = await (await load("key.js")).driver("pkcs12");
  const file = pkcs12(p256, "12345678", "-iter", "1", "-nomac");
  for (let i = 0; i < 1000; i++)
    await assert.rejects(driver.list({ file, password: `wrong ${i}` }), kind("wrong_password"));
});

test("PKCS#12: files that are none, are cut off, or hold no key", async () => {
  const driver = await (await load("key.js")).driver("pkcs12");
  const whole = Buffer.from(await pkcs12(rsa, "12345678").arrayBuffer());
  const list = (bytes) => driver.list({ file: new File([bytes], "x.p12"), password: "12345678" });
  for (const bytes of [Buffer.alloc(0), Buffer.from("nonsense"), whole.subarray(0, 100), whole.subarray(0, whole.length - 1),
    Buffer.alloc(300 * 1024, 0x30), fs.readFileSync(path.join(folder, "ca.pem")), der("ca")])
    await assert.rejects(list(bytes), kind("failed"));
  await assert.rejects(driver.list({ password: "x" }), kind("failed"));
  for (const at of [4, 20, 60, 200, whole.length >> 1, whole.length - 30]) {
    const broken = Buffer.from(whole);
    broken[at] ^= 0x55;
    await assert.rejects(list(broken), (error) => error.name === "KeyError", `broken at ${at}`);
  }
  openssl("pkcs12", "-export", "-nokeys", "-in", "ca.pem", "-passout", "pass:12345678", "-out", "nokey.p12");
  await assert.rejects(list(fs.readFileSync(path.join(folder, "nokey.p12"))), kind("no_key"));
});

test("PKCS#12: kinds of keys that the browser can't use are no keys", async () => {
  const driver = await (await load("key.js")).driver("pkcs12");
  for (const [name, ...algorithm] of [["ed", "-algorithm", "ED25519"], ["p521", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]])
    await assert.rejects(driver.list({ file: pkcs12(certificate(name, ...algorithm), "12345678"), password: "12345678" }), kind("no_key"));
});

test("a certificate is described for the clerk", async () => {
  const { describe } = await load("key.js");
  const told = describe(der(rsa));
  assert.strictEqual(told.name, "上海样例建设有限公司");
  assert.strictEqual(BigInt(`0x${told.serial}`), BigInt(`0x${new crypto.X509Certificate(der(rsa)).serialNumber}`));
  assert.strictEqual(told.until, new Date(new crypto.X509Certificate(der(rsa)).validTo).toISOString().slice(0, 10));
  for (const bytes of [Buffer.alloc(0), Buffer.from("nonsense"), der(rsa).subarray(0, 50), Buffer.from("30ff", "hex")])
    assert.deepStrictEqual(describe(bytes), { name: "", serial: "", until: "" });
});

test("base64 of much, and bytes within bytes", async () => {
  const { toBase64, fromBase64, indexOfBytes } = await load("key.js");
  const much = crypto.randomBytes(3 * 0x8000 + 1);
  assert.strictEqual(toBase64(much), much.toString("base64"));
  assert.deepStrictEqual(Buffer.from(fromBase64(toBase64(much))), much);
  assert.throws(() => fromBase64("*"));
  assert.strictEqual(indexOfBytes(Uint8Array.of(1, 1, 2, 1, 1, 3), Uint8Array.of(1, 1, 3)), 3);
  assert.strictEqual(indexOfBytes(Uint8Array.of(1, 1), Uint8Array.of(1, 1, 3)), -1);
});

/* An agent that notes what it is asked, and answers by `answers[path]`: [status, body]. */
async function agent(answers) {
  const asked = [];
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const [status, body] = answers[request.url] || [404, ""];
      asked.push({ method: request.method, url: request.url, type: request.headers["content-type"], body: Buffer.concat(parts).toString() });
      if (status === "silence") return;
      if (status === "gone") {
        request.socket.destroy();
        return;
      }
      response.writeHead(status, { "Content-Type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => { server.closeAllConnections(); server.close(); });
  return { port: server.address().port, asked, server };
}

async function agentDriver(...ports) {
  const tools = await load("key.js");
  return (await load("key-agent.js")).default(tools, ports, 0);
}

const hello = [200, { agent: "ecert-agent", version: "1", token: true }];
const one = [200, { certificates: [{ id: "ab", certificate: Buffer.from("cert").toString("base64"), chain: ["AQID"], label: "key", algorithms: ["RS256"] }] }];

test("agent: found on a later port, behind other programs", async () => {
  const other = await agent({ "/v1/status": [200, { hello: "world" }] });
  const broken = await agent({ "/v1/status": [200, "<html>"] });
  const real = await agent({ "/v1/status": hello, "/v1/certificates": one });
  const driver = await agentDriver(other.port, broken.port, real.port);
  assert.strictEqual(await driver.available(), true);
  const [certificate] = await driver.list({});
  assert.strictEqual(Buffer.from(certificate.der).toString(), "cert");
  assert.deepStrictEqual([...certificate.chain[0]], [1, 2, 3]);
  assert.deepStrictEqual(certificate.algorithms, ["RS256"]);
  assert.deepStrictEqual(real.asked[1], { method: "POST", url: "/v1/certificates", type: "application/json", body: "{}" });
});

test("agent: not there", async () => {
  const gone = await agent({});
  await new Promise((resolve) => gone.server.close(resolve));
  const driver = await agentDriver(gone.port);
  assert.strictEqual(await driver.available(), false);
  await assert.rejects(driver.list({}), kind("unavailable"));
});

test("agent: what is signed goes out, the signature comes back", async () => {
  const real = await agent({ "/v1/status": hello, "/v1/certificates": one, "/v1/sign": [200, { signature: "AQI=" }] });
  const driver = await agentDriver(real.port);
  const [certificate] = await driver.list({});
  const request = { purpose: "form", algorithm: "RS256", statement, document: Buffer.from("%PDF"), range: [0, 1, 2, 3], title: "表" };
  assert.deepStrictEqual([...await driver.sign(certificate, request)], [1, 2]);
  assert.deepStrictEqual(JSON.parse(real.asked[2].body), { id: "ab", purpose: "form", algorithm: "RS256",
    statement: statement.toString("base64"), document: Buffer.from("%PDF").toString("base64"), range: [0, 1, 2, 3], title: "表" });
  await driver.sign(certificate, { purpose: "login", algorithm: "RS256", statement, document: null });
  assert.deepStrictEqual(Object.keys(JSON.parse(real.asked[3].body)), ["id", "purpose", "algorithm", "statement"]);
});

test("agent: every refusal is of its kind", async () => {
  for (const [status, error, name, triesLeft] of [
    [404, { kind: "no_key" }, "no_key", null], [403, { kind: "wrong_pin", tries_left: 2 }, "wrong_password", 2],
    [403, { kind: "cancelled", tries_left: null }, "cancelled", null], [403, { kind: "locked", tries_left: 0 }, "locked", 0],
    [403, { kind: "refused" }, "refused", null], [500, { kind: "failed", text: "why" }, "failed", null],
    [429, { kind: "refused" }, "failed", null], [400, { kind: "another" }, "failed", null], [400, undefined, "failed", null],
  ]) {
    const real = await agent({ "/v1/status": hello, "/v1/certificates": one, "/v1/sign": [status, { error }] });
    const driver = await agentDriver(real.port);
    const [certificate] = await driver.list({});
    await assert.rejects(driver.sign(certificate, { purpose: "login", algorithm: "RS256", statement }), kind(name, { triesLeft }));
  }
  const empty = await agent({ "/v1/status": hello, "/v1/certificates": [200, { certificates: [] }] });
  await assert.rejects((await agentDriver(empty.port)).list({}), kind("no_key"));
  const nonsense = await agent({ "/v1/status": hello, "/v1/certificates": [200, "<html>"] });
  await assert.rejects((await agentDriver(nonsense.port)).list({}), kind("failed"));
});

test("agent: one that is busy is asked again, for a while, and not once the clerk has left", async () => {
  const busy = [429, { error: { kind: "refused" } }];
  const answers = { "/v1/status": hello, "/v1/certificates": one, "/v1/sign": busy };
  const real = await agent(answers);
  const driver = (await load("key-agent.js")).default(await load("key.js"), [real.port]);
  const [certificate] = await driver.list({});
  const asked = (count) => real.asked.filter(({ url }) => url === "/v1/sign").length >= count;
  const until = async (what) => { while (!what()) await new Promise((resolve) => setTimeout(resolve, 5)); };
  const signing = driver.sign(certificate, { purpose: "login", algorithm: "RS256", statement });
  await until(() => asked(2));
  answers["/v1/sign"] = [200, { signature: "AQI=" }];
  assert.deepStrictEqual([...await signing], [1, 2]);
  const bodies = new Set(real.asked.filter(({ url }) => url === "/v1/sign").map(({ body }) => body));
  assert.strictEqual(bodies.size, 1);
  answers["/v1/sign"] = busy;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const controller = new AbortController(), before = real.asked.length;
  const left = driver.sign(certificate, { purpose: "login", algorithm: "RS256", statement, signal: controller.signal });
  await until(() => real.asked.length > before);
  controller.abort();
  await assert.rejects(left, kind("cancelled"));
  /* At most what was under way: by now it would have been asked three times more. */
  const last = real.asked.length;
  await pause(1600);
  assert.ok(real.asked.length <= last + 1, `${real.asked.length - last}`);
});

test("agent: gone meanwhile, and given up", async () => {
  const answers = { "/v1/status": hello, "/v1/certificates": one, "/v1/sign": ["silence"] };
  const real = await agent(answers);
  const driver = await agentDriver(real.port);
  const [certificate] = await driver.list({});
  const controller = new AbortController();
  const signing = driver.sign(certificate, { purpose: "login", algorithm: "RS256", statement, signal: controller.signal });
  while (real.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  await assert.rejects(signing, kind("cancelled"));
  answers["/v1/sign"] = ["gone"];
  await assert.rejects(driver.sign(certificate, { purpose: "login", algorithm: "RS256", statement }), kind("failed"));
});
