"use strict";
/* What is sent twice is done once. */

const assert = require("assert");
const test = require("node:test");
const system = require("../lib/system");
const { firms, loggedIn, made } = require("../lib/world");

const [firm, other, third] = firms(3, 3);
const idOf = (one) => system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${one.uscc}'`);
const count = (table, one) => system.sqlNumber(`SELECT COUNT(*) FROM ${table} WHERE enterprise_id = ${idOf(one)}`);

/* The form of the last step for the first paper certificate of the list. */
async function lastForm(client) {
  const list = await client.get("/exchange/");
  const link = list.links.find((one) => one.startsWith("/exchange/check?paper="));
  const confirm = await client.get(link.replace("check", "confirm"));
  return confirm.forms.find((one) => one.method === "POST" && one.action === "/exchange/").fields;
}

test("200 concurrent POSTs of the same form make one certificate, and all lead to it", async () => {
  const client = await loggedIn(firm, { keepAlive: true, sockets: 50 });
  const fields = await lastForm(client);
  const answers = await Promise.all(Array.from({ length: 200 }, () => client.post("/exchange/", fields)));
  const places = new Set(answers.map((answer) => answer.headers.location));
  assert.deepStrictEqual([...new Set(answers.map((answer) => answer.status))], [303]);
  assert.strictEqual(places.size, 1);
  await made(client, [...places][0]);
  for (const table of ["certificate", "matter", "job", "document"]) assert.strictEqual(count(table, firm), 1, table);
  client.close();
});

test("200 concurrent POSTs with different keys for one paper certificate make one certificate", async () => {
  const client = await loggedIn(firm, { keepAlive: true, sockets: 50 });
  const fields = await lastForm(client);
  const key = fields.find(([name]) => name === "_key")[1];
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client.post("/exchange/",
    fields.map(([name, value]) => [name, name === "_key" ? key.slice(0, -3) + String(i).padStart(3, "0") : value]))));
  const done = answers.filter((answer) => answer.status === 303);
  assert.strictEqual(done.length, 1);
  assert.ok(answers.every((answer) => [303, 409].includes(answer.status)),
    [...new Set(answers.map((answer) => answer.status))].join(" "));
  await made(client, done[0].headers.location);
  for (const table of ["certificate", "document"]) assert.strictEqual(count(table, firm), 2, table);
  client.close();
});

test("the same key under another form is a mistake, not a repetition", async () => {
  const client = await loggedIn(other);
  const fields = await lastForm(client);
  assert.strictEqual((await client.post("/exchange/", fields)).status, 303);
  const next = await lastForm(client);
  const key = fields.find(([name]) => name === "_key")[1];
  const answer = await client.post("/exchange/", next.map(([name, value]) => [name, name === "_key" ? key : value]));
  assert.ok([400, 409].includes(answer.status), String(answer.status));
  assert.strictEqual(count("certificate", other), 1);
});

test("what was looked at is what is exchanged, or nothing is", async () => {
  const client = await loggedIn(third);
  const list = await client.get("/exchange/");
  const check = await client.get(list.links.find((one) => one.startsWith("/exchange/check?paper=")));
  const confirm = await client.submit(check, check.forms.find((one) => one.action === "/exchange/confirm"));
  const { fields } = confirm.forms.find((one) => one.method === "POST" && one.action === "/exchange/");
  const paper = fields.find(([name]) => name === "paper")[1];
  const before = count("certificate", third);
  system.sql(`UPDATE paper_certificate SET valid_until = valid_until + INTERVAL 1 DAY WHERE id = ${paper}`);
  const late = await client.post("/exchange/", fields);
  assert.strictEqual(late.status, 409);
  assert.match(late.text, /发生了变化，本次没有换领/);
  assert.strictEqual(count("certificate", third), before);
  system.sql(`UPDATE paper_certificate SET valid_until = valid_until - INTERVAL 1 DAY WHERE id = ${paper}`);
  assert.strictEqual((await client.post("/exchange/", fields)).status, 303);
  assert.strictEqual(count("certificate", third), before + 1);
});

test("a form without its key is refused", async () => {
  const client = await loggedIn(other);
  const fields = await lastForm(client);
  const answer = await client.post("/exchange/", fields.filter(([name]) => name !== "_key"));
  assert.strictEqual(answer.status, 400);
  assert.strictEqual(count("certificate", other), 1);
});

test("single fields given twice, and fields beyond number, are refused", async () => {
  const client = await loggedIn(other);
  const fields = await lastForm(client);
  assert.strictEqual((await client.post("/exchange/", [...fields, fields.find(([name]) => name === "_key")])).status, 400);
  const many = Array.from({ length: 5000 }, (_, i) => ["paper", String(i + 1)]);
  assert.ok([400, 413, 422].includes((await client.post("/exchange/", [...fields, ...many])).status));
  assert.strictEqual(count("certificate", other), 1);
});
