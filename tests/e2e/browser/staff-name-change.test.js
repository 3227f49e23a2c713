"use strict";
/* A change of name in Chromium: one clerk with the papers, a reviewer, the firm; by keyboard alone; and
 * a correction without a script. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { open, close, look, fits, tabTo } = require("../lib/browser");
const { sheet, certificate } = require("../lib/changes");
const { jpeg } = require("../lib/jpeg");
const { staffPage } = require("../lib/staff");
const { stateOf } = require("../lib/proposals");
const system = require("../lib/system");
const world = require("../lib/world");

const [firm] = world.firms(1, 3);
let client, papers;

test.before(async () => {
  client = await world.loggedIn(firm, { keepAlive: true });
  await world.made(client, (await world.exchange(client)).headers.location);
  const folder = fs.mkdtempSync(path.join(system.folder, "papers-"));
  papers = { statement: path.join(folder, "企业情况说明.pdf"), identity: path.join(folder, "身份证.jpg"),
    certificate: path.join(folder, "证书.jpg") };
  fs.writeFileSync(papers.statement, sheet());
  fs.writeFileSync(papers.identity, jpeg(800, 1120, () => [220, 220, 210]));
  fs.writeFileSync(papers.certificate, jpeg(800, 1120, () => [200, 220, 210]));
});
test.after(async () => {
  client.close();
  await close();
});

async function found(page, person) {
  await page.goto(`${system.site}/staff/name-change/`);
  await page.getByRole("link", { name: "受理姓名变更" }).click();
  await page.fill("#f-id_no", person.idNo);
  await page.getByRole("button", { name: "查找" }).click();
  await page.waitForURL(/people\/\d+$/);
}

const choose = async (page, kinds) => {
  for (const kind of kinds) {
    await page.check(`#f-seen_${kind}`);
    await page.setInputFiles(`#f-file_${kind}`, papers[kind]);
  }
};

test("a clerk with the papers, a reviewer, and the firm sees it", async () => {
  const [person] = firm.people;
  const clerk = await staffPage("window"), reviewer = await staffPage("reviewer");
  await clerk.goto(`${system.site}/staff/name-change/`);
  await look(clerk, "staff-name-change-list");
  await clerk.getByRole("link", { name: "受理姓名变更" }).click();
  await look(clerk, "staff-name-change-new");
  await found(clerk, person);
  await look(clerk, "staff-name-change-form");
  await fits(clerk);
  /* A character that can't be printed, and a paper that is missing. */
  await clerk.fill("#f-name", "阿卜杜拉•\u{3134A}");
  await clerk.fill("#f-reason", "公安机关变更姓名");
  await choose(clerk, ["statement", "identity"]);
  await clerk.getByRole("button", { name: "核对" }).click();
  await clerk.locator("#errors").waitFor();
  assert.match(await clerk.title(), /^错误：/);
  assert.match(await clerk.textContent("#errors"), /U\+3134A/);
  assert.match(await clerk.textContent("#errors"), /三类人员证书原件和复印件/);
  assert.strictEqual(await clerk.inputValue("#f-reason"), "公安机关变更姓名");
  assert.match(await clerk.textContent("main"), /已收到扫描件：企业情况说明.pdf/);
  assert.ok(await clerk.isChecked("#f-seen_identity"), "the ticks are kept");
  clerk.problems.length = 0;
  await look(clerk, "staff-name-change-wrong");
  await clerk.fill("#f-name", "阿卜杜拉•买买提");
  await choose(clerk, ["certificate"]);
  await clerk.getByRole("button", { name: "核对" }).click();
  await clerk.getByRole("heading", { name: "核对姓名变更" }).waitFor();
  assert.match(await clerk.textContent("main"), /阿卜杜拉·买买提/);
  await look(clerk, "staff-name-change-check");
  await fits(clerk);
  /* Back to the answers, all of them kept, and forth again. */
  await clerk.getByRole("button", { name: "返回修改" }).click();
  await clerk.getByRole("heading", { name: "姓名变更", exact: true }).waitFor();
  assert.strictEqual(await clerk.inputValue("#f-name"), "阿卜杜拉•买买提");
  assert.strictEqual(await clerk.locator("text=已收到扫描件").count(), 3);
  await clerk.getByRole("button", { name: "核对" }).click();
  await clerk.getByRole("button", { name: "提请姓名变更" }).click();
  await clerk.waitForURL(/\/staff\/proposals\/XM/);
  const number = clerk.url().split("/").pop();
  await look(clerk, "staff-name-change-proposed");
  assert.strictEqual(await clerk.getByRole("radio").count(), 0, "who proposed is not asked");

  await reviewer.goto(`${system.site}/staff/proposals/${number}`);
  const [download] = await Promise.all([reviewer.waitForEvent("download"),
    reviewer.getByRole("link", { name: "企业情况说明.pdf" }).click()]);
  assert.strictEqual(download.suggestedFilename(), "企业情况说明.pdf");
  await reviewer.getByLabel("同意，姓名变更").check();
  await look(reviewer, "staff-name-change-decide");
  await fits(reviewer);
  await reviewer.getByRole("button", { name: "作出决定" }).click();
  await reviewer.getByText("已同意").first().waitFor();
  await look(reviewer, "staff-name-change-decided");
  assert.strictEqual(stateOf(number), "applied");

  const page = await open(firm);
  await page.goto(`${system.login}/login/certificate`);
  await page.getByText("姓名已变更").waitFor();
  await look(page, "firm-name-changed-home");
  await page.getByRole("link", { name: "阿卜杜拉·买买提" }).click();
  await system.until("the new document", 60, () => certificate(person.number).generation === 2);
  await page.reload();
  await page.getByRole("heading", { name: "姓名已变更" }).waitFor();
  await look(page, "firm-name-changed-matter");
  await fits(page);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "查看并下载" }).click()]);
  assert.ok(file.suggestedFilename().startsWith(person.number), file.suggestedFilename());
  for (const one of [clerk, reviewer, page]) await one.context().close();
});

test("by keyboard alone", async () => {
  const person = firm.people[1];
  const page = await staffPage("window");
  await page.goto(`${system.site}/staff/name-change/`);
  await tabTo(page, "受理姓名变更", "A");
  await page.keyboard.press("Enter");
  await page.waitForURL(/name-change\/new$/);
  await tabTo(page, "证件号码", "INPUT");
  await page.keyboard.type(person.idNo);
  await page.keyboard.press("Enter");
  await page.waitForURL(/people\/\d+$/);
  await tabTo(page, "新姓名", "INPUT");
  await page.keyboard.type("键盘名");
  await tabTo(page, "变更原因", "INPUT");
  await page.keyboard.type("更名");
  for (const kind of ["statement", "identity", "certificate"]) {
    await tabTo(page, "已核对原件", "INPUT");
    await page.keyboard.press("Space");
    await tabTo(page, "扫描件", "INPUT");
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
    await chooser.setFiles(papers[kind]);
  }
  await tabTo(page, "核对", "BUTTON");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "核对姓名变更" }).waitFor();
  await tabTo(page, "提请姓名变更", "BUTTON");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/staff\/proposals\/XM/);
  await page.context().close();
});

test("a correction without a script, and on a narrow screen", async () => {
  const person = firm.people[2];
  const page = await staffPage("reviewer", 1, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  await page.goto(`${system.site}/staff/corrections/`);
  await page.getByRole("link", { name: "提请更正" }).click();
  await page.fill("#f-certificate", person.number);
  await page.getByRole("button", { name: "查找证书" }).click();
  await page.waitForURL(/certificates\/\d+$/);
  await fits(page);
  await page.fill("#f-first_issued", "2019-05-06");
  await page.fill("#f-reason", "换领时沿用的日期有误");
  await page.getByRole("button", { name: "核对" }).click();
  await page.getByRole("heading", { name: "核对更正" }).waitFor();
  assert.match(await page.textContent("main"), /2019-05-06/);
  await page.getByRole("button", { name: "提请更正" }).click();
  await page.waitForURL(/\/staff\/proposals\/GZ/);
  await page.context().close();
  const wide = await staffPage("reviewer");
  for (const [place, shot] of [["", "list"], ["new", "new"], [`certificates/${certificate(person.number).id}`, "certificate"],
    [`people/${certificate(person.number).person}`, "person"]]) {
    await wide.goto(`${system.site}/staff/corrections/${place}`);
    await look(wide, `staff-corrections-${shot}`);
    await fits(wide);
  }
  await wide.selectOption("#f-education", "02");
  await wide.fill("#f-phone", "021-12345678");
  await wide.fill("#f-reason", "采集时录入有误");
  await wide.getByRole("button", { name: "核对" }).click();
  await wide.getByRole("heading", { name: "核对更正" }).waitFor();
  await look(wide, "staff-corrections-check");
  await wide.context().close();
});
