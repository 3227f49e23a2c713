"use strict";
/* The staff of the demonstration: logged in with a password and a one-time password, which is worked
 * out here. Sessions are shared by all test files, since a code is good once in its 30 seconds; who
 * ends a session, or wants a login of its own, asks for `fresh`. */

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const system = require("./system");
const { Client } = require("./client");

const STEP = 30000;
const [header, ...rows] = fs.readFileSync(path.join(system.folder, "demo/staff.tsv"), "utf8").trim().split("\n")
  .map((line) => line.split("\t"));
const accounts = rows.map((row) => Object.fromEntries(row.map((value, i) => [header[i], value])));

/* { login, name, role, password, totp }: the n-th account of a role. */
function account(role, n = 1) {
  const found = accounts.filter((one) => one.role === role)[n - 1];
  if (!found) throw new Error(`no account ${n} of ${role}`);
  return found;
}

function base32(text) {
  const bits = [...text].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/* RFC 6238, six digits. */
function totp(secret, step = Math.floor(Date.now() / STEP)) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = crypto.createHmac("sha1", base32(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

/* What is shared by the processes of the tests: the last step that was used, and a session. */
const folder = path.join(system.folder, "staff-sessions");
fs.mkdirSync(folder, { recursive: true });
const file = (who) => path.join(folder, `${who.login}.json`);
const read = (who) => (fs.existsSync(file(who)) ? JSON.parse(fs.readFileSync(file(who), "utf8")) : { step: 0 });
const write = (who, state) => fs.writeFileSync(file(who), JSON.stringify(state));

/* A step whose code was not used yet: of now, or the next, which the server takes too. */
async function freshStep(who) {
  for (;;) {
    const state = read(who);
    const now = Math.floor(Date.now() / STEP);
    const step = Math.max(now, state.step + 1);
    if (step <= now + 1) {
      write(who, { ...state, step });
      return step;
    }
    await system.pause(500);
  }
}

const origin = { headers: { Origin: system.site } };

/* Posts one of the login's forms, as a browser would: it says where it comes from. */
const send = (client, url, fields, options = {}) => client.post(url, fields, { ...options, ...origin });

/* The two steps of a login; the answer is the redirect behind the last. */
async function logIn(client, who, next = "") {
  const first = await send(client, "/staff/login/", { login: who.login, password: who.password, next });
  if (first.status !== 303) return first;
  return send(client, first.headers.location, { code: totp(who.totp, await freshStep(who)), next });
}

/* Somebody who is logged in by themselves alone. */
async function fresh(role, n = 1) {
  const client = new Client();
  const who = account(role, n);
  const answer = await logIn(client, who);
  assert.strictEqual(answer.status, 303, `${who.login}: ${answer.text}`);
  return Object.assign(client, { account: who });
}

/* An HTTP client logged in as the n-th account of a role; it has the methods of a firm's (client.js). */
async function staff(role, n = 1) {
  const who = account(role, n);
  const kept = read(who);
  if (kept.cookie) {
    const client = Object.assign(new Client(), { account: who });
    client.cookies.set("__Host-ecert", kept.cookie);
    if ((await client.request("GET", "/staff/")).status === 200) return client;
  }
  const client = await fresh(role, n);
  write(who, { ...read(who), cookie: client.cookies.get("__Host-ecert") });
  return client;
}

/* A page in Chromium, logged in as the n-th account of a role. */
async function staffPage(role, n = 1, options = {}) {
  const browser = require("./browser");
  const client = await staff(role, n);
  const page = await browser.open(null, options);
  await page.context().addCookies([{ name: "__Host-ecert", value: client.cookies.get("__Host-ecert"),
    url: system.site, secure: true, httpOnly: true, sameSite: "Lax" }]);
  page.account = client.account;
  return page;
}

module.exports = { staff, staffPage, fresh, account, accounts, totp, freshStep, logIn, send };
