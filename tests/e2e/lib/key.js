"use strict";
/* The firm's key as a driver in the page would use it, without a page: the same requests, signatures
 * by node's own cryptography. */

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const { execFileSync } = require("child_process");
const { DISTID } = require("./pki");
const system = require("./system");

const hashes = { 256: "sha256", 384: "sha384", 512: "sha512" };

const derOf = (file) => new crypto.X509Certificate(fs.readFileSync(file)).raw;

/* The raw signature of a key file over bytes. */
function sign(file, algorithm, bytes) {
  if (algorithm === "SM2SM3")
    return execFileSync("openssl", ["dgst", "-sm3", "-sign", file, "-sigopt", DISTID], { input: bytes });
  const key = { key: fs.readFileSync(file) };
  if (algorithm.startsWith("PS")) {
    key.padding = crypto.constants.RSA_PKCS1_PSS_PADDING;
    key.saltLength = crypto.constants.RSA_PSS_SALTLEN_DIGEST;
  }
  return crypto.sign(hashes[algorithm.slice(2)], bytes, key);
}

/* The algorithm that fits a firm's key. */
function algorithmOf(firm) {
  const { asymmetricKeyType, asymmetricKeyDetails } = crypto.createPublicKey(fs.readFileSync(firm.certificate));
  if (asymmetricKeyType === "rsa") return "RS256";
  return asymmetricKeyDetails.namedCurve === "secp384r1" ? "ES384" : "ES256";
}

/* Hidden fields that any POST of a logged-in firm needs. */
async function hidden(client, place) {
  const page = await client.get(place);
  assert.strictEqual(page.status, 200, `${place}: ${page.status}`);
  return page.forms.find((one) => one.method === "POST" && one.action === place).fields
    .filter(([name]) => name.startsWith("_"));
}

/* A cancellation of somebody's certificate, up to where its form waits for the key: its number. */
async function waiting(client, { name, idNo, idType = "111" }) {
  const box = await client.get("/cancel/new");
  const form = box.forms.find((one) => one.method === "POST" && one.action === "/cancel/");
  const own = form.fields.filter(([field]) => field.startsWith("_"));
  const found = await client.post("/cancel/", [...own, ["id_type", idType], ["id_no", idNo], ["name", name]]);
  assert.strictEqual(found.status, 303, found.text.slice(0, 300));
  const number = found.headers.location.split("/").pop();
  const check = await client.get(found.headers.location);
  const fields = check.forms.find((one) => one.action.endsWith("/confirm"));
  const choice = [...fields.boxes, ["reason", "01"], ...fields.fields.filter(([field]) => field === "seen")];
  const warn = await client.get(`/cancel/${number}/confirm?${new URLSearchParams(choice)}`);
  const confirm = warn.forms.find((one) => one.method === "POST" && one.action === `/cancel/${number}`);
  assert.strictEqual((await client.submit(warn, confirm)).status, 303);
  await system.until("the form", 60, async () => (await client.get(`/cancel/${number}/form`)).status === 200);
  return number;
}

/* Names the key; the answer tells what it is to sign. `chain`: base64 of what it brings along. */
async function prepare(client, number, firm, algorithm = algorithmOf(firm), chain = "") {
  return client.post(`/cancel/${number}/prepare`, [...await hidden(client, `/cancel/${number}/sign`),
    ["certificate", derOf(firm.certificate).toString("base64")], ["algorithm", algorithm], ["chain", chain]]);
}

/* What the key is shown: the document, whose bytes are the ones that the statement speaks of. */
async function look(client, prepared) {
  const { document, range, digest } = prepared.json;
  const file = (await client.get(document)).body;
  const signed = Buffer.concat([file.subarray(range[0], range[1]), file.subarray(range[2], range[2] + range[3])]);
  assert.strictEqual(range[2] + range[3], file.length);
  assert.strictEqual(crypto.createHash("sha256").update(signed).digest("hex"), digest);
  return file;
}

async function send(client, number, signature) {
  return client.post(`/cancel/${number}/sign`, [...await hidden(client, `/cancel/${number}/sign`),
    ["signature", signature.toString("base64")]]);
}

/* All of it: the answer of the last step. */
async function signForm(client, number, firm, algorithm = algorithmOf(firm)) {
  const prepared = await prepare(client, number, firm, algorithm);
  assert.strictEqual(prepared.status, 200, prepared.html);
  await look(client, prepared);
  return send(client, number, sign(firm.key, algorithm, Buffer.from(prepared.json.statement, "base64")));
}

/* What the site asks a key to sign, for this client. */
async function challenge(client, headers = { Origin: system.site }) {
  return client.post("/login/challenge", [], { headers });
}

/* The answer to a challenge. `more` replaces fields. */
async function answer(client, firm, { nonce, statement }, more = {}, headers = { Origin: system.site }) {
  const algorithm = more.algorithm || algorithmOf(firm);
  const fields = { nonce, certificate: derOf(firm.certificate).toString("base64"), algorithm,
    signature: sign(firm.key, algorithm, Buffer.from(statement, "base64")).toString("base64"), ...more };
  return client.post("/login/key", Object.entries(fields), { headers });
}

/* Logs in by the key; the answer of the last step. */
async function login(client, firm, more) {
  return answer(client, firm, (await challenge(client)).json, more);
}

module.exports = { challenge, answer, login, sign, algorithmOf, derOf, waiting, prepare, look, send, signForm };
