"use strict";
/* A clerk's day in Chromium: with scripts, without them, and by keyboard alone. */

const assert = require("assert");
const fs = require("fs");
const test = require("node:test");
const system = require("../lib/system");
const { firms } = require("../lib/world");
const { open, close, look, fits, tabTo } = require("../lib/browser");

const [clerk, plain, typist] = firms(3, 3);
const [waiting] = firms(1, 1, { photo: false });
test.after(close);

async function download(page, link) {
  const [file] = await Promise.all([page.waitForEvent("download"), link.click({ modifiers: [] })]);
  return { name: file.suggestedFilename(), bytes: fs.readFileSync(await file.path()) };
}

test("the whole path: log in, choose, be shown, be warned, exchange, wait, look, download", async () => {
  const page = await open(clerk);
  await page.goto(system.site);
  await look(page, "01-welcome");
  await page.click("a.button:has-text('企业用户登录')");
  await look(page, "02-login");
  await page.click("a.button:has-text('用浏览器的证书窗口登录')");
  await page.waitForURL(`${system.site}/`);
  assert.ok((await page.textContent("header")).includes(clerk.name));
  await look(page, "03-home");

  await page.click("nav >> text=纸质证书换领电子证书");
  await look(page, "04-exchange");
  await page.check(`tr:has-text("${clerk.people[0].number}") input[type=checkbox]`);
  await page.check(`tr:has-text("${clerk.people[1].number}") input[type=checkbox]`);
  await page.click("button:has-text('换领电子证书')");
  await page.waitForURL(/\/exchange\/check/);
  for (const person of clerk.people.slice(0, 2)) assert.ok((await page.textContent("main")).includes(person.number));
  assert.ok(await page.evaluate(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)));
  await look(page, "05-check");
  await page.click("button:has-text('确定')");
  await page.waitForSelector("dialog[open]");
  await look(page, "06-confirm");
  await page.click("dialog[open] button:has-text('是，我要换证')");
  await page.waitForURL(/\/matters\//);
  await look(page, "07-matter");
  await page.waitForSelector("text=电子证书已生成", { timeout: 60000 });
  await look(page, "08-made");

  await page.click("nav >> text=三类人员电子证书查询");
  await look(page, "09-certificates");
  await page.fill("input[name=name]", clerk.people[0].name);
  await page.click("button:has-text('查询')");
  assert.ok((await page.textContent("table")).includes(clerk.people[0].number));
  await page.click(`a:has-text("${clerk.people[0].number}")`);
  await look(page, "10-certificate");
  const file = await download(page, page.locator("a:has-text('查看并下载')"));
  assert.strictEqual(file.name, `${clerk.people[0].number}.pdf`);
  assert.strictEqual(file.bytes.subarray(0, 5).toString(), "%PDF-");
  await page.click("header button:has-text('退出')");
  await look(page, "11-logout");
  await page.context().close();
});

test("a closed dialog changes nothing, and the browser's Back leads nowhere wrong", async () => {
  const page = await open(clerk);
  await page.goto(`${system.login}/login/certificate?next=/exchange/`);
  await page.click(`tr:has-text("${clerk.people[2].number}") a`);
  await page.click("button:has-text('确定')");
  await page.waitForSelector("dialog[open]");
  await page.keyboard.press("Escape");
  assert.strictEqual(await page.locator("dialog[open]").count(), 0);
  await page.goBack();
  assert.ok((await page.textContent("main")).includes(clerk.people[2].number));
  await page.context().close();
});

test("a double click asks for one dialog, and confirms nothing in it", async () => {
  const page = await open(clerk);
  await page.goto(`${system.login}/login/certificate?next=/exchange/`);
  await page.click(`tr:has-text("${clerk.people[2].number}") a`);
  const asked = page.waitForResponse(/\/exchange\/confirm/);
  await page.locator("button:has-text('确定')").dblclick();
  await asked;
  await page.waitForSelector("dialog[open]");
  await page.waitForLoadState("networkidle");
  assert.strictEqual(await page.locator("dialog").count(), 1);
  await page.locator("dialog button:has-text('是，我要换证')").dispatchEvent("click", { detail: 2, bubbles: true, cancelable: true });
  assert.match(page.url(), /\/exchange\/check/);
  await page.keyboard.press("Escape");
  await page.locator("button:has-text('确定')").click();
  await page.waitForSelector("dialog[open]");
  assert.strictEqual(await page.locator("dialog").count(), 1);
  await page.context().close();
});

test("nothing ticked: the error is in front, has the focus, and leads to the list", async () => {
  const page = await open(clerk);
  await page.goto(`${system.login}/login/certificate?next=/exchange/`);
  await page.click("button:has-text('换领电子证书')");
  await page.waitForSelector("#errors");
  assert.ok((await page.title()).startsWith("错误："));
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), "errors");
  page.problems.length = 0; /* Chromium notes the 422 */
  await look(page, "12-nothing-ticked");
  await page.context().close();
});

test("a refusal by rule is a page that says what to do", async () => {
  const page = await open(waiting);
  await page.goto(`${system.login}/login/certificate?next=/exchange/`);
  await page.click("tbody a");
  await page.waitForSelector("text=暂不能办理");
  page.problems.length = 0;
  await look(page, "13-refused");
  await page.context().close();
});

test("login without a certificate, and pages that are not there, say so readably", async () => {
  const page = await open(null);
  await page.goto(`${system.login}/login/certificate`);
  page.problems.length = 0;
  await look(page, "14-no-certificate");
  await page.goto(`${system.site}/nowhere`);
  page.problems.length = 0;
  await look(page, "15-not-found");
  for (const topic of ["", "login", "exchange", "certificates", "verify", "questions"]) {
    await page.goto(`${system.site}/help/${topic}`);
    await look(page, `16-help-${topic || "index"}`);
  }
  await page.context().close();
});

test("without scripts the same path ends the same", async () => {
  const page = await open(plain, { javaScriptEnabled: false });
  await page.goto(`${system.login}/login/certificate`);
  await page.click("nav >> text=纸质证书换领电子证书");
  await page.click("tbody tr:first-child a");
  await page.click("button:has-text('确定')");
  assert.match(page.url(), /\/exchange\/confirm/);
  await page.screenshot({ path: `${system.shots}/17-plain-confirm.png` });
  await page.click("button:has-text('是，我要换证')");
  assert.match(page.url(), /\/matters\//);
  await page.waitForSelector("text=电子证书已生成", { timeout: 60000 }); /* the page renews itself */
  const file = await download(page, page.locator("a:has-text('查看并下载')").first());
  assert.strictEqual(file.bytes.subarray(0, 5).toString(), "%PDF-");
  await page.context().close();
});

test("a list on paper stays a table, and fits", async () => {
  const page = await open(clerk, { viewport: { width: 700, height: 800 } }); /* A4 between its margins */
  await page.goto(`${system.login}/login/certificate?next=/exchange/`);
  const shown = () => page.evaluate(() => getComputedStyle(document.querySelector(".papers tbody td")).display);
  assert.strictEqual(await shown(), "block"); /* as on a phone */
  await page.emulateMedia({ media: "print" });
  assert.strictEqual(await shown(), "table-cell");
  assert.ok(await page.isHidden(".papers tbody input"));
  await fits(page);
  await page.context().close();
});

test("by keyboard alone", async () => {
  const page = await open(typist);
  await page.goto(`${system.login}/login/certificate`);
  await tabTo(page, "跳到主要内容");
  await tabTo(page, "纸质证书换领电子证书");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/exchange\//);
  await tabTo(page, typist.people[0].name);
  await page.keyboard.press("Space");
  assert.ok(await page.isChecked(`input[aria-label="${typist.people[0].name}"]`));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/exchange\/check/);
  await tabTo(page, "确定");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog[open]");
  assert.ok(await page.evaluate(() => document.querySelector("dialog[open]").contains(document.activeElement)));
  for (let i = 0; i < 5 && !(await page.evaluate(() => document.activeElement.textContent)).includes("是，我要换证"); i++)
    await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/matters\//);
  await page.context().close();
});

test("nothing is lost at 200 % zoom", async () => {
  const page = await open(typist, { viewport: { width: 640, height: 400 } });
  await page.goto(`${system.login}/login/certificate`);
  for (const path of ["/", "/exchange/", "/certificates/", "/help/"]) {
    await page.goto(system.site + path);
    await fits(page);
  }
  await page.context().close();
});
