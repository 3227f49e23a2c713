"use strict";
/* A file of ROWS exam results is uploaded, checked, taken and taken back while any process is killed,
 * the database included: it is taken whole or not at all at any moment, once, and gone whole at the end.
 * A run that SECONDS_EACH bounds has fewer rows. */

const assert = require("assert");
const test = require("node:test");
const system = require("../e2e/lib/system");
const { fresh } = require("../e2e/lib/staff");
const registers = require("../e2e/lib/registers");
const { killing, told, unlessAway, number } = require("./kill");

const ROWS = Number(process.env.ROWS || (process.env.SECONDS_EACH ? 100000 : 300000));
const [BETWEEN_MS, SECONDS, PEOPLE] = [1500, 900, 200];

/* The child that takes files is among those of the issuer. */
const KINDS = ["issuer", "worker", "issuers", "database"];

const state = (id) => unlessAway(() => system.sql(`SELECT state FROM import_run WHERE id = ${id}`)[0][0]);

/* Until it works: the answer of a worker that lives to give one. */
async function stubborn(what, ask) {
  let answer = null;
  await system.until(what, SECONDS, async () => {
    try { answer = await ask(); } catch { return false; }
    return answer.status < 500 && answer.status !== 429;
  });
  return answer;
}

/* What a form of the page does, sent again and again with the same key until it is answered. */
async function press(client, page, action, more = []) {
  const form = page.forms.find((one) => one.action.endsWith(`/${action}`));
  assert.ok(form, page.text);
  const fields = form.fields.filter(([name]) => !more.some(([other]) => other === name));
  const answer = await stubborn(action, () => client.post(new URL(form.action, system.site).href, [...fields, ...more]));
  assert.strictEqual(answer.status, 303, answer.text);
}

async function upload(client, content) {
  const page = await stubborn("the form", () => client.get("/staff/imports/new"));
  const fields = page.forms.find((one) => one.action === "/staff/imports/upload").fields
    .filter(([name]) => name.startsWith("_")).concat([["kind", "exam_results"]]);
  const part = (head, body) => `--B\r\nContent-Disposition: form-data; name=${head}\r\n\r\n${body}\r\n`;
  const body = fields.map(([name, value]) => part(`"${name}"`, value)).join("") +
    part('"file"; filename="exams.csv"', content) + "--B--\r\n";
  const answer = await stubborn("the upload", () => client.request("POST", "/staff/imports/upload",
    { body, headers: { "Content-Type": "multipart/form-data; boundary=B" } }));
  assert.strictEqual(answer.status, 303, answer.text);
  return answer.headers.location;
}

/* Watches the table while it works: a row more than none is all of them. */
async function until(id, wanted, running, counts) {
  await system.until(wanted, SECONDS, () => {
    const rows = number("SELECT COUNT(*) FROM exam_result WHERE exam_no LIKE 'FA%'");
    if (rows !== null) counts.add(rows);
    const now = state(id);
    assert.ok(now === null || now === wanted || running.includes(now), `${now} instead of ${wanted}`);
    return now === wanted;
  });
}

test(`an import of ${ROWS} rows under kill -9, and its way back`, async () => {
  const [firm] = registers.firms(1, PEOPLE, { photo: false });
  const client = await fresh("reviewer");
  const rows = Array.from({ length: ROWS }, (_, i) =>
    `FA${i},111,${firm.people[i % PEOPLE].idNo},${firm.uscc},C3,08,2026-01-01,${60 + (i % 40)},1`);
  const content = `exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed\n${rows.join("\n")}\n`;
  const counts = new Set();
  const stop = killing(KINDS, BETWEEN_MS);
  let killed;
  try {
    const location = await upload(client, content);
    const id = Number(location.split("/").pop());
    await until(id, "checked", ["checking"], counts);
    await press(client, await stubborn("the preview", () => client.get(location)), "take");
    await until(id, "taken", ["taking", "checking", "checked"], counts);
    assert.strictEqual(await number("SELECT COUNT(*) FROM import_run WHERE state = 'taken' AND kind = 'exam_results' AND file_name <> ''"), 1);
    await press(client, await stubborn("the question", () => client.get(`${location}/undo`)), "undo", [["reason", "试一试"]]);
    await until(id, "undone", ["undoing"], counts);
  } finally {
    killed = await stop();
  }
  console.log(`# import: ${ROWS} rows; killed: ${told(killed)}`);
  assert.deepStrictEqual([...counts].filter((rows) => rows !== 0 && rows !== ROWS), [], "whole or not at all");
  assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM exam_result WHERE exam_no LIKE 'FA%'"), 0);
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
  for (const event of ["import.upload", "import.confirm", "import", "import.undo", "import.undone"])
    assert.ok(system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = '${event}'`) >= 1, event);
  assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM audit_event WHERE action = 'import.confirm'"), 1, "confirmed once");
});
