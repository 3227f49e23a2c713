"use strict";
/* People at the window over HTTP: what is refused and in which words, where numbers stand and where they
 * do not, who looked, and who decides. */

const { test } = require("node:test");
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const system = require("../lib/system");
const { staff } = require("../lib/staff");
const { portrait } = require("../lib/jpeg");
const { residentNumber, passportNumber, create, signed, send, capture, form, filled } = require("../lib/people");

const captureOf = (id) => system.sql(`SELECT COALESCE(capture_id, 0) FROM person WHERE id = ${id}`)[0][0];

async function find(clerk, id_type, id_no) {
  const page = await clerk.get("/staff/people/");
  return clerk.post("/staff/people/find", filled(form(page, "/staff/people/find"), { id_type, id_no }));
}

test("a person is found by the document, or made", async () => {
  const clerk = await staff("window");
  const id_no = residentNumber("19810203", 2);
  const unknown = await find(clerk, "111", id_no);
  assert.strictEqual(unknown.status, 200);
  assert.match(unknown.text, /没有登记过/);
  const id = await create(clerk, { id_type: "111", id_no: ` ${id_no.slice(0, 6)} ${id_no.slice(6).toLowerCase()}`, name: "　赵　六 " });
  const known = await find(clerk, "111", id_no);
  assert.strictEqual(known.status, 303);
  assert.strictEqual(known.headers.location, `/staff/people/${id}`);
  const page = await clerk.get(`/staff/people/${id}`);
  assert.match(page.text, /赵 六/);
  assert.match(page.text, /1981-02-03/);
  assert.match(page.text, /女/);
  assert.match(page.text, /未采集/);
  assert.ok(page.text.includes(`${id_no.slice(0, 6)}********${id_no.slice(14)}`));
  assert.ok(!page.html.includes(id_no));
  const found = await clerk.get(`/staff/people/?name=${encodeURIComponent("赵 六")}`);
  assert.ok(found.html.includes(`href="/staff/people/${id}"`));
  assert.ok(!found.html.includes(id_no));
});

test("what is wrong is said at its field, and nothing is made", async () => {
  const clerk = await staff("window");
  const good = { id_type: "111", id_no: residentNumber("19800131", 1), name: "钱七", sex: "", birth: "" };
  const rows = [
    [{ id_no: good.id_no.slice(0, 17) }, "id_no", "18 位"],
    [{ id_no: good.id_no.slice(0, 17) + (good.id_no[17] === "1" ? "2" : "1") }, "id_no", "校验码"],
    [{ id_no: "31010519801331001X" }, "id_no", "出生日期"],
    [{ sex: "2" }, "sex", "不一致"],
    [{ birth: "1980-02-01" }, "birth", "不一致"],
    [{ birth: "1980-02-31" }, "birth", "出生日期"],
    [{ name: "" }, "name", "姓名"],
    [{ name: "<script>" }, "name", "不能使用"],
    [{ id_type: "414", id_no: "E1" }, "id_no", "护照"],
    [{ id_type: "414", id_no: "E12345678" }, "birth", "出生日期"],
    [{ id_type: "516", id_no: "X12345678" }, "id_no", "回乡证"],
    [{ id_type: "511", id_no: "123" }, "id_no", "台胞证"],
    [{ id_type: "114", id_no: "12345678" }, "id_no", "军官证"],
    [{ id_type: "123" }, "id_type", "证件类型"],
    [{ phone: "abc" }, "phone", "电话"],
    [{ education: "77" }, "education", "文化程度"],
  ];
  for (const [change, field, words] of rows) {
    const page = await clerk.get("/staff/people/new");
    const answer = await clerk.post("/staff/people/", filled(form(page, "/staff/people/"), { ...good, ...change }));
    const what = JSON.stringify(change);
    assert.strictEqual(answer.status, 422, what);
    assert.ok(answer.html.includes(`href="#f-${field}"`), `${what}: ${answer.text}`);
    assert.ok(answer.text.includes(words), `${what}: ${answer.text}`);
  }
  assert.match((await find(clerk, "111", good.id_no)).text, /没有登记过/);
});

test("a document belongs to one person, also when two clerks are as fast as each other", async () => {
  const clerks = [await staff("window", 1), await staff("window", 2)];
  const data = { id_type: "111", id_no: residentNumber(), name: "孙八", education: "03", title: "", phone: "" };
  const forms = await Promise.all(clerks.map(async (clerk) => form(await clerk.get("/staff/people/new"), "/staff/people/")));
  const answers = await Promise.all(clerks.map((clerk, i) => clerk.post("/staff/people/", filled(forms[i], data))));
  assert.deepStrictEqual(answers.map((answer) => answer.status).sort(), [303, 409]);
});

test("the full number is shown by POST alone, and the audit knows each look", async () => {
  const clerk = await staff("window");
  const id_no = residentNumber();
  const id = await create(clerk, { id_type: "111", id_no, name: "周九" });
  assert.strictEqual((await clerk.request("GET", `/staff/people/${id}/number`)).status, 405);
  const page = await clerk.get(`/staff/people/${id}`);
  const shown = await clerk.submit(page, form(page, `/staff/people/${id}/number`));
  assert.strictEqual(shown.status, 200);
  assert.ok(shown.html.includes(id_no));
  assert.strictEqual(shown.headers["cache-control"], "no-store");
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'person.reveal' AND object_id = ${id}`), 1);
  /* And no log has it. */
  const logs = fs.readdirSync(path.join(system.folder, "log")).map((name) => fs.readFileSync(path.join(system.folder, "log", name), "utf8"));
  assert.ok(logs.every((log) => !log.includes(id_no)));
});

test("a resident's card read by the reader: the photo is in use at once, and the firm may apply", async () => {
  const clerk = await staff("window");
  const data = { id_type: "111", id_no: residentNumber(), name: "吴十" };
  const id = await create(clerk, data);
  const answer = await capture(clerk, id, data);
  assert.strictEqual(answer.headers.location, `/staff/people/${id}?done=used`);
  assert.notStrictEqual(captureOf(id), "0");
  const page = await clerk.get(answer.headers.location);
  assert.match(page.text, /照片已采集/);
  const photo = await clerk.get(`/staff/people/${id}/photos/${captureOf(id)}`);
  assert.strictEqual(photo.headers["content-type"], "image/jpeg");
  assert.strictEqual(photo.headers["cache-control"], "no-store");
  assert.ok(photo.body.length < 50 * 1024);
  /* The same again changes nothing; another is the second, and the first is kept. */
  assert.match((await capture(clerk, id, data)).headers.location, /done=same/);
  await capture(clerk, id, data, id + 1);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM identity_capture WHERE person_id = ${id}`), 2);
  /* Nobody else's photo by changing the address. */
  const other = await create(clerk, { id_type: "111", id_no: residentNumber(), name: "郑一" });
  assert.strictEqual((await clerk.get(`/staff/people/${other}/photos/${captureOf(id)}`)).status, 404);
});

test("another's card is refused", async () => {
  const clerk = await staff("window");
  const data = { id_type: "111", id_no: residentNumber(), name: "王二" };
  const id = await create(clerk, data);
  for (const card of [{ card_no: residentNumber(), card_name: data.name }, { card_no: data.id_no, card_name: "王三" },
    { card_no: "nonsense", card_name: data.name }]) {
    const answer = await send(clerk, id, portrait(id), { origin: "reader", ...card });
    assert.strictEqual(answer.status, 422);
    assert.match(answer.text, /读出的证件与该人员登记的姓名或证件号码不一致/);
  }
  assert.strictEqual(captureOf(id), "0");
});

test("what the page says of a card is believed only as a reader of ours signed it, for this clerk and person, just now", async () => {
  const [clerk, other] = [await staff("window", 1), await staff("window", 2)];
  const data = { id_type: "111", id_no: residentNumber(), name: "卫九" };
  const [id, second] = [await create(clerk, data), await create(clerk, { id_type: "111", id_no: residentNumber(), name: "蒋十" })];
  const card = { card_no: data.id_no, card_name: data.name };
  const challenge = async (who, person) => new Map(form(await who.get(`/staff/capture/${person}`), `/staff/capture/${person}`).fields).get("card_challenge");
  const own = await challenge(clerk, id);
  const late = Buffer.from(own, "base64url");
  late.writeBigUInt64BE(BigInt(Date.now() - 3600000));
  const rows = [[own, "AAAA"], [own, signed(own, { ...card, card_name: "卫八" })], [late.toString("base64url"), null],
    [await challenge(other, id), null], [await challenge(clerk, second), null], ["", null]];
  for (const [sent, signature] of rows) {
    const answer = await send(clerk, id, portrait(id), { origin: "reader", ...card, card_challenge: sent,
      card_signature: signature || signed(sent, card) });
    assert.strictEqual(answer.status, 422, answer.text);
    assert.match(answer.text, /读卡器的应答没有通过核验/);
  }
  assert.strictEqual(captureOf(id), "0");
  /* A reader that does not sign: another clerk looks. */
  const unsigned = await send(clerk, id, portrait(id), { origin: "reader", ...card, card_signature: "" });
  assert.match(unsigned.headers.location, /^\/staff\/proposals\//);
  assert.strictEqual(captureOf(id), "0");
  const page = await clerk.get(unsigned.headers.location);
  assert.strictEqual((await clerk.submit(page, form(page, `${unsigned.headers.location}/withdraw`))).status, 303);
  assert.match((await send(clerk, id, portrait(id + 1), { origin: "reader", ...card })).headers.location, /done=used/);
});

test("a passport, a typed number, a chosen file: another clerk looks, who may be a clerk or a reviewer", async () => {
  const clerk = await staff("window", 1);
  const data = { id_type: "111", id_no: residentNumber(), name: "冯三" };
  const rows = [
    [{ id_type: "414", id_no: passportNumber(), name: "JOHN SMITH", sex: "1", birth: "1980-01-31" }, { origin: "camera" }, ["window", 2]],
    [data, { origin: "file", card_no: data.id_no, card_name: data.name }, ["reviewer", 1]],
    [{ id_type: "111", id_no: residentNumber(), name: "陈四" }, { origin: "camera" }, ["window", 2]],
  ];
  for (const [person, values, [role, n]] of rows) {
    const id = await create(clerk, person);
    const sent = await send(clerk, id, portrait(id), values);
    assert.strictEqual(sent.status, 303);
    assert.match(sent.headers.location, /^\/staff\/proposals\//);
    assert.strictEqual(captureOf(id), "0");
    const own = await clerk.get(sent.headers.location);
    assert.ok(!own.forms.some((one) => one.action.endsWith("/decide")));
    const decided = await clerk.post(`${sent.headers.location}/decide`, [...form(own, `${sent.headers.location}/withdraw`).fields,
      ["decision", "approve"], ["text", ""]]);
    assert.strictEqual(decided.status, 403, decided.text);
    /* One at a time. */
    const again = await send(await staff("window", 2), id, portrait(id + 9), values);
    assert.strictEqual(again.status, 409);
    const second = await staff(role, n);
    const page = await second.get(sent.headers.location);
    assert.match(page.html, new RegExp(`/staff/people/${id}/photos/\\d+`));
    const done = await second.post(`${sent.headers.location}/decide`, filled(form(page, `${sent.headers.location}/decide`),
      { decision: "approve", text: "" }));
    assert.strictEqual(done.status, 303, done.text);
    assert.notStrictEqual(captureOf(id), "0");
  }
});

test("roles: who only looks, takes nothing", async () => {
  const clerk = await staff("window");
  const id = await create(clerk, { id_type: "111", id_no: residentNumber(), name: "褚五" });
  for (const role of ["reviewer", "decision", "auditor"]) {
    const one = await staff(role);
    assert.strictEqual((await one.get(`/staff/people/${id}`)).status, 200, role);
    assert.strictEqual((await one.get(`/staff/capture/${id}`)).status, 403, role);
    assert.strictEqual((await one.get("/staff/people/new")).status, 403, role);
    const home = await one.get("/staff/people/");
    assert.strictEqual((await one.post("/staff/people/", form(home, "/staff/people/find").fields)).status, 403, role);
  }
  const administrator = await staff("administrator");
  for (const url of ["/staff/people/", `/staff/people/${id}`, `/staff/capture/${id}`])
    assert.strictEqual((await administrator.get(url)).status, 403, url);
});

test("photos that are none are refused in words", async () => {
  const clerk = await staff("window");
  const id = await create(clerk, { id_type: "111", id_no: residentNumber(), name: "卫六" });
  const rows = [
    [portrait(1, { ground: [67, 142, 219] }), /背景有颜色/],
    [portrait(1, { ground: [180, 180, 180] }), /背景不是白色/],
    [portrait(1, { width: 413, height: 413 }), /1 寸的比例/],
    [portrait(1, { width: 120, height: 168 }), /太小/],
    [portrait(1).subarray(0, 900), /不完整/],
    [Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), /不是 JPEG/],
  ];
  for (const [bytes, words] of rows) {
    const answer = await send(clerk, id, bytes);
    assert.strictEqual(answer.status, 422);
    assert.match(answer.text, words);
  }
  const none = await clerk.get(`/staff/capture/${id}`);
  const { multipart } = require("../lib/multipart");
  const empty = await clerk.request("POST", `/staff/capture/${id}`, multipart(form(none, `/staff/capture/${id}`).fields
    .filter(([name]) => name !== "photo")));
  assert.strictEqual(empty.status, 422);
  assert.match(empty.text, /请选择照片/);
  assert.strictEqual(captureOf(id), "0");
});
