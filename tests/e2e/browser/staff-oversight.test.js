"use strict";
/* Oversight in a browser: from the search to the history and its print, the audit's log, statistics,
 * the board of jobs, a notice that a firm sees; by keyboard where there is a form. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");
const test = require("node:test");
const system = require("../lib/system");
const { staffPage } = require("../lib/staff");
const { firms, loggedIn, exchange, made } = require("../lib/world");
const { open, close, look, fits, tabTo } = require("../lib/browser");

const [firm] = firms(1, 1);
let certificate;
test.after(close);

test("a certificate to look for", async () => {
  const client = await loggedIn(firm);
  const matter = (await exchange(client)).headers.location;
  await made(client, matter);
  const [[id, number, person]] = system.sql(`SELECT c.id, c.number, c.person_id FROM certificate c
    JOIN enterprise e ON e.id = c.enterprise_id WHERE e.uscc = '${firm.uscc}'`);
  certificate = { id, number, person };
});

test("a person's data are handed out as often as they are asked for", async () => {
  const page = await staffPage("reviewer");
  await page.goto(`${system.site}/staff/people/${certificate.person}`);
  for (let i = 0; i < 2; i++) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=导出该人员的全部数据")]);
    assert.match(file.suggestedFilename(), /\.zip$/);
    await file.path();
  }
  await page.close();
});

test("an auditor searches by keyboard, opens the history, and prints it", async () => {
  const page = await staffPage("auditor");
  await page.goto(`${system.site}/staff/search/`);
  await look(page, "oversight-search");
  await tabTo(page, "查询内容", "INPUT");
  await page.keyboard.type(certificate.number.replace("（", "(").replace("）", ")"));
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=电子证书");
  await look(page, "oversight-found");
  await tabTo(page, certificate.number, "A");
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('历史')");
  await look(page, "oversight-certificate");
  await page.click(`main dl a`);
  await page.waitForSelector("text=名下证书");
  await look(page, "oversight-person");
  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.click("text=打印全部历史");
  await page.waitForSelector("text=返回屏幕显示");
  const file = path.join(system.shots, "oversight-person.pdf");
  await page.pdf({ path: file, format: "A4", printBackground: false });
  const text = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).stdout;
  for (const words of ["历史记录", "打印时间", firm.people[0].name, certificate.number])
    assert.ok(text.includes(words), `${words} is not in print:\n${text}`);
  assert.ok(!text.includes("工作首页") && !text.includes("操作手册"), `the menu is printed:\n${text}`);
  spawnSync("pdftoppm", ["-r", "70", "-png", file, path.join(system.shots, "oversight-print")]);
  assert.ok(fs.existsSync(file));
  await page.context().close();
});

test("the audit's log, and its verification", async () => {
  const page = await staffPage("auditor");
  await page.goto(`${system.site}/staff/audit/`);
  await tabTo(page, "操作", "SELECT");
  await page.selectOption("#f-action", "certificate.exchange");
  await page.keyboard.press("Enter");
  await page.click("button:has-text('查询')");
  await page.waitForSelector("text=查询结果");
  await page.click("button:has-text('现在核验')");
  await system.until("the verification", 60, async () => {
    await page.goto(`${system.site}/staff/audit/?action=certificate.exchange`);
    return (await page.textContent("main")).includes("完整，没有被改动");
  });
  await page.goto(`${system.site}/staff/audit/?by=firm&who=${firm.uscc}`);
  await look(page, "oversight-audit");
  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page);
  await page.context().close();
});

test("statistics with a chart and a table each", async () => {
  assert.strictEqual(system.ctl("stats").status, 0);
  const page = await staffPage("decision");
  for (const view of ["certificates", "expiring", "events", "issued", "firms", "pending", "matters", "documents", "refusals"]) {
    await page.goto(`${system.site}/staff/statistics/${view}`);
    await look(page, `oversight-statistics-${view}`);
  }
  await page.goto(`${system.site}/staff/statistics/expiring?months=36`);
  await look(page, "oversight-statistics-36");
  assert.ok(await page.locator("svg.chart rect").count() > 0);
  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page);
  await page.context().close();
});

test("the board of jobs", async () => {
  const jobs = system.sql(`SELECT j.id FROM job j JOIN enterprise e ON e.id = j.enterprise_id WHERE e.uscc = '${firm.uscc}'`);
  system.sql(`UPDATE job SET state = 'failed', cause = 'holder_name: no font has U+20BB7', attempts = 8 WHERE id = ${jobs[0][0]}`);
  const page = await staffPage("administrator");
  await page.goto(`${system.site}/staff/jobs/`);
  await look(page, "oversight-jobs");
  await page.click(`button[aria-label='重新生成任务 ${jobs[0][0]}']`);
  await page.waitForSelector("text=已安排 1 个任务重新生成");
  await page.context().close();
});

test("a notice is written by keyboard, looked at, seen by a firm, and gone once it is ended", async () => {
  const title = `关于系统维护的公告 ${process.pid}`;
  const page = await staffPage("reviewer");
  await page.goto(`${system.site}/staff/notices/`);
  await tabTo(page, "起草公告", "A");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#f-title");
  await look(page, "oversight-notice-form");
  await tabTo(page, "标题", "INPUT");
  await page.keyboard.type(title);
  await tabTo(page, "内容", "TEXTAREA");
  await page.keyboard.type("系统将于本周六 22:00 至 24:00 维护，期间不能办理业务。");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.keyboard.type("请提前办理。");
  const until = new Date(Date.now() + 32 * 3600e3).toISOString().slice(0, 10);
  await page.fill("#f-until", until);
  await tabTo(page, "重要公告", "INPUT");
  await page.keyboard.press("Space");
  await tabTo(page, "预览", "BUTTON");
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('预览公告')");
  await look(page, "oversight-notice-preview");
  await page.click("text=返回修改");
  await page.waitForSelector("#f-title");
  assert.strictEqual(await page.inputValue("#f-title"), title);
  assert.ok((await page.inputValue("#f-body")).includes("请提前办理。"));
  assert.ok(await page.isChecked("#f-important"));
  await page.click("button:has-text('预览')");
  await page.click("button:has-text('发布')");
  await page.waitForSelector("text=正在公布");
  await look(page, "oversight-notice");

  const clerk = await open(firm);
  await clerk.goto(`${system.login}/login/certificate`);
  await clerk.waitForSelector(`text=${title}`);
  await look(clerk, "oversight-notice-firm");
  const visitor = await open(null);
  await visitor.goto(`${system.site}/`);
  assert.ok((await visitor.textContent("main")).includes(title));
  await look(visitor, "oversight-notice-visitor");

  await page.click("a:has-text('提前结束')");
  await look(page, "oversight-notice-end");
  await page.click("button:has-text('确认结束')");
  await page.waitForSelector("text=已结束");
  await clerk.reload();
  assert.ok(!(await clerk.textContent("main")).includes(title));
  for (const one of [page, clerk, visitor]) await one.context().close();
});
