"use strict";
/* Files for the registers in Chromium: uploaded, looked at, confirmed, found in the list, taken back; with
 * mistakes; by keyboard; without a script; and a firm corrected by two reviewers. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { close, look, fits, renewed } = require("../lib/browser");
const { staffPage } = require("../lib/staff");
const registers = require("../lib/registers");
const system = require("../lib/system");

const HEAD = "id_type,id_no,name,sex,birth,education,technical_title,phone,photo";
const birth = "1982-04-09";
const place = fs.mkdtempSync(path.join(system.folder, "imports-"));

/* People whom nobody knows, as a file. */
function file(name, count, spoil = (row) => row) {
  const people = Array.from({ length: count }, () => registers.next()).map((n) => ({ id: registers.residentId(n, 1, birth),
    name: registers.personName(n) }));
  const rows = people.map((who, i) => spoil(`111,${who.id},${who.name},1,${birth},03,,13900000000,`, i));
  fs.writeFileSync(path.join(place, name), [HEAD, ...rows].join("\n") + "\n");
  return { path: path.join(place, name), people };
}

/* What other tests import from the command line meanwhile does not count here. */
const alone = (id) => system.sql(`UPDATE import_run o JOIN import_run r ON r.id = ${id} AND o.kind = r.kind SET o.taken_at = NULL
  WHERE o.taken_at > r.taken_at AND o.actor_kind = 4`);

test.after(close);

async function uploaded(page, kind, what) {
  await page.goto(`${system.site}/staff/imports/new`);
  await page.selectOption("#f-kind", kind);
  await page.setInputFiles("#f-file", what.path);
  await page.getByRole("button", { name: "上传并核对" }).click();
  await page.waitForURL(/\/staff\/imports\/\d+$/);
  return page.url().split("/").pop();
}

test("upload, preview, confirm, list, taken back", async () => {
  const page = await staffPage("reviewer");
  await page.goto(`${system.site}/staff/imports/`);
  await look(page, "staff-imports-list-first");
  await page.getByRole("link", { name: "导入文件" }).click();
  await look(page, "staff-imports-new");
  await fits(page);
  const what = file("人员2026.csv", 12);
  const id = await uploaded(page, "people", what);
  await page.getByText("核对没有发现错误").waitFor();
  assert.strictEqual(await page.getByText(what.people[0].name).count(), 1);
  assert.ok(!(await page.content()).includes(what.people[0].id));
  await look(page, "staff-imports-checked");
  await fits(page);
  await page.getByRole("button", { name: "确认导入 12 行" }).click();
  await page.getByText("文件已全部导入。").waitFor();
  await look(page, "staff-imports-taken");
  await page.goto(`${system.site}/staff/imports/?kind=people`);
  await page.getByRole("link", { name: id, exact: true }).waitFor();
  await look(page, "staff-imports-list");
  await fits(page);
  alone(id);
  await page.getByRole("link", { name: id, exact: true }).click();
  await page.getByRole("link", { name: "撤回这次导入" }).click();
  await look(page, "staff-imports-undo");
  await page.getByLabel("撤回原因").fill("文件选错了");
  await page.getByRole("button", { name: "确认撤回" }).click();
  await page.getByText("这次导入已经撤回").waitFor();
  assert.strictEqual(await page.getByText("文件选错了").count(), 1);
  await look(page, "staff-imports-undone");
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM person WHERE import_id = ${id}`), 0);
  await page.context().close();
});

test("mistakes are told, line by line, also on a narrow screen", async () => {
  const page = await staffPage("reviewer", 1, { viewport: { width: 640, height: 800 } });
  const what = file("有错误的人员.csv", 30, (row, i) => (i % 9 === 4 ? row.replace(birth, "1982-02-30") : row));
  const id = await uploaded(page, "people", what);
  await page.getByText("一行也没有导入").waitFor();
  assert.strictEqual(await page.getByText("应为真实的日期").count(), 3);
  await look(page, "staff-imports-faulty-narrow");
  await fits(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await look(page, "staff-imports-faulty");
  const [download] = await Promise.all([page.waitForEvent("download"),
    page.getByRole("link", { name: "下载错误清单" }).click()]);
  assert.match(fs.readFileSync(await download.path(), "utf8"), /6,birth,1982-02-30,/);
  await page.getByRole("button", { name: "放弃这次导入" }).click();
  await page.getByText("由工作人员放弃").waitFor();
  assert.strictEqual(system.sql(`SELECT state FROM import_run WHERE id = ${id}`)[0][0], "dropped");
  await page.context().close();
});

test("without a script, and by keyboard alone where one presses", async () => {
  const page = await staffPage("reviewer", 2, { javaScriptEnabled: false });
  const what = file("无脚本.csv", 3);
  const id = await uploaded(page, "people", what);
  await renewed(page, "核对没有发现错误");
  await page.getByRole("button", { name: "确认导入 3 行" }).focus();
  await page.keyboard.press("Enter");
  await renewed(page, "文件已全部导入。");
  alone(id);
  await page.reload();
  await page.getByRole("link", { name: "撤回这次导入" }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("撤回原因").fill("试验");
  await page.keyboard.press("Enter");
  await renewed(page, "这次导入已经撤回");
  await page.context().close();
});

test("a firm is found and corrected by two reviewers", async () => {
  const [firm] = registers.firms(1, 1, { photo: false });
  const [person] = firm.people;
  const one = await staffPage("reviewer", 1), two = await staffPage("reviewer", 2);
  await one.goto(`${system.site}/staff/enterprises/`);
  await look(one, "staff-enterprises-list");
  await fits(one);
  await one.fill("#f-name", firm.uscc);
  await one.getByRole("button", { name: "查询" }).click();
  await one.getByRole("heading", { name: firm.name }).waitFor();
  await one.getByRole("link", { name: "更正登记" }).click();
  await one.fill("#f-name", `${firm.name}分公司`);
  await one.fill("#f-rep_no", "1101");
  await one.fill("#f-reason", "工商变更登记");
  await one.getByRole("button", { name: "提请更正" }).click();
  await one.locator("#errors").waitFor();
  one.problems.length = 0;
  await look(one, "staff-enterprises-wrong");
  assert.strictEqual(await one.inputValue("#f-name"), `${firm.name}分公司`, "what was typed is kept");
  await one.fill("#f-rep_no", "");
  await one.getByRole("button", { name: "提请更正" }).click();
  await one.waitForURL(/\/staff\/proposals\//);
  await two.goto(one.url());
  await two.getByLabel("同意").first().check();
  await look(two, "staff-enterprises-decide");
  await two.getByRole("button", { name: "作出决定" }).click();
  await two.getByText("已同意").first().waitFor();
  await one.goto(`${system.site}/staff/enterprises/?name=${firm.uscc}`);
  await one.getByText("登记内容的更正").waitFor();
  await look(one, "staff-enterprises-show");
  await fits(one);
  registers.evidence({ exams: [{ firm, person, kind: "B", post: "07" }], insured: [{ firm, person }] });
  await one.goto(`${system.site}/staff/evidence/`);
  await look(one, "staff-evidence-start");
  await one.fill("#f-id_no", person.idNo);
  await one.getByRole("button", { name: "查询" }).click();
  await one.getByText("90 分，合格").waitFor();
  await look(one, "staff-evidence-show");
  await fits(one);
  await one.context().close();
  await two.context().close();
});
