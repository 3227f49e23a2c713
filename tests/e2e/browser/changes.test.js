"use strict";
/* Changes of a firm in Chromium, each to its end: somebody who comes from another firm, a new name
 * on all certificates while the page looks on, while it is shut, and without scripts; and a
 * departure by keyboard alone. */

const assert = require("assert");
const test = require("node:test");
const { open, close, look, fits, renewed, tabTo } = require("../lib/browser");
const { rename, insure } = require("../lib/registers");
const system = require("../lib/system");
const world = require("../lib/world");

const [lender, taker, watched, shut, plain, typist] = world.firms(6, 3);

test.afterEach(() => issuer("SIGCONT"));
test.after(close);

async function loggedIn(firm, options) {
  const page = await open(firm, options);
  await page.goto(`${system.login}/login/certificate`);
  return page;
}

/* All papers of a firm are electronic certificates, and made. */
async function exchanged(firm) {
  const client = await world.loggedIn(firm);
  await world.made(client, (await world.exchange(client)).headers.location);
  client.close();
}

function issuer(signal) {
  const pid = system.pid("ecert-issuerd");
  for (const one of [pid, ...system.children(pid)]) process.kill(one, signal);
}

const named = (firm) => system.sqlNumber(`SELECT COUNT(*) FROM certificate WHERE version = 2 AND state = '01'
  AND generation = 2 AND enterprise_name = '${firm.name}'`);

async function fill(box, person) {
  await box.locator("select[name=id_type]").selectOption("111");
  await box.locator("input[name=id_no]").fill(person.idNo);
  await box.locator("input[name=name]").fill(person.name);
}

test("somebody comes from another firm, which is told", async () => {
  const [person, stays] = lender.people;
  await exchanged(lender);
  insure(taker, person);
  const page = await loggedIn(taker);
  await page.click("nav >> text=电子证书变更");
  await page.click("button:has-text('企业隶属关系变更')");
  await page.waitForSelector("dialog[open]");
  await look(page, "transfer-box");
  await fill(page.locator("dialog"), stays);
  await page.click("dialog[open] button:has-text('查询')");
  await page.getByText("暂不能").first().waitFor();
  assert.match(await page.textContent("main"), /已为该人员缴纳社会保险/);
  page.problems.length = 0;
  await look(page, "transfer-refused");
  await page.goto(`${system.site}/transfer/new`);
  await fill(page.locator("main"), person);
  await page.click("main form button.button");
  await page.getByRole("button", { name: "确认变更" }).waitFor();
  assert.ok((await page.textContent("main")).includes(person.number));
  await look(page, "transfer-check");
  await fits(page);
  await page.getByRole("button", { name: "确认变更" }).click();
  await page.waitForURL(/\/matters\/LS/);
  await page.getByText("电子证书已生成").waitFor({ timeout: 60000 });
  await look(page, "transfer-done");
  await page.click("nav >> text=电子证书变更");
  await page.getByText(person.name).waitFor();
  await look(page, "transfer-record");
  await page.context().close();

  const before = await loggedIn(lender);
  assert.ok((await before.textContent("main")).includes(person.name));
  await look(before, "transfer-left-home");
  await before.click("nav >> text=电子证书变更");
  await before.click("tbody th a");
  await before.getByText("证书已调出至其他企业").waitFor();
  await look(before, "transfer-left");
  await before.context().close();
});

/* Clicks as far as the matter. */
async function startRename(page) {
  await page.click("nav >> text=电子证书变更");
  await page.click("a:has-text('企业名称变更')");
  await page.waitForURL(/\/rename\/$/);
  await page.click("button:has-text('确认变更')");
  await page.getByText(/将更名\s*3\s*本/).waitFor();
}

test("a firm's new name, with the page looking on", async () => {
  await exchanged(watched);
  rename(watched, `${watched.name.replace("建设", "建设发展")}`);
  const page = await loggedIn(watched);
  issuer("SIGSTOP");
  await startRename(page);
  await look(page, "rename-confirm");
  await page.click("dialog[open] button:has-text('完成')");
  await page.waitForURL(/\/matters\//);
  await page.getByText("正在办理企业名称变更").waitFor();
  await look(page, "rename-running");
  await page.evaluate(() => { window.sameDocument = true; });
  issuer("SIGCONT");
  await page.getByText("企业名称变更已完成").waitFor({ timeout: 60000 });
  assert.ok(await page.evaluate(() => window.sameDocument), "the page renewed itself, it was not loaded again");
  assert.match(await page.title(), /^企业名称变更已完成/);
  assert.strictEqual(await page.locator("a:has-text('查看并下载')").count(), 3);
  assert.strictEqual(named(watched), 3);
  await look(page, "rename-done");
  await fits(page);
  await page.context().close();
});

test("a firm's new name, with the browser shut meanwhile", async () => {
  await exchanged(shut);
  rename(shut, shut.name.replace("建设", "工程"));
  const page = await loggedIn(shut);
  issuer("SIGSTOP");
  await startRename(page);
  await page.click("dialog[open] button:has-text('完成')");
  await page.waitForURL(/\/matters\//);
  const matter = page.url();
  await page.context().close();

  const again = await loggedIn(shut);
  await again.goto(`${system.site}/rename/`);
  await again.getByText("名称变更正在办理").waitFor();
  assert.strictEqual(await again.locator("button:has-text('确认变更')").count(), 0);
  await look(again, "rename-under-way");
  await again.click("main a[href^='/matters/']");
  assert.strictEqual(again.url(), matter);
  await again.context().close();
  issuer("SIGCONT");
  await system.until("the rename", 60, () => named(shut) === 3);

  const later = await loggedIn(shut);
  await later.goto(matter);
  await later.getByText("企业名称变更已完成").waitFor({ timeout: 60000 });
  await later.context().close();
});

test("a firm's new name, without scripts", async () => {
  await exchanged(plain);
  rename(plain, plain.name.replace("建设", "安装"));
  const page = await loggedIn(plain, { javaScriptEnabled: false });
  issuer("SIGSTOP");
  await startRename(page);
  assert.match(page.url(), /\/rename\/confirm/);
  await page.click("button:has-text('完成')");
  await page.waitForURL(/\/matters\//);
  assert.match(await page.textContent("main"), /正在办理企业名称变更[\s\S]*已更名 0 本，共 3 本/);
  issuer("SIGCONT");
  await renewed(page, "企业名称变更已完成");
  assert.strictEqual(named(plain), 3);
  await page.context().close();
});

test("a departure by keyboard alone", async () => {
  const [person] = typist.people;
  const press = (key) => page.keyboard.press(key);
  const type = async (label, text) => {
    await tabTo(page, label);
    await page.keyboard.type(text);
  };
  const inDialog = () => page.evaluate(() => document.querySelector("dialog[open]").contains(document.activeElement));
  await exchanged(typist);
  const page = await loggedIn(typist);
  await tabTo(page, "出具离沪证明");
  await press("Enter");
  await page.waitForURL(/\/departure\/$/);
  await tabTo(page, "出具离沪证明", "BUTTON");
  await press("Enter");
  await page.waitForSelector("dialog[open]");
  assert.ok(await inDialog());
  await look(page, "departure-box");
  await type("证件号码", person.idNo);
  await type("姓名", person.name);
  await press("Enter");
  await page.waitForURL(/\/departure\/LH/);
  await look(page, "departure-check");
  await type("转往省市", "江苏省");
  await tabTo(page, "确认离沪");
  await press("Enter");
  await page.waitForSelector("dialog[open]");
  assert.ok(await inDialog());
  await look(page, "departure-confirm");
  await press("Escape");
  assert.strictEqual(await page.locator("dialog[open]").count(), 0);
  assert.ok(await page.evaluate(() => document.activeElement.textContent.includes("确认离沪")), "the focus is back");
  await press("Enter");
  await page.waitForSelector("dialog[open]");
  await tabTo(page, "确认离沪");
  await press("Enter");
  await page.waitForURL(/\/matters\/LH/);
  await page.getByText("下载离沪证明").waitFor({ timeout: 60000 });
  await look(page, "departure-done");
  await page.context().close();
});
