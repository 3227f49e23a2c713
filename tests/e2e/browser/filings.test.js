"use strict";
/* The items that begin with a person, as a clerk goes them in a browser: looked at page by page. */

const assert = require("assert");
const test = require("node:test");
const { open, close, look, fits } = require("../lib/browser");
const { demo, some, inForce, examined } = require("../lib/cast");
const system = require("../lib/system");

async function loggedIn(uscc, options) {
  const firm = demo.find((one) => one.uscc === uscc);
  const page = await open(firm, options);
  await page.goto(`${system.login}/login/certificate`);
  return page;
}

async function name(page, person) {
  await page.selectOption("select[name=id_type]", person.idType);
  await page.fill("input[name=id_no]", person.idNo);
  await page.fill("input[name=name]", person.name);
}

test.after(close);

test("applying for a certificate after an exam", async () => {
  const [person] = examined();
  const page = await loggedIn(person.uscc);
  await look(page, "home-items");
  await page.goto(`${system.site}/apply/`);
  await look(page, "apply-list");
  await page.goto(`${system.site}/apply/new`);
  await look(page, "apply-new");
  await name(page, { ...person, name: "无此人" });
  await page.check(`input[name=wish][value=${person.wish}]`);
  await page.click("main form button.button");
  await page.locator("#errors").waitFor();
  assert.match(await page.title(), /^错误：/);
  page.problems.length = 0;
  await look(page, "apply-unknown");
  await name(page, person);
  await page.click("main form button.button");
  await page.getByRole("button", { name: "确认", exact: true }).waitFor();
  await look(page, "apply-check");
  await fits(page);
  await page.getByRole("button", { name: "确认", exact: true }).click();
  await page.waitForURL(/\/matters\//);
  await page.getByText("电子证书已生成").waitFor({ timeout: 60000 });
  await look(page, "apply-done");
  await page.context().close();
});

test("a departure, with its warning, without a script", async () => {
  const [person] = inForce(0);
  const page = await loggedIn(person.uscc, { javaScriptEnabled: false });
  await page.goto(`${system.site}/departure/new`);
  await name(page, person);
  await page.click("main form button.button");
  await page.getByRole("button", { name: "确认离沪" }).click();
  await page.getByText("不能撤回").waitFor();
  await page.getByRole("button", { name: "确认离沪" }).click();
  await page.waitForURL(/\/matters\/LH/);
  assert.match(await page.textContent("main"), /离沪证明/);
  await page.context().close();
});

test("a refusal lists every rule, and stays among the records", async () => {
  const person = some("离沪")[3];
  const page = await loggedIn(some("隶属")[0].uscc);
  await page.goto(`${system.site}/apply/new`);
  await name(page, person);
  await page.check("input[name=wish][value=B]");
  await page.click("main form button.button");
  await page.getByText("依据规则").first().waitFor();
  page.problems.length = 0;
  await look(page, "refused-rules");
  await page.goto(`${system.site}/apply/?state=refused`);
  await look(page, "apply-refused");
  await page.context().close();
});

test("the pages of the other items", async () => {
  const [cancelling] = inForce(0);
  const page = await loggedIn(cancelling.uscc);
  await page.goto(`${system.site}/cancel/new`);
  await name(page, cancelling);
  await page.click("main form button.button");
  await page.getByRole("button", { name: "确认注销" }).waitFor();
  await look(page, "cancel-check");
  for (const place of ["transfer", "transfer/new", "cancel", "departure", "rename", "name-change", "help", "help/apply",
    "help/cancel"]) {
    await page.goto(`${system.site}/${place}`);
    await look(page, place.replace("/", "-"));
    await fits(page);
  }
  await page.context().close();
  const narrow = await loggedIn(cancelling.uscc, { viewport: { width: 360, height: 740 } });
  for (const place of ["apply", "apply/new", "cancel", "rename"]) {
    await narrow.goto(`${system.site}/${place}`);
    await fits(narrow);
  }
  await look(narrow, "phone-rename");
  await narrow.context().close();
});
