"use strict";
/* A certificate suspended, given back and revoked in Chromium by two people, one page after the other;
 * by keyboard alone; without a script; and a firm that is held. */

const assert = require("assert");
const test = require("node:test");
const { open, close, look, fits, tabTo } = require("../lib/browser");
const { crowd } = require("../lib/crowd");
const { BASIS, REASON, day, stateOf } = require("../lib/proposals");
const { staffPage } = require("../lib/staff");
const system = require("../lib/system");
const world = require("../lib/world");

const [firm] = world.firms(1, 5);
const numbers = firm.people.map((one) => one.number);
let clerk;

test.before(async () => {
  clerk = await world.loggedIn(firm, { keepAlive: true });
  await world.made(clerk, (await world.exchange(clerk)).headers.location);
});
test.after(async () => {
  clerk.close();
  await close();
});

const idOf = (number) => system.sqlNumber(`SELECT id FROM certificate WHERE number = '${number}'`);
const tokenOf = (number) => Buffer.from(system.sql(`SELECT HEX(v.verify_token) FROM certificate c JOIN certificate_version v
  ON v.certificate_id = c.id AND v.version = c.version WHERE c.number = '${number}'`)[0][0], "hex").toString("base64url");

/* What anybody sees who scans the code. */
async function anybody(number, word, shot) {
  const page = await open(null, { viewport: { width: 360, height: 740 } });
  await page.goto(`${system.site}/verify/${tokenOf(number)}`);
  assert.match(await page.textContent("main h1"), new RegExp(word));
  await look(page, shot);
  await page.context().close();
}

async function proposed(page, kind, list, shot) {
  await page.goto(`${system.site}/staff/sanctions/`);
  await page.getByRole("link", { name: kind, exact: true }).click();
  if (shot) await look(page, `${shot}-new`);
  await page.getByLabel("法律依据").fill(BASIS);
  await page.getByLabel("原因", { exact: false }).first().fill(REASON);
  if (await page.locator("#f-until").count()) await page.fill("#f-until", day(90));
  await page.fill("#f-numbers", list.join("\n"));
  await page.getByRole("button", { name: "核对" }).click();
  await page.waitForURL(/preview/);
  if (shot) {
    await look(page, `${shot}-preview`);
    await fits(page);
  }
  await page.getByRole("button", { name: `提请${kind}` }).click();
  await page.waitForURL(/\/staff\/proposals\/CF/);
  if (shot) await look(page, `${shot}-proposed`);
  return page.url().split("/").pop();
}

test("suspended, and given back: everybody sees it at once", async () => {
  const [number] = numbers;
  const reviewer = await staffPage("reviewer"), decider = await staffPage("decision");
  await reviewer.goto(`${system.site}/staff/sanctions/`);
  await look(reviewer, "staff-sanctions-index");
  await reviewer.goto(`${system.site}/staff/sanctions/new?kind=suspend`);
  await reviewer.fill("#f-basis", BASIS);
  await reviewer.fill("#f-reason", REASON);
  await reviewer.fill("#f-until", day(90));
  await reviewer.getByRole("button", { name: "核对" }).click();
  await reviewer.locator("#errors").waitFor();
  assert.match(await reviewer.title(), /^错误：/);
  assert.strictEqual(await reviewer.inputValue("#f-basis"), BASIS, "what was typed is kept");
  reviewer.problems.length = 0;
  await look(reviewer, "staff-sanctions-wrong");
  const proposal = await proposed(reviewer, "暂扣", [number], "staff-sanctions-suspend");
  await decider.goto(`${system.site}/staff/proposals/`);
  await look(decider, "staff-proposals-list");
  await decider.getByRole("link", { name: proposal }).click();
  await decider.getByLabel("同意，暂扣").check();
  await look(decider, "staff-proposals-decide");
  await decider.getByRole("button", { name: "作出决定" }).click();
  await decider.getByText("暂扣：已同意").waitFor();
  await look(decider, "staff-proposals-decided");
  await anybody(number, "暂扣", "verify-suspended");
  const firmPage = await open(firm);
  await firmPage.goto(`${system.login}/login/certificate`);
  await firmPage.goto(`${system.site}/certificates/${idOf(number)}`);
  await firmPage.getByText(BASIS).waitFor();
  assert.strictEqual(await firmPage.getByText("查看并下载").count(), 0);
  await look(firmPage, "certificates-suspended");
  await fits(firmPage);
  const back = await proposed(reviewer, "暂扣发还", [number]);
  await decider.goto(`${system.site}/staff/proposals/${back}`);
  await decider.getByLabel("同意，暂扣发还").check();
  await decider.getByRole("button", { name: "作出决定" }).click();
  await decider.getByText("暂扣发还：已同意").waitFor();
  await anybody(number, "有效", "verify-given-back");
  await firmPage.reload();
  await firmPage.getByText("查看并下载").waitFor();
  for (const page of [reviewer, decider, firmPage]) await page.context().close();
});

test("revoked: the page before what can't be taken back, without a script", async () => {
  const list = [numbers[1], "沪建安B（2020）9999999", numbers[2]];
  const reviewer = await staffPage("reviewer", 1, { javaScriptEnabled: false });
  const decider = await staffPage("decision", 1, { javaScriptEnabled: false });
  const proposal = await proposed(reviewer, "吊销", list);
  assert.match(await reviewer.textContent("main"), /吊销：待决定/);
  await decider.goto(`${system.site}/staff/proposals/${proposal}`);
  await decider.getByLabel("同意，吊销").check();
  await decider.getByRole("button", { name: "继续" }).click();
  await decider.getByText("作出之后不能撤回").waitFor();
  assert.strictEqual(stateOf(proposal), "waiting");
  await decider.screenshot({ path: `${system.shots}/staff-proposals-confirm.png`, fullPage: true });
  await decider.getByRole("button", { name: "确认吊销" }).click();
  await decider.getByText("吊销：已同意").waitFor();
  await reviewer.context().close();
  await decider.context().close();
  await anybody(numbers[1], "吊销", "verify-revoked");
});

test("withdrawn as proposed and as decided by keyboard alone", async () => {
  const reviewer = await staffPage("reviewer"), decider = await staffPage("decision");
  await reviewer.goto(`${system.site}/staff/sanctions/`);
  await tabTo(reviewer, "撤销", "A");
  await reviewer.keyboard.press("Enter");
  await reviewer.waitForURL(/kind=withdraw/);
  await tabTo(reviewer, "法律依据");
  await reviewer.keyboard.type(BASIS);
  await reviewer.keyboard.press("Tab");
  await reviewer.keyboard.type(REASON);
  await reviewer.keyboard.press("Tab");
  await reviewer.keyboard.type(numbers[3]);
  await tabTo(reviewer, "核对", "BUTTON");
  await reviewer.keyboard.press("Enter");
  await reviewer.waitForURL(/preview/);
  await tabTo(reviewer, "提请撤销 1 本", "BUTTON");
  await reviewer.keyboard.press("Enter");
  await reviewer.waitForURL(/\/staff\/proposals\/CF/);
  const proposal = reviewer.url().split("/").pop();
  await decider.goto(`${system.site}/staff/proposals/`);
  await tabTo(decider, proposal, "A");
  await decider.keyboard.press("Enter");
  await decider.waitForURL(new RegExp(proposal));
  await tabTo(decider, "同意，撤销");
  await decider.keyboard.press("Space");
  await tabTo(decider, "继续", "BUTTON");
  await decider.keyboard.press("Enter");
  await decider.waitForURL(/\/decide/);
  await look(decider, "staff-proposals-confirm-withdraw");
  await tabTo(decider, "确认撤销", "BUTTON");
  await decider.keyboard.press("Enter");
  await decider.getByText("撤销：已同意").waitFor();
  assert.strictEqual(stateOf(proposal), "applied");
  await reviewer.context().close();
  await decider.context().close();
});

test("about hundreds at once: looked at page by page, and carried out while one watches", async () => {
  const COUNT = 620;
  const list = crowd(numbers[4], 910000, COUNT);
  const reviewer = await staffPage("reviewer"), decider = await staffPage("decision");
  const proposal = await proposed(reviewer, "吊销", [...list, "沪建安B（2020）9999999"], "staff-sanctions-many");
  await decider.goto(`${system.site}/staff/proposals/${proposal}`);
  await look(decider, "staff-proposals-many");
  await fits(decider);
  await decider.getByLabel("同意，吊销").check();
  await decider.getByRole("button", { name: "继续" }).click();
  await decider.waitForURL(/\/decide/);
  await look(decider, "staff-proposals-many-confirm");
  /* One can't be revoked any more when its turn comes. */
  system.sql(`UPDATE certificate SET state = '05' WHERE number = '${list[3]}'`);
  await decider.getByRole("button", { name: "确认吊销" }).click();
  await decider.getByText("吊销：已同意").waitFor();
  await decider.getByText(`已办理 ${COUNT - 1} 本，共 ${COUNT} 本，没有办理 1 本`).waitFor();
  await decider.getByText("有 1 本证书没有办理").waitFor();
  await look(decider, "staff-proposals-many-done");
  await fits(decider);
  await decider.setViewportSize({ width: 390, height: 800 });
  await fits(decider);
  /* Whoever proposed it can't; whoever may decide takes it up when it can be done. */
  await reviewer.goto(decider.url());
  await reviewer.getByText("有 1 本证书没有办理").waitFor();
  assert.strictEqual(await reviewer.getByRole("button", { name: "重新办理失败的证书" }).count(), 0);
  system.sql(`UPDATE certificate SET state = '01' WHERE number = '${list[3]}'`);
  await decider.getByRole("button", { name: "重新办理失败的证书" }).click();
  await decider.getByText(`已办理 ${COUNT} 本，共 ${COUNT} 本`).waitFor();
  await decider.getByText("全部证书已经办理").waitFor();
  assert.strictEqual(await decider.getByRole("button", { name: "重新办理失败的证书" }).count(), 0);
  await reviewer.context().close();
  await decider.context().close();
});

test("a person is held, and free again", async () => {
  const [, , , , person] = firm.people;
  const reviewer = await staffPage("reviewer"), decider = await staffPage("decision");
  const agree = async (word) => {
    await reviewer.waitForURL(/\/staff\/proposals\/CF/);
    await decider.goto(reviewer.url());
    await decider.getByLabel(`同意，${word}`).check();
    await decider.getByRole("button", { name: "作出决定" }).click();
    await decider.getByText(`${word}：已同意`).waitFor();
  };
  await reviewer.goto(`${system.site}/staff/holds/`);
  await reviewer.getByRole("link", { name: "提请锁定" }).click();
  await look(reviewer, "staff-holds-new");
  await reviewer.fill("#f-id_no", person.idNo);
  await reviewer.fill("#f-basis", BASIS);
  await reviewer.fill("#f-reason", "正在调查");
  await reviewer.fill("#f-until", day(30));
  await reviewer.getByRole("button", { name: "核对" }).click();
  await reviewer.getByRole("button", { name: "提请锁定" }).waitFor();
  assert.ok(!(await reviewer.textContent("main")).includes(person.idNo), "the number is not shown in full");
  await look(reviewer, "staff-holds-preview");
  await reviewer.getByRole("button", { name: "提请锁定" }).click();
  await agree("锁定");
  const page = await open(firm);
  await page.goto(`${system.login}/login/certificate`);
  await page.goto(`${system.site}/departure/new`);
  await page.selectOption("select[name=id_type]", "111");
  await page.fill("input[name=id_no]", person.idNo);
  await page.fill("input[name=name]", person.name);
  await page.click("main form button.button");
  await page.getByText("依据规则 R21").first().waitFor();
  page.problems.length = 0;
  await look(page, "refused-held");
  await reviewer.goto(`${system.site}/staff/holds/`);
  await look(reviewer, "staff-holds-list");
  await reviewer.getByRole("link", { name: "提请解除" }).first().click();
  await look(reviewer, "staff-holds-release");
  await reviewer.fill("#f-basis", BASIS);
  await reviewer.fill("#f-reason", "调查终结");
  await reviewer.getByRole("button", { name: "提请解除锁定" }).click();
  await agree("解除锁定");
  for (const one of [page, reviewer, decider]) await one.context().close();
});
