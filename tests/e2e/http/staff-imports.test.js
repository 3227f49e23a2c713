"use strict";
/* Files for the registers through the web: checked, taken, taken back; and what people send instead. */

const assert = require("assert");
const fs = require("fs");
const https = require("https");
const test = require("node:test");
const zlib = require("zlib");
const system = require("../lib/system");
const { staff } = require("../lib/staff");
const { residentId, uscc, next } = require("../lib/registers");

const DEADLINE = 120000;

/* People and a firm of this file's own: nobody else knows them. */
const birth = "1981-05-06";
const someone = () => {
  const number = next();
  return { id: residentId(number, 1, birth), name: `导入${number}` };
};
const HEAD = {
  enterprises: "uscc,name,region,province,legal_rep_name,legal_rep_id_type,legal_rep_id_no,phone",
  people: "id_type,id_no,name,sex,birth,education,technical_title,phone,photo",
  paper_certificates: "number,class,id_type,id_no,uscc,enterprise_name,post,first_issued,valid_from,valid_until,held_since",
  exam_results: "exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed",
  insurance: "id_type,id_no,uscc,month",
  education: "record_no,id_type,id_no,uscc,class,hours,completed_on,provider",
};
const csv = (kind, rows) => [HEAD[kind], ...rows].join("\n") + "\n";
const personRow = (who) => `111,${who.id},${who.name},1,${birth},03,,13800000000,`;
const firmRow = (firm) => `${firm.uscc},${firm.name},local,,,,,`;
const someFirm = () => {
  const number = next();
  return { uscc: uscc(900000 + number), name: `导入建设${number}有限公司` };
};

/* The body of the upload form, as a browser makes it. */
function multipart(fields, name, content) {
  const boundary = `----test${next()}x${Date.now()}`;
  const parts = fields.map(([key, value]) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`));
  parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n` +
    "Content-Type: text/csv\r\n\r\n"), Buffer.from(content), Buffer.from(`\r\n--${boundary}--\r\n`));
  return { body: Buffer.concat(parts), headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` } };
}

async function uploadForm(client, kind) {
  const page = await client.get("/staff/imports/new");
  const form = page.forms.find((one) => one.action === "/staff/imports/upload");
  return form.fields.filter(([name]) => name.startsWith("_")).concat([["kind", kind]]);
}

async function upload(client, kind, content, name = "文件.csv") {
  return client.request("POST", "/staff/imports/upload", multipart(await uploadForm(client, kind), name, content));
}

/* Waits until nobody works on it: what the page's figures say then. */
async function settled(client, location) {
  for (const end = Date.now() + DEADLINE; Date.now() < end; await system.pause(100)) {
    const answer = await client.request("GET", location, { headers: { Accept: "application/json" } });
    assert.strictEqual(answer.status, 200);
    if (!answer.json.running) return answer.json;
  }
  throw new Error(`${location} does not end`);
}

async function checked(client, kind, content, name) {
  const answer = await upload(client, kind, content, name);
  assert.strictEqual(answer.status, 303, answer.text);
  return { location: answer.headers.location, ...await settled(client, answer.headers.location) };
}

async function press(client, location, action) {
  const page = await client.get(location);
  const form = page.forms.find((one) => one.action.endsWith(`/${action}`));
  assert.ok(form, `${action} is not offered: ${page.text}`);
  return client.submit(page, form);
}

async function taken(client, kind, content) {
  const one = await checked(client, kind, content);
  assert.strictEqual(one.state, "checked", JSON.stringify(one));
  assert.strictEqual((await press(client, one.location, "take")).status, 303);
  return { location: one.location, ...await settled(client, one.location) };
}

async function undo(client, location, reason = "文件选错了") {
  /* What other tests imported from the command line meanwhile does not count here. */
  const id = Number(location.split("/").pop());
  system.sql(`UPDATE import_run o JOIN import_run r ON r.id = ${id} AND o.kind = r.kind SET o.taken_at = NULL
    WHERE o.taken_at > r.taken_at AND o.actor_kind = 4`);
  const page = await client.get(`${location}/undo`);
  const form = page.forms.find((one) => one.action.endsWith("/undo"));
  assert.ok(form, page.text);
  const fields = form.fields.filter(([name]) => name !== "reason");
  const answer = await client.post(`${location}/undo`, [...fields, ["reason", reason]]);
  assert.strictEqual(answer.status, 303, answer.text);
  return settled(client, location);
}

const count = (sql) => system.sqlNumber(`SELECT COUNT(*) FROM ${sql}`);

test("each kind is checked, taken, recorded, and taken back", async () => {
  const client = await staff("reviewer");
  const firm = someFirm(), who = someone(), serial = next();
  const month = new Date(Date.now() - 40 * 86400000).toISOString().slice(0, 7);
  const files = [
    ["enterprises", [firmRow(firm)], `enterprise WHERE uscc = '${firm.uscc}'`],
    ["people", [personRow(who)], `person WHERE name = '${who.name}'`],
    ["paper_certificates", [`沪建安B（2021）${String(serial).padStart(7, "0")},B,111,${who.id},${firm.uscc},${firm.name},07,` +
      "2021-01-01,2024-01-01,2099-01-01,2021-01-01"], `paper_certificate WHERE enterprise_name = '${firm.name}'`],
    ["exam_results", [`IM${serial},111,${who.id},${firm.uscc},B,07,2026-01-01,80,1`], `exam_result WHERE exam_no = 'IM${serial}'`],
    ["insurance", [`111,${who.id},${firm.uscc},${month}`],
      `insurance i JOIN enterprise e ON e.id = i.enterprise_id WHERE e.uscc = '${firm.uscc}'`],
    ["education", [`IM${serial},111,${who.id},${firm.uscc},B,24,2026-01-01,测试中心`],
      `education WHERE record_no = 'IM${serial}'`],
  ];
  const locations = [];
  for (const [kind, rows, where] of files) {
    assert.strictEqual(count(where), 0);
    const one = await taken(client, kind, csv(kind, rows));
    assert.deepStrictEqual([one.state, one.rows, one.added, one.changed], ["taken", 1, 1, 0], kind);
    assert.strictEqual(count(where), 1, kind);
    locations.push(one.location);
    const page = await client.get(one.location);
    assert.ok(page.text.includes(client.account.name) && page.text.includes("SHA-256"));
    const again = await checked(client, kind, csv(kind, rows));
    assert.deepStrictEqual([again.state, again.added + again.changed], ["unchanged", 0], kind);
  }
  const list = await client.get("/staff/imports/");
  for (const location of locations) assert.ok(list.html.includes(`href="${location}"`));
  for (const [i, [kind, , where]] of [...files.entries()].reverse()) {
    assert.strictEqual((await undo(client, locations[i])).state, "undone", kind);
    assert.strictEqual(count(where), 0, kind);
  }
  const ids = locations.map((location) => location.split("/").pop());
  assert.strictEqual(count(`import_before WHERE import_id IN (${ids})`), 0);
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
});

test("what a file has changed is as it was when it is taken back", async () => {
  const client = await staff("reviewer");
  const firm = someFirm();
  await taken(client, "enterprises", csv("enterprises", [
    `${firm.uscc},${firm.name},local,上海,法人甲,111,${someone().id},021-5555`]));
  const row = () => system.sql(`SELECT name, region, province, legal_rep_name, legal_rep_id_type, HEX(legal_rep_id_hash),
    HEX(legal_rep_id_sealed), HEX(phone_sealed) FROM enterprise WHERE uscc = '${firm.uscc}'`)[0].join("|");
  const before = row();
  const one = await taken(client, "enterprises", csv("enterprises", [`${firm.uscc},改名${firm.name},outside,江苏,,,,`]));
  assert.deepStrictEqual([one.state, one.added, one.changed], ["taken", 0, 1]);
  assert.notStrictEqual(row(), before);
  assert.strictEqual((await undo(client, one.location)).state, "undone");
  assert.strictEqual(row(), before);
});

test("nothing is taken back that something was built on, and what it was is told", async () => {
  const client = await staff("reviewer");
  const who = someone();
  const people = await taken(client, "people", csv("people", [personRow(who)]));
  const firm = someFirm();
  await taken(client, "enterprises", csv("enterprises", [firmRow(firm)]));
  const serial = next();
  const exams = await taken(client, "exam_results", csv("exam_results", [`IM${serial},111,${who.id},${firm.uscc},B,07,2026-01-01,80,1`]));
  const kept = await undo(client, people.location);
  assert.strictEqual(kept.state, "taken");
  const page = await client.get(people.location);
  assert.ok(page.text.includes("新增的人员已有考核成绩") && page.text.includes(who.name), page.text);
  assert.strictEqual(count(`person WHERE name = '${who.name}'`), 1);
  /* Not the last of its kind any more. */
  const later = someone();
  await taken(client, "people", csv("people", [personRow(later)]));
  assert.ok((await client.get(people.location)).text.includes("只能先撤回最近的一次"));
  assert.strictEqual((await undo(client, exams.location)).state, "undone");
});

test("every mistake is told with line, column and value, and can be taken away as a table", async () => {
  const client = await staff("reviewer");
  const rows = [];
  for (let i = 0; i < 200; i++) rows.push(personRow(someone()));
  const faults = [3, 77, 150];
  for (const at of faults) rows[at - 2] = rows[at - 2].replace(birth, "1981-13-06");
  const one = await checked(client, "people", csv("people", rows));
  assert.deepStrictEqual([one.state, one.rows, one.problems], ["faulty", 200, 3]);
  const page = await client.get(one.location);
  for (const at of faults) assert.ok(page.text.includes(`第 ${at} 行`), page.text);
  assert.ok(page.text.includes("应为真实的日期") && page.text.includes("1981-13-06"));
  assert.ok(!page.forms.some((form) => form.action.endsWith("/take")));
  const table = await client.get(`${one.location}/problems`);
  assert.match(table.headers["content-type"], /^text\/csv/);
  assert.strictEqual(table.html.trim().split("\r\n").length, 4);
  assert.ok(table.html.includes("77,birth,1981-13-06,"));
  assert.strictEqual((await press(client, one.location, "drop")).status, 303);
  assert.strictEqual((await settled(client, one.location)).state, "dropped");
});

test("the first rows are shown, the numbers of documents and phones are not", async () => {
  const client = await staff("reviewer");
  const who = someone();
  const one = await checked(client, "people", csv("people", [personRow(who)]));
  const page = await client.get(one.location);
  assert.ok(page.text.includes(who.name) && page.text.includes(who.id.slice(0, 6)));
  assert.ok(!page.html.includes(who.id) && !page.html.includes("13800000000"));
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM import_chunk WHERE data_sealed LIKE '%${who.name}%'`), 0);
  await press(client, one.location, "drop");
});

test("what failed is checked again from its file, or dropped; whatever ended leads to a new upload", async () => {
  const client = await staff("reviewer");
  const who = someone();
  const one = await checked(client, "people", csv("people", [personRow(who)]));
  const id = Number(one.location.split("/").pop());
  /* As an issuer leaves it that had all its attempts. */
  system.sql(`UPDATE import_run SET state = 'failed', note = '系统多次尝试未能完成' WHERE id = ${id}`);
  assert.strictEqual((await press(client, one.location, "retry")).status, 303);
  assert.strictEqual((await settled(client, one.location)).state, "checked");
  assert.strictEqual((await press(client, one.location, "take")).status, 303);
  assert.strictEqual((await settled(client, one.location)).state, "taken");
  assert.strictEqual(count(`person WHERE name = '${who.name}'`), 1);
  assert.strictEqual(count(`audit_event WHERE action = 'import.retry' AND object_id = ${id}`), 1);
  const other = await checked(client, "people", csv("people", [personRow(someone())]));
  system.sql(`UPDATE import_run SET state = 'failed' WHERE id = ${Number(other.location.split("/").pop())}`);
  assert.strictEqual((await press(client, other.location, "drop")).status, 303);
  const page = await client.get(other.location);
  assert.ok(page.text.includes("已放弃") && page.links.includes("/staff/imports/new?kind=people"), page.text);
  assert.match((await client.get("/staff/imports/new?kind=people")).html, /<option value="people" selected>/);
});

test("the same form twice is one import, also both at once", async () => {
  const client = await staff("reviewer");
  const who = someone();
  const fields = await uploadForm(client, "people");
  const send = () => client.request("POST", "/staff/imports/upload", multipart(fields, "a.csv", csv("people", [personRow(who)])));
  const first = await send(), second = await send();
  assert.strictEqual(first.status, 303);
  assert.strictEqual(second.headers.location, first.headers.location);
  await settled(client, first.headers.location);
  const page = await client.get(first.headers.location);
  const form = page.forms.find((one) => one.action.endsWith("/take"));
  const answers = await Promise.all([client.submit(page, form), client.submit(page, form), client.submit(page, form)]);
  for (const answer of answers) assert.strictEqual(answer.status, 303, answer.text);
  assert.strictEqual((await settled(client, first.headers.location)).state, "taken");
  assert.strictEqual(count(`person WHERE name = '${who.name}'`), 1);
});

test("two clerks with one file: one takes it, the other is told that it is there", async () => {
  const [one, two] = [await staff("reviewer", 1), await staff("reviewer", 2)];
  const who = someone();
  const file = csv("people", [personRow(who)]);
  const [a, b] = [await checked(one, "people", file), await checked(two, "people", file)];
  assert.deepStrictEqual([a.state, b.state], ["checked", "checked"]);
  await Promise.all([press(one, a.location, "take"), press(two, b.location, "take")]);
  const states = [(await settled(one, a.location)).state, (await settled(two, b.location)).state].sort();
  assert.deepStrictEqual(states, ["taken", "unchanged"]);
  assert.strictEqual(count(`person WHERE name = '${who.name}'`), 1);
});

test("what is no such file is refused in words, and the system lives", async () => {
  const client = await staff("reviewer");
  const bomb = zlib.gzipSync(Buffer.alloc(20 << 20));
  const head = Buffer.from(HEAD.people + "\n");
  const files = [
    ["PK\u0003\u0004 not a table", "zip"],
    [bomb, "a bomb"],
    [Buffer.alloc(100000), "zero bytes"],
    [Buffer.concat([head, Buffer.from("111,\0,x,1,1980-01-01,,,,\n")]), "a zero byte in a row"],
    [Buffer.concat([head, Buffer.alloc(3 << 20, "x")]), "a line of 3 MB"],
    [Buffer.alloc(3 << 20, "x"), "a header of 3 MB"],
    [Buffer.concat([head, Buffer.from([0xff, 0xfe, 0xff, 0x0a])]), "no encoding"],
    [Buffer.from(HEAD.people + "\n", "utf16le"), "UTF-16"],
    [HEAD.insurance + "\n", "another kind's header"],
    [csv("people", ['111,"open']), "an open quote"],
    ["\n\n\n", "empty lines"],
    ["<script>alert(1)</script>,a\n", "a script"],
  ];
  for (const [content, what] of files) {
    const one = await checked(client, "people", content, "../../etc/<b>.csv");
    assert.strictEqual(one.state, "faulty", what);
    const page = await client.get(one.location);
    assert.ok(page.text.includes("处错误"), what);
    assert.ok(!page.html.includes("<script>alert") && !page.html.includes("<b>.csv"), what);
  }
  const empty = await upload(client, "people", "");
  assert.strictEqual(empty.status, 422);
  assert.ok(empty.text.includes("文件是空的"));
  const nothing = await client.request("POST", "/staff/imports/upload",
    multipart(await uploadForm(client, "people"), "", ""));
  assert.strictEqual(nothing.status, 422);
  const unknown = await upload(client, "nothing", "x");
  assert.strictEqual(unknown.status, 422);
  const fields = await uploadForm(client, "people");
  const broken = multipart(fields, "a.csv", "text");
  broken.body = broken.body.subarray(0, broken.body.length - 20);
  const cut = await client.request("POST", "/staff/imports/upload", broken);
  assert.ok([400, 422].includes(cut.status), cut.text);
  const foreign = multipart(fields.filter(([name]) => name !== "_csrf"), "a.csv", Buffer.alloc(2 << 20, "x"));
  assert.strictEqual((await client.request("POST", "/staff/imports/upload", foreign)).status, 403);
  assert.strictEqual((await client.get("/staff/imports/")).status, 200);
});

test("GB18030 is read as what it is", async () => {
  const client = await staff("reviewer");
  const who = someone();
  const gb = Buffer.concat([Buffer.from(`${HEAD.people}\n111,${who.id},`), Buffer.from([0xc0, 0xee, 0xcb, 0xc4]),
    Buffer.from(`,1,${birth},03,,,\n`)]);
  const one = await checked(client, "people", gb);
  assert.strictEqual(one.state, "checked", JSON.stringify(one));
  assert.ok((await client.get(one.location)).text.includes("李四"));
  await press(client, one.location, "drop");
});

test("a file larger than every small bound is taken in, and a too large one refused by nginx", async () => {
  const client = await staff("reviewer");
  const rows = [];
  for (let i = 0; i < 30000; i++) rows.push(`111,${residentId(i, 1, "1970-02-03")},大文件${i},1,1970-02-03,03,,,`);
  const content = csv("people", rows.concat(rows.slice(0, 30)));
  assert.ok(content.length > 1500000);
  const one = await checked(client, "people", content);
  assert.deepStrictEqual([one.state, one.rows, one.problems], ["faulty", 30030, 30]);
  /* Its length alone is enough. */
  const status = await new Promise((resolve, reject) => {
    const request = https.request(new URL("/staff/imports/upload", system.site), { method: "POST",
      ca: fs.readFileSync(system.authorities), servername: "localhost", family: 4,
      headers: { "Content-Length": 300 << 20, "Content-Type": "multipart/form-data; boundary=x" } }, (response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    request.on("error", reject);
    request.write("--x\r\n");
  });
  assert.strictEqual(status, 413);
});

test("only reviewers import, and auditors read", async () => {
  const [reviewer, auditor, window_, administrator] =
    [await staff("reviewer"), await staff("auditor"), await staff("window"), await staff("administrator")];
  const one = await checked(reviewer, "people", csv("people", [personRow(someone())]));
  for (const path of ["/staff/imports/", one.location]) {
    assert.strictEqual((await auditor.get(path)).status, 200);
    for (const other of [window_, administrator]) assert.strictEqual((await other.get(path)).status, 403);
  }
  assert.strictEqual((await auditor.get("/staff/imports/new")).status, 403);
  const page = await reviewer.get(one.location);
  const fields = page.forms.find((form) => form.action.endsWith("/take")).fields;
  const token = (await auditor.get("/staff/")).forms.flatMap((form) => form.fields).find(([name]) => name === "_csrf");
  for (const step of ["take", "drop"]) {
    const answer = await auditor.post(`${one.location}/${step}`, [token, ...fields.filter(([name]) => name === "_key")]);
    assert.strictEqual(answer.status, 403);
  }
  assert.ok(!(await auditor.get(one.location)).forms.some((form) => form.action.endsWith("/take")));
  await press(reviewer, one.location, "drop");
});
