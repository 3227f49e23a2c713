"use strict";
/* The other ways through the items that begin with a person or a new name: by keyboard alone, and without
 * scripts, each to its end. What is done with the mouse, and the rest of the items, is in the files beside. */

const assert = require("assert");
const test = require("node:test");
const { open, close, look, fits, renewed, tabTo } = require("../lib/browser");
const { evidence, insure, rename } = require("../lib/registers");
const { pkcs12 } = require("../lib/pki");
const system = require("../lib/system");
const world = require("../lib/world");

const PASSWORD = "12345678";
const [typist, plain, lender] = world.firms(3, 4);
test.after(close);

const held = (number) => system.sql(`SELECT state, version, enterprise_name FROM certificate WHERE number = '${number}'`)[0];
const madeOf = (person, cls) => system.sqlNumber(`SELECT COUNT(*) FROM certificate c JOIN enterprise e ON e.id = c.enterprise_id
  JOIN certificate d ON d.person_id = c.person_id AND d.number = '${person.number}' WHERE c.class = '${cls}' AND c.state = '01'`);

test("all papers are electronic, and the evidence is there", async () => {
  for (const firm of [typist, plain, lender]) {
    const client = await world.loggedIn(firm);
    await world.made(client, (await world.exchange(client)).headers.location);
    client.close();
  }
  evidence({
    exams: [typist, plain].map((firm) => ({ firm, person: firm.people[0], kind: "B", post: "07" })),
    insured: [typist, plain].map((firm) => ({ firm, person: firm.people[0] })),
  });
  insure(typist, lender.people[0]);
  insure(plain, lender.people[1]);
});

async function loggedIn(firm, options) {
  const page = await open(firm, options);
  await page.goto(`${system.login}/login/certificate`);
  return page;
}

/* By keyboard */

const enter = (page) => page.keyboard.press("Enter");

/* From the menu to what was found of the person. */
async function typed(page, menu, button, person, more = async () => {}) {
  await tabTo(page, menu, "A");
  await enter(page);
  await tabTo(page, button, "BUTTON");
  await enter(page);
  await page.waitForSelector("dialog[open]");
  await tabTo(page, "证件号码", "INPUT");
  await page.keyboard.type(person.idNo);
  await tabTo(page, "姓名", "INPUT");
  await page.keyboard.type(person.name);
  await more();
  await enter(page);
  await page.waitForURL(/\/[A-Z]{2}\d{8}-\d{8}$/);
}

async function pressed(page, what) {
  await tabTo(page, what, "BUTTON");
  await enter(page);
}

test("an application by keyboard alone", async () => {
  const [person] = typist.people;
  const page = await loggedIn(typist);
  await typed(page, "电子证书申领", "证书申领", person, async () => {
    await tabTo(page, "法定代表人A证", "INPUT");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
  });
  assert.match(await page.textContent("main"), /将要办理：初次申领[\s\S]*项目负责人/);
  await pressed(page, "确认");
  await page.waitForURL(/\/matters\//);
  await page.getByText("电子证书已生成").waitFor();
  assert.strictEqual(madeOf(person, "B"), 1);
  await page.context().close();
});

test("a transfer by keyboard alone", async () => {
  const [person] = lender.people;
  const page = await loggedIn(typist);
  await typed(page, "电子证书变更", "企业隶属关系变更", person);
  await pressed(page, "确认变更");
  await page.waitForURL(/\/matters\/LS/);
  await page.getByText("电子证书已生成").waitFor();
  assert.deepStrictEqual(held(person.number), ["01", "2", typist.name]);
  await page.context().close();
});

test("a cancellation by keyboard alone, signed with a key from a file", async () => {
  const [, person] = typist.people;
  const page = await loggedIn(typist);
  await typed(page, "电子证书注销", "证书注销", person);
  await tabTo(page, "解除聘用合同关系", "INPUT");
  await page.keyboard.press("Space");
  await pressed(page, "确认注销");
  await page.waitForSelector("dialog[open]");
  await pressed(page, "确认注销");
  await page.waitForURL(/\/cancel\/ZX.*\/sign$/);
  await page.locator("button:has-text('请点击此按钮完成签署')").waitFor();
  await pressed(page, "请点击此按钮完成签署");
  await page.waitForSelector("dialog#key[open]");
  await tabTo(page, "法人一证通", "INPUT");
  await page.keyboard.press("ArrowDown");
  /* What the dialog of the operating system would yield. */
  await page.setInputFiles("#key-file", pkcs12(typist, PASSWORD));
  await tabTo(page, "密码", "INPUT");
  await page.keyboard.type(PASSWORD);
  await enter(page);
  await page.waitForURL(/\/matters\/ZX/);
  await page.getByText("证书注销申请表已完成电子签名").waitFor();
  assert.strictEqual(held(person.number)[0], "04");
  await page.context().close();
});

test("a new name by keyboard alone", async () => {
  rename(typist, typist.name.replace("建设", "键盘"));
  const page = await loggedIn(typist);
  await tabTo(page, "电子证书变更", "A");
  await enter(page);
  await tabTo(page, "企业名称变更", "A");
  await enter(page);
  await page.waitForURL(/\/rename\/$/);
  await pressed(page, "确认变更");
  await page.waitForSelector("dialog[open]");
  await pressed(page, "完成");
  await page.waitForURL(/\/matters\//);
  await page.getByText("企业名称变更已完成").waitFor();
  assert.deepStrictEqual(held(typist.people[2].number), ["01", "2", typist.name]);
  await page.context().close();
});

/* Without scripts */

/* From the menu to what was found of the person. */
async function filled(page, menu, button, person, wish) {
  await page.click(`nav >> text=${menu}`);
  await page.click(`main :is(a, button):has-text('${button}')`);
  await page.waitForURL(/\/new\??$/);
  await page.selectOption("select[name=id_type]", "111");
  await page.fill("input[name=id_no]", person.idNo);
  await page.fill("input[name=name]", person.name);
  if (wish) await page.check(`input[name=wish][value=${wish}]`);
  await page.click("main form button:has-text('查询')");
  await page.waitForURL(/\/[A-Z]{2}\d{8}-\d{8}$/);
}

test("an application without scripts", async () => {
  const [person] = plain.people;
  const page = await loggedIn(plain, { javaScriptEnabled: false });
  await filled(page, "电子证书申领", "证书申领", person, "B");
  await page.getByRole("button", { name: "确认", exact: true }).click();
  await page.waitForURL(/\/matters\//);
  await renewed(page, "电子证书已生成");
  assert.strictEqual(madeOf(person, "B"), 1);
  await page.context().close();
});

test("a transfer without scripts", async () => {
  const [, person] = lender.people;
  const page = await loggedIn(plain, { javaScriptEnabled: false });
  await filled(page, "电子证书变更", "企业隶属关系变更", person);
  await page.getByRole("button", { name: "确认变更" }).click();
  await page.waitForURL(/\/matters\/LS/);
  await renewed(page, "电子证书已生成");
  assert.deepStrictEqual(held(person.number), ["01", "2", plain.name]);
  await page.context().close();
});

test("a cancellation without scripts goes as far as the signature, and back", async () => {
  const [, person] = plain.people;
  const page = await loggedIn(plain, { javaScriptEnabled: false });
  await filled(page, "电子证书注销", "证书注销", person);
  await page.check("input[name=reason][value='01']");
  await page.getByRole("button", { name: "确认注销" }).click();
  await page.waitForURL(/\/confirm\?/);
  assert.strictEqual(held(person.number)[0], "01");
  await page.getByRole("button", { name: "确认注销" }).click();
  await page.waitForURL(/\/cancel\/ZX.*\/sign$/);
  await renewed(page, "签署需要浏览器运行脚本");
  await fits(page);
  const form = await page.context().request.get(system.site + await page.getByText("查看注销申请表").getAttribute("href"));
  assert.strictEqual((await form.body()).subarray(0, 5).toString(), "%PDF-");
  await page.getByRole("button", { name: "撤回注销申请" }).click();
  await page.waitForURL(/\/cancel\/$/);
  assert.match(await page.textContent("tbody"), /已撤回/);
  assert.strictEqual(held(person.number)[0], "01");
  await page.context().close();
});

/* What ended is refused by rule, on a page of its own that stays among the records. */
test("a cancellation of what ended is a page of reasons", async () => {
  const [, person] = typist.people;
  const page = await loggedIn(typist);
  await page.goto(`${system.site}/cancel/new`);
  await page.fill("main input[name=id_no]", person.idNo);
  await page.fill("main input[name=name]", person.name);
  await page.click("main form button:has-text('查询')");
  await page.getByText("只有状态为有效的证书可以办理").waitFor();
  page.problems.length = 0; /* Chromium notes the 409 */
  await look(page, "cancel-refused");
  await page.goto(`${system.site}/cancel/?state=refused`);
  assert.match(await page.textContent("tbody"), new RegExp(person.name));
  await page.context().close();
});
