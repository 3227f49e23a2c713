"use strict";
/* The whole life of one person in Chromium, from the window to another province, over three years of
 * business dates. After each step the public page of the QR code tells the truth; at the end the history
 * shows all of it, and the chain of the audit is sound. */

const assert = require("assert");
const test = require("node:test");
const { open, close, look, fits } = require("../lib/browser");
const { sheet } = require("../lib/changes");
const { residentNumber } = require("../lib/people");
const registers = require("../lib/registers");
const { staffPage } = require("../lib/staff");
const system = require("../lib/system");
const world = require("../lib/world");
const { dayBegins } = require("./clock");

const CAPTURED = "2029-03-05", APPLIED = "2029-03-06", ENDS = "2032-03-05", RENAMED = "2029-04-10", MOVED = "2029-10-10",
  SUSPENDED = "2030-01-15", GIVEN_BACK = "2030-02-20", RENEWED = "2032-01-20", RENEWED_UNTIL = "2035-03-05", LEFT = "2032-02-03";

/* What the history has, in this order. */
const HISTORY = [["照片"], ["考核"], ["申领"], ["姓名变更"], ["隶属"], ["暂扣"], ["发还"], ["延期"], ["离沪"]];

const NEW_NAME = "时间新";
const hero = { idType: "111", idNo: residentNumber("19900412", 2), name: "时间线" };
const firms = [1, 2].map((n) => {
  const uscc = registers.uscc(810000 + n);
  const name = `上海一生建设第${n}有限公司`;
  return { uscc, name, ...world.trusted.issue({ uscc, name }) };
});
const [first, second] = firms;

test.after(close);

async function firmPage(firm) {
  const page = await open(firm);
  await page.goto(`${system.login}/login/certificate`);
  return page;
}

/* What anybody reads who scans the code of that version of the certificate. */
async function publicPage(version) {
  const [token] = system.sql(`SELECT TO_BASE64(v.verify_token) FROM certificate_version v
    JOIN certificate c ON c.id = v.certificate_id WHERE c.person_id = ${hero.id} AND v.version = ${version}`)[0];
  const page = await open(null);
  await page.goto(`${system.site}/verify/${token.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")}`);
  const words = await page.textContent("main");
  await page.context().close();
  return words.replace(/\s+/g, " ");
}

async function tells(version, ...wanted) {
  const words = await publicPage(version);
  for (const one of wanted) assert.ok(words.includes(one), `version ${version}: ${one} is not in: ${words}`);
}

/* The reviewer brings a file in, by the pages. */
async function bring(kind, header, rows) {
  const page = await staffPage("reviewer");
  await page.goto(`${system.site}/staff/imports/new`);
  await page.selectOption("#f-kind", kind);
  await page.setInputFiles("#f-file", { name: `${kind}.csv`, mimeType: "text/csv",
    buffer: Buffer.from([header, ...rows].map((row) => row.join(",")).join("\n") + "\n") });
  await page.getByRole("button", { name: "上传并核对" }).click();
  await page.getByRole("button", { name: `确认导入 ${rows.length} 行` }).click({ timeout: 60000 });
  await page.getByText("文件已全部导入").waitFor({ timeout: 60000 });
  await page.context().close();
}

const INSURANCE = ["id_type", "id_no", "uscc", "month"];
const insured = (firm, month) => bring("insurance", INSURANCE, [["111", hero.idNo, firm.uscc, month]]);

async function named(page, name) {
  await page.selectOption("main select[name=id_type]", hero.idType);
  await page.fill("main input[name=id_no]", hero.idNo);
  await page.fill("main input[name=name]", name);
}

/* The matter's page says so, within a minute. */
async function done(page, words) {
  await page.waitForURL(/\/matters\//);
  await page.getByText(words).first().waitFor({ timeout: 60000 });
}

const certificate = () => system.sql(`SELECT state, version, valid_until, holder_name, enterprise_name FROM certificate
  WHERE person_id = ${hero.id}`)[0];

/* The documents of all versions are made. */
const made = () => system.until("the document", 60, () =>
  system.sqlNumber(`SELECT generation FROM certificate WHERE person_id = ${hero.id}`) === 2);

/* Somebody decides what was proposed last. */
async function decide(role, n, kind) {
  const page = await staffPage(role, n);
  await page.goto(`${system.site}/staff/proposals/`);
  await page.locator("tbody tr", { hasText: kind }).first().locator("a").first().click();
  await page.locator("input[name=decision][value=approve]").check();
  await page.getByRole("button", { name: "作出决定" }).click();
  await page.getByText("已同意").first().waitFor();
  await page.context().close();
}

async function sanction(kind, dates = {}) {
  const number = system.sql(`SELECT number FROM certificate WHERE person_id = ${hero.id}`)[0][0];
  const page = await staffPage("reviewer");
  await page.goto(`${system.site}/staff/sanctions/new?kind=${kind}`);
  await page.fill("#f-basis", "《建设工程安全生产管理条例》第六十六条");
  await page.fill("#f-reason", "施工现场存在安全隐患");
  for (const [field, day] of Object.entries(dates)) await page.fill(`#f-${field}`, day);
  await page.fill("#f-numbers", number);
  await page.getByRole("button", { name: "核对" }).click();
  await page.getByRole("button", { name: /^提请.* 1 本$/ }).click();
  await page.waitForURL(/\/staff\/proposals\//);
  await page.context().close();
}

test("captured at the window", async () => {
  await dayBegins(CAPTURED);
  registers.enterprises(firms);
  const page = await staffPage("window");
  const readCard = async () => {
    await page.getByText("演示：模拟读卡器上的证件").click();
    await page.fill("#card-no", hero.idNo);
    await page.fill("#card-name", hero.name);
    await page.getByRole("button", { name: "读取证件" }).click();
  };
  await page.goto(`${system.site}/staff/people/new`);
  await readCard();
  await page.getByText(`已读取：${hero.name}`).waitFor();
  await page.getByRole("button", { name: "保存，继续采集照片" }).click();
  await page.waitForURL(/\/staff\/capture\/\d+$/);
  hero.id = Number(page.url().split("/").pop());
  await readCard();
  await page.getByText("请调整照片，然后提交").waitFor();
  await page.getByRole("button", { name: "提交照片" }).click();
  await page.getByText("照片已采集").waitFor();
  await page.context().close();
});

test("the exam is imported, and the firm applies", async () => {
  await dayBegins(APPLIED);
  await bring("exam_results", ["exam_no", "id_type", "id_no", "uscc", "class", "post", "exam_date", "score", "passed"],
    [["YS0001", "111", hero.idNo, first.uscc, "C3", "08", "2029-02-20", "92", "1"]]);
  await insured(first, "2029-02");
  const page = await firmPage(first);
  await page.goto(`${system.site}/apply/new`);
  await named(page, hero.name);
  await page.check("input[name=wish][value=C]");
  await page.click("main form button.button");
  await page.getByRole("button", { name: "确认", exact: true }).click();
  await done(page, "电子证书已生成");
  await page.context().close();
  assert.deepStrictEqual(certificate(), ["01", "1", ENDS, hero.name, first.name]);
  await tells(1, "查询时有效", first.name);
});

test("renamed at the window by two clerks", async () => {
  await dayBegins(RENAMED);
  const page = await staffPage("window");
  await page.goto(`${system.site}/staff/name-change/new`);
  await page.fill("#f-id_no", hero.idNo);
  await page.getByRole("button", { name: "查找" }).click();
  await page.waitForURL(/people\/\d+$/);
  await page.fill("#f-name", NEW_NAME);
  await page.fill("#f-reason", "公安机关变更姓名");
  for (const paper of ["statement", "identity", "certificate"]) {
    await page.check(`#f-seen_${paper}`);
    await page.setInputFiles(`#f-file_${paper}`, { name: `${paper}.pdf`, mimeType: "application/pdf", buffer: sheet() });
  }
  await page.getByRole("button", { name: "核对" }).click();
  await page.getByRole("button", { name: "提请姓名变更" }).click();
  await page.waitForURL(/\/staff\/proposals\//);
  await page.context().close();
  await tells(1, "查询时有效");
  await decide("reviewer", 1, "姓名变更");
  hero.name = NEW_NAME;
  await made();
  const [state, version, until, name] = certificate();
  assert.deepStrictEqual([state, until, name], ["01", ENDS, NEW_NAME]);
  await tells(1, "旧版本，已作废");
  await tells(version, "查询时有效", NEW_NAME.slice(-1));
});

test("transferred to another firm", async () => {
  await dayBegins(MOVED);
  await insured(second, "2029-09");
  const before = certificate()[1];
  const page = await firmPage(second);
  await page.goto(`${system.site}/transfer/new`);
  await named(page, hero.name);
  await page.click("main form button.button");
  await page.getByRole("button", { name: "确认变更" }).click();
  await done(page, "电子证书已生成");
  await page.context().close();
  const [state, version, until, , firm] = certificate();
  assert.deepStrictEqual([state, until, firm], ["01", ENDS, second.name]);
  await tells(version, "查询时有效", second.name);
  await tells(before, "旧版本，已作废", first.name);
  const left = await firmPage(first);
  assert.ok((await left.textContent("main")).includes(hero.name));
  await left.context().close();
});

test("suspended, and given back", async () => {
  await dayBegins(SUSPENDED);
  await sanction("suspend", { from: SUSPENDED, until: GIVEN_BACK });
  await tells(certificate()[1], "查询时有效");
  await decide("decision", 1, "暂扣");
  assert.strictEqual(certificate()[0], "02");
  await tells(certificate()[1], "当前状态为“暂扣”");
  const page = await firmPage(second);
  await page.goto(`${system.site}/certificates/`);
  assert.match(await page.textContent("tbody"), /暂扣/);
  await page.context().close();
  await dayBegins(GIVEN_BACK);
  await sanction("give_back");
  await decide("decision", 1, "发还");
  await made();
  await tells(certificate()[1], "查询时有效");
});

test("renewed", async () => {
  await dayBegins(RENEWED);
  await bring("education", ["record_no", "id_type", "id_no", "uscc", "class", "hours", "completed_on", "provider"],
    [["YS0002", "111", hero.idNo, second.uscc, "C3", "24", "2031-06-01", "测试继续教育中心"]]);
  await insured(second, "2031-12");
  const page = await firmPage(second);
  await page.goto(`${system.site}/apply/new`);
  await named(page, hero.name);
  await page.check("input[name=wish][value=C]");
  await page.click("main form button.button");
  await page.getByRole("button", { name: "确认", exact: true }).click();
  await done(page, "电子证书已生成");
  await page.context().close();
  const [state, version, until] = certificate();
  assert.deepStrictEqual([state, until], ["01", RENEWED_UNTIL]);
  await tells(version, "查询时有效", RENEWED_UNTIL);
  await tells(version - 1, "旧版本，已作废");
});

test("departed for another province", async () => {
  await dayBegins(LEFT);
  const page = await firmPage(second);
  await page.goto(`${system.site}/departure/new`);
  await named(page, hero.name);
  await page.click("main form button.button");
  await page.getByRole("button", { name: "确认离沪" }).click();
  await page.getByText("不能撤回").waitFor();
  await page.locator("dialog[open], main").last().getByRole("button", { name: /确认离沪|完成/ }).click();
  await done(page, "离沪证明");
  await page.context().close();
  const [state, version] = certificate();
  assert.strictEqual(state, "06");
  await tells(version, "当前状态为“办理转出”");
});

test("the history shows all of it", async () => {
  const page = await staffPage("auditor");
  await page.goto(`${system.site}/staff/history/people/${hero.id}`);
  await look(page, "life-history");
  await fits(page);
  await page.goto(`${system.site}/staff/history/people/${hero.id}?print=1`);
  await look(page, "life-history-print");
  const rows = await page.locator("table.record tbody tr").allTextContents();
  let at = 0;
  for (const what of HISTORY) {
    const found = rows.findIndex((row, i) => i >= at && what.every((word) => row.includes(word)));
    assert.notStrictEqual(found, -1, `${what} behind line ${at} of\n${rows.join("\n").slice(0, 6000)}`);
    at = found;
  }
  await page.context().close();
});

test("the chain of the audit is sound", () => {
  const { status, out, err } = system.ctl("audit", "verify");
  assert.strictEqual(status, 0, out + err);
});
