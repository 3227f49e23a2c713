"use strict";
/* The register of enterprises through the window: found, corrected by two reviewers, and what follows;
 * and a person's evidence, to be read only. */

const assert = require("assert");
const test = require("node:test");
const system = require("../lib/system");
const { staff } = require("../lib/staff");
const registers = require("../lib/registers");

/* The firm may have got another name meanwhile: its code leads to it. */
const page = async (client, firm) =>
  client.get(`/staff/enterprises/?name=${encodeURIComponent(firm.uscc)}`);
const place = async (client, firm) => new URL((await page(client, firm)).url).pathname;

/* The correction's form with other values. */
async function correct(client, firm, more) {
  const answer = await client.get(`${await place(client, firm)}/correct`);
  const form = answer.forms.find((one) => one.action.endsWith("/correct") && one.method === "POST");
  const fields = new Map(form.fields);
  for (const [, name, inside] of answer.html.matchAll(/<select[^>]* name="(\w+)"[^>]*>(.*?)<\/select>/gs))
    fields.set(name, (inside.match(/value="(\w*)" selected/) || ["", ""])[1]);
  for (const [name, value] of Object.entries({ reason: "工商变更登记", ...more })) fields.set(name, value);
  return client.post(form.action, [...fields]);
}

async function decide(client, location, decision = "approve") {
  const answer = await client.get(location);
  const form = answer.forms.find((one) => one.action.endsWith("/decide"));
  if (!form) return answer;
  const fields = form.fields.filter(([name]) => name.startsWith("_"));
  return client.post(`${location}/decide`, [...fields, ["decision", decision], ["text", "核对无误"]]);
}

test("firms are found by name and by code", async () => {
  const client = await staff("window");
  const [firm] = registers.firms(1, 2, { photo: false });
  const found = await page(client, firm);
  assert.match(found.url, /\/staff\/enterprises\/\d+$/);
  assert.ok(found.text.includes(firm.name) && found.text.includes("该企业没有电子证书"));
  const list = await client.get(`/staff/enterprises/?name=${encodeURIComponent(firm.name.slice(0, -2))}`);
  assert.ok(list.text.includes(firm.uscc));
  assert.strictEqual((await client.get("/staff/enterprises/?name=%25")).status, 200);
  assert.ok((await client.get("/staff/enterprises/?name=%25")).text.includes("没有查询到"));
  assert.strictEqual((await client.get("/staff/enterprises/999999999")).status, 404);
  /* By key, page by page, without a firm twice. */
  const seen = new Set();
  let next = "/staff/enterprises/";
  for (let i = 0; i < 4 && next; i++) {
    const one = await client.get(next);
    const links = [...one.html.matchAll(/href="(\/staff\/enterprises\/\d+)"/g)].map((m) => m[1]);
    for (const link of links) { assert.ok(!seen.has(link)); seen.add(link); }
    const on = one.html.match(/rel="next" href="([^"]+)"/);
    next = on ? `/staff/enterprises/${on[1].replace(/&amp;/g, "&").replace(/^.*\?/, "?")}` : null;
  }
  assert.ok(seen.size > 0);
});

test("a correction is one reviewer's word until another decides it", async () => {
  const [one, two] = [await staff("reviewer", 1), await staff("reviewer", 2)];
  const [firm] = registers.firms(1, 1, { photo: false });
  const name = `${firm.name.replace("有限公司", "")}新名有限公司`;
  const number = registers.residentId(99990, 1, "1970-01-01");
  const answer = await correct(one, firm, { name, rep_name: "新法人" });
  assert.strictEqual(answer.status, 303, answer.text);
  const location = answer.headers.location;
  assert.match(location, /^\/staff\/proposals\//);
  const before = system.sql(`SELECT name, legal_rep_name FROM enterprise WHERE uscc = '${firm.uscc}'`)[0];
  assert.deepStrictEqual(before, [firm.name, "测试法人"]);
  const shown = await two.get(location);
  assert.ok(shown.text.includes(name) && shown.text.includes(firm.name) && !shown.html.includes(number));
  /* The same object twice, and by the same person. */
  assert.strictEqual((await correct(two, firm, { name: `${name}二` })).status, 409);
  assert.ok(!(await one.get(location)).forms.some((form) => form.action.endsWith("/decide")));
  const done = await decide(two, location);
  assert.strictEqual(done.status, 303, done.text);
  const after = system.sql(`SELECT name, legal_rep_name, legal_rep_id_type, legal_rep_id_hash IS NOT NULL
    FROM enterprise WHERE uscc = '${firm.uscc}'`)[0];
  assert.deepStrictEqual(after, [name, "新法人", "111", "1"]);
  const history = await page(one, firm);
  for (const word of ["企业名称", firm.name, name, "测试法人", "新法人", "工商变更登记", one.account.name, two.account.name])
    assert.ok(history.text.includes(word), word);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM audit_event a JOIN enterprise e ON e.id = a.object_id
    WHERE a.action = 'enterprise.correct' AND e.uscc = '${firm.uscc}'`), 1);
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
});

test("a form that was filled in before the register changed proposes nothing back", async () => {
  const one = await staff("reviewer", 1);
  const [firm] = registers.firms(1, 1, { photo: false });
  const where = `enterprise WHERE uscc = '${firm.uscc}'`;
  const answer = await one.get(`${await place(one, firm)}/correct`);
  system.sql(`UPDATE enterprise SET province = '苏', updated_at = updated_at + INTERVAL 1 SECOND WHERE uscc = '${firm.uscc}'`);
  const form = answer.forms.find((each) => each.action.endsWith("/correct"));
  const fields = new Map(form.fields);
  for (const [name, value] of [["region", "local"], ["name", `${firm.name}新`], ["reason", "工商变更登记"]]) fields.set(name, value);
  const late = await one.post(form.action, [...fields]);
  assert.strictEqual(late.status, 409, late.text);
  assert.match(late.text, /登记内容已经变化/);
  assert.ok(late.links.includes(form.action));
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM proposal WHERE enterprise_id = (SELECT id FROM ${where})`), 0);
  assert.strictEqual((await correct(one, firm, { name: `${firm.name}新` })).status, 303);
});

test("a number stays sealed and masked, and its hash is the one by which R8 finds the person", async () => {
  const [one, two] = [await staff("reviewer", 1), await staff("reviewer", 2)];
  const [firm] = registers.firms(1, 1, { photo: false });
  const [person] = firm.people;
  const answer = await correct(one, firm, { rep_name: person.name, rep_type: "111", rep_no: person.idNo });
  assert.strictEqual(answer.status, 303, answer.text);
  assert.ok(!(await two.get(answer.headers.location)).html.includes(person.idNo));
  assert.strictEqual((await decide(two, answer.headers.location)).status, 303);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM enterprise e JOIN person p
    ON p.id_type = e.legal_rep_id_type AND p.id_no_hash = e.legal_rep_id_hash AND p.name = e.legal_rep_name
    WHERE e.uscc = '${firm.uscc}' AND p.name = '${person.name}'`), 1);
  assert.ok(!(await page(one, firm)).html.includes(person.idNo));
});

test("wrong corrections are told field by field", async () => {
  const client = await staff("reviewer");
  const [firm] = registers.firms(1, 1, { photo: false });
  const cases = [
    [{ name: "x" }, "企业名称"],
    [{ rep_type: "111", rep_no: "123" }, "法定代表人证件号码"],
    [{ rep_type: "414" }, "法定代表人证件号码"],
    [{ reason: "" }, "更正原因"],
    [{ region: "mars" }, "属地"],
    [{}, "没有更改任何内容"],
  ];
  for (const [more, word] of cases) {
    const answer = await correct(client, firm, more);
    assert.strictEqual(answer.status, 422, JSON.stringify(more));
    assert.ok(answer.text.includes("错误：") && answer.text.includes(word), answer.text);
  }
});

test("a correction overtaken by an import is not applied", async () => {
  const [one, two] = [await staff("reviewer", 1), await staff("reviewer", 2)];
  const [firm] = registers.firms(1, 1, { photo: false });
  const answer = await correct(one, firm, { name: `${firm.name}甲` });
  registers.rename(firm, firm.name.replace("建设", "建筑"));
  const late = await decide(two, answer.headers.location);
  assert.ok(late.status === 409 || late.text.includes("“企业名称”已经改动"), late.text);
  assert.strictEqual(system.sql(`SELECT name FROM enterprise WHERE uscc = '${firm.uscc}'`)[0][0], firm.name);
});

test("a person's evidence is shown, by a number that stands in no address", async () => {
  const client = await staff("window");
  const [firm] = registers.firms(1, 1, { photo: false });
  const [person] = firm.people;
  registers.evidence({
    exams: [{ firm, person, kind: "B", post: "07" }], insured: [{ firm, person }], educated: [{ firm, person, kind: "B" }],
  });
  const form = (await client.get("/staff/evidence/")).forms.find((one) => one.action === "/staff/evidence/");
  const fields = form.fields.filter(([name]) => name.startsWith("_"));
  const answer = await client.post("/staff/evidence/", [...fields, ["id_type", "111"], ["id_no", person.idNo]]);
  assert.strictEqual(answer.status, 303, answer.text);
  const shown = await client.get(answer.headers.location);
  for (const word of [person.name, firm.name, "测试继续教育中心", "90 分，合格", "未使用"]) assert.ok(shown.text.includes(word), word);
  assert.ok(!shown.html.includes(person.idNo) && !answer.headers.location.includes(person.idNo));
  assert.strictEqual(shown.forms.filter((one) => one.method === "POST" && one.action.includes("evidence")).length, 0);
  const nobody = await client.post("/staff/evidence/",
    [...fields, ["id_type", "111"], ["id_no", registers.residentId(39999, 2, "1969-09-09")]]);
  assert.strictEqual(nobody.status, 422);
  assert.ok(nobody.text.includes("登记册中没有这个人员"));
});
