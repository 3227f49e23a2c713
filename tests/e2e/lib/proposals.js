"use strict";
/* Staff as they propose and decide, form by form: for tests of whatever comes of it. */

const assert = require("assert");
const crypto = require("crypto");
const html = require("./html");
const system = require("./system");
const { staff } = require("./staff");

const key = () => crypto.randomBytes(16).toString("base64url");
const BASIS = "《建设工程安全生产管理条例》第六十六条", REASON = "未履行安全生产管理职责";

/* The day that many days after the business date. */
function day(after = 0) {
  const today = process.env.ECERT_CLOCK_TODAY || new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
  return new Date(Date.parse(today) + after * 86400000).toISOString().slice(0, 10);
}

/* The token against forgery that is on every page. */
async function csrf(client) {
  const page = await client.get("/staff/");
  return page.html.match(/name="_csrf" value="([^"]+)"/)[1];
}

/* What a clerk fills in. */
function words(kind, more = {}) {
  return { kind, basis: BASIS, reason: REASON,
    ...(kind === "suspend" && { from: day(), until: day(90) }), ...(kind === "cancel" && { code: "02" }), ...more };
}

const pairsOf = (fields) => Object.entries(fields);

async function preview(client, kind, numbers, more = {}) {
  return client.post("/staff/sanctions/preview",
    [["_csrf", await csrf(client)], ...pairsOf(words(kind, more)), ["numbers", [numbers].flat().join("\r\n")]]);
}

/* The form of a preview, as it would be sent. */
function offered(page) {
  const form = page.forms.find((one) => one.method === "POST" && one.action === "/staff/sanctions/");
  if (!form) return null;
  const numbers = html.decode(form.html.match(/<textarea[^>]*>([\s\S]*?)<\/textarea>/)[1]);
  return [...form.fields, ["numbers", numbers]];
}

/* Up to the proposal: its number. */
async function propose(client, kind, numbers, more = {}) {
  const page = await preview(client, kind, numbers, more);
  const fields = offered(page);
  assert.ok(fields, `${page.status} ${page.text}`);
  const answer = await client.post("/staff/sanctions/", fields);
  assert.strictEqual(answer.status, 303, answer.text);
  return answer.headers.location.split("/").pop();
}

/* The answer to a decision; what is final is confirmed. */
async function decide(client, number, { decision = "approve", text = "", confirmed = true, sent = key() } = {}) {
  return client.post(`/staff/proposals/${number}/decide`, [["_csrf", await csrf(client)], ["_key", sent],
    ["decision", decision], ["text", text], ...(confirmed ? [["confirmed", "1"]] : [])]);
}

async function withdraw(client, number) {
  return client.post(`/staff/proposals/${number}/withdraw`, [["_csrf", await csrf(client)], ["_key", key()]]);
}

/* Proposed by a reviewer and decided by a decision maker: the proposal's number. */
async function sanction(kind, numbers, more = {}) {
  const number = await propose(await staff("reviewer"), kind, numbers, more);
  const answer = await decide(await staff("decision"), number);
  assert.strictEqual(answer.status, 303, answer.text);
  assert.strictEqual(stateOf(number), "applied");
  return number;
}

const idOf = (number) => Number(number.split("-")[1]);
const stateOf = (number) => system.sql(`SELECT state FROM proposal WHERE matter_id = ${idOf(number)}`)[0][0];

/* Places a hold on { person: { idType, idNo } } or { firm: { uscc } }, or releases it: the number. */
async function hold(whom, { from = day(), until = "" } = {}) {
  const client = await staff("reviewer");
  const subject = whom.person ? { whom: "person", id_type: whom.person.idType || "111", id_no: whom.person.idNo }
    : { whom: "enterprise", uscc: whom.firm.uscc };
  const page = await client.post("/staff/holds/preview",
    [["_csrf", await csrf(client)], ...pairsOf({ ...subject, basis: BASIS, reason: REASON, from, until })]);
  const form = page.forms.find((one) => one.method === "POST" && one.action === "/staff/holds/");
  assert.ok(form, `${page.status} ${page.text}`);
  return agreed(await client.submit(page, form));
}

async function release(whom) {
  const client = await staff("reviewer");
  const field = whom.person ? ["person", whom.person.id] : ["firm", whom.firm.id];
  const page = await client.get(`/staff/holds/release?${field[0]}=${field[1]}`);
  const form = page.forms.find((one) => one.method === "POST" && one.action === "/staff/holds/release");
  assert.ok(form, `${page.status} ${page.text}`);
  return agreed(await client.post("/staff/holds/release",
    [...form.fields.filter(([, value]) => value), ["basis", BASIS], ["reason", "调查终结"]]));
}

/* What was proposed is decided. */
async function agreed(answer) {
  assert.strictEqual(answer.status, 303, answer.text);
  const number = answer.headers.location.split("/").pop();
  const decided = await decide(await staff("decision"), number);
  assert.strictEqual(decided.status, 303, decided.text);
  return number;
}

module.exports = { BASIS, REASON, key, day, csrf, words, preview, offered, propose, decide, withdraw, sanction,
  stateOf, idOf, hold, release };
