"use strict";
/* Contacts of a firm and the board of messages, as people see them. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const system = require("../lib/system");
const { firms } = require("../lib/world");
const { open, close, look, fits } = require("../lib/browser");
const { staffPage } = require("../lib/staff");

const configuration = path.join(system.folder, "etc/ecert.conf");
const shipped = fs.readFileSync(configuration, "utf8");
const [firm] = firms(1, 0);

async function configure(text) {
  fs.writeFileSync(configuration, text);
  const before = system.children(system.pid("ecertd"));
  process.kill(system.pid("ecertd"), "SIGHUP");
  await system.until("new workers", 60, () => {
    const now = system.children(system.pid("ecertd"));
    return now.length >= before.length && now.every((pid) => !before.includes(pid));
  });
}

test.after(async () => {
  await configure(shipped);
  await close();
});

test("a clerk names an address, mistypes a code, and sees what is to be done", async () => {
  /* Nobody delivers: the code stays in the outbox, which the board shows then. */
  await configure(shipped.replace(/^( *)Mail\.Url =.*$/m, "$1Mail.Url = smtp://127.0.0.1:9").replace(/^( *)Sms\.Url =.*$/m, "$1Sms.Url = http://127.0.0.1:9/"));
  const page = await open(firm);
  await page.goto(`${system.login}/login/certificate`);
  await page.click("footer >> text=联系方式");
  await fits(page);
  await look(page, "60-contact-none");
  await page.click("main >> text=电子邮件");
  await page.fill("#f-address", "clerk@firm.example");
  await page.click("text=发送验证码");
  assert.ok((await page.textContent("main")).includes("clerk@firm.example"));
  await look(page, "61-contact-code");
  await page.fill("#f-code", "12345");
  await page.click("text=确认");
  assert.ok((await page.title()).startsWith("错误："));
  page.problems.length = 0;
  await look(page, "62-contact-wrong");
  await page.setViewportSize({ width: 360, height: 740 });
  await fits(page);
  await page.context().close();
});

test("a confirmed address offers what to be told of; every step by keyboard", async () => {
  system.sql(`UPDATE contact SET address_sealed = wanted_sealed, address_hash = wanted_hash, confirmed_at = UTC_TIMESTAMP(3),
    wanted_sealed = NULL, wanted_hash = NULL WHERE enterprise_id = (SELECT id FROM enterprise WHERE uscc = '${firm.uscc}')`);
  const page = await open(firm);
  await page.goto(`${system.login}/login/certificate`);
  await page.goto(`${system.site}/contact/mail`);
  assert.strictEqual(await page.locator("fieldset input[type=checkbox]:checked").count(), 7);
  await page.focus("input[name=ready]");
  await page.keyboard.press("Space");
  await page.focus("text=保存");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  assert.strictEqual(await page.locator("input[name=ready]").isChecked(), false);
  assert.strictEqual(await page.locator("fieldset input[type=checkbox]:checked").count(), 6);
  await look(page, "63-contact-events");
  await page.click("text=删除这个地址");
  assert.ok((await page.textContent("main")).includes("登记地址"));
  await page.context().close();
});

test("the board shows what waits, and to the administrator a way to try again", async () => {
  system.sql("UPDATE outbox SET state = 'failed', attempts = 1, cause = 'the relay says 550 5.1.1: Weird server reply'");
  for (const role of ["auditor", "administrator"]) {
    const page = await staffPage(role);
    await page.goto(`${system.site}/staff/notifications/?state=failed`);
    assert.ok((await page.textContent("main")).includes("550 5.1.1"));
    assert.strictEqual(await page.locator("text=重新发送").count() > 0, role === "administrator");
    await fits(page);
    await look(page, `64-notifications-${role}`);
    await page.context().close();
  }
});
