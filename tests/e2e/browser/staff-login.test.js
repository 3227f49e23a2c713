"use strict";
/* Staff in Chromium: setting an account up, security keys (by a virtual authenticator), and the pages of
 * accounts, by keyboard alone. */

const assert = require("assert");
const test = require("node:test");
const system = require("../lib/system");
const browser = require("../lib/browser");
const { Client } = require("../lib/client");
const { account, totp, freshStep, send, staffPage } = require("../lib/staff");

const word = "一句只有我才知道的长话 8";
test.after(() => browser.close());

const press = async (page, text, tag) => {
  await browser.tabTo(page, text, tag);
  await page.keyboard.press("Enter");
};
const type = async (page, label, text) => {
  await browser.tabTo(page, label, "INPUT");
  await page.keyboard.insertText(text);
};

/* A key that is plugged in: its owner touches it at once. */
async function plugIn(page, options = {}) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport: "usb", hasResidentKey: false, hasUserVerification: false,
    automaticPresenceSimulation: true, ...options } });
  return {
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    set: (credential) => devtools.send("WebAuthn.addCredential", { authenticatorId, credential }),
    clear: () => devtools.send("WebAuthn.clearCredentials", { authenticatorId }),
    remove: () => devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
  };
}

async function password(page, login, secret) {
  await page.goto(`${system.site}/staff/login/`);
  await type(page, "登录名", login);
  await type(page, "密码", secret);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/staff\/login\/factor/);
}

test("a clerk logs in by keyboard, with an app", async () => {
  const who = account("window", 1);
  const page = await browser.open();
  await page.goto(`${system.site}/staff/`);
  await browser.look(page, "staff-login");
  await type(page, "登录名", who.login);
  await type(page, "密码", "not the password");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.ok((await page.title()).startsWith("错误："));
  assert.strictEqual(await page.locator("#f-password").inputValue(), "");
  page.problems.length = 0; /* Chromium notes the 422 */
  await browser.look(page, "staff-login-wrong");
  await password(page, who.login, who.password);
  await browser.look(page, "staff-login-factor");
  await type(page, "动态验证码", totp(who.totp, await freshStep(who)));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: `${who.name}，您好` }).waitFor();
  await browser.look(page, "staff-home");
  await page.setViewportSize({ width: 360, height: 740 });
  await browser.fits(page);
  await page.context().close();
});

test("an account is set up with a security key, which logs in from then on, and no copy of it", async () => {
  const { code } = JSON.parse(system.ctl("staff", "add", "keyed1", "密钥人", "reviewer", "--json").out);
  const page = await browser.open();
  const key = await plugIn(page);
  await page.goto(`${system.site}/staff/login/code`);
  await browser.look(page, "staff-code");
  await type(page, "登录名", "keyed1");
  await type(page, "登记码", code);
  await type(page, "新密码", word);
  await type(page, "再次输入新密码", word);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/staff\/login\/set-up$/);
  await page.locator("img.qr").evaluate((image) => image.decode());
  await browser.look(page, "staff-set-up");
  await press(page, "登记安全密钥并登录", "BUTTON");
  await page.waitForURL(/\/staff\/$/);
  assert.ok((await page.textContent("main")).includes("您的岗位：审核"));
  const [credential] = await key.credentials();
  assert.ok(credential);
  assert.deepStrictEqual(system.sql("SELECT kind, confirmed_at IS NOT NULL FROM staff_factor f JOIN staff s ON s.id = f.staff_id WHERE s.login = 'keyed1' AND confirmed_at IS NOT NULL"), [["key", "1"]]);

  /* Again, from the password on. */
  await page.context().clearCookies();
  await password(page, "keyed1", word);
  await browser.look(page, "staff-factor-key");
  assert.strictEqual(await page.locator("#f-code").count(), 0);
  await press(page, "使用安全密钥登录", "BUTTON");
  await page.waitForURL(/\/staff\/$/);
  const [[counter]] = system.sql("SELECT used_counter FROM staff_factor WHERE kind = 'key' ORDER BY id DESC LIMIT 1");
  assert.ok(Number(counter) > 0);

  /* A copy of the key, whose counter stayed behind. */
  await page.context().clearCookies();
  await password(page, "keyed1", word);
  await key.clear();
  await key.set({ ...credential, signCount: 0 });
  await press(page, "使用安全密钥登录", "BUTTON");
  await page.locator("form.key [role=alert]:not([hidden])").waitFor();
  assert.ok((await page.textContent("form.key [role=alert]")).includes("计数异常"));
  assert.ok(system.sqlNumber("SELECT COUNT(*) FROM audit_event WHERE action = 'staff.login.refused' AND detail LIKE '%key_counter%'") > 0);
  await page.context().close();
});

test("whoever cancels, or has another key, is told so and may try again", async () => {
  const { code } = JSON.parse(system.ctl("staff", "add", "keyed2", "密钥人", "auditor", "--json").out);
  const page = await browser.open();
  const key = await plugIn(page);
  await page.goto(`${system.site}/staff/login/code`);
  for (const [id, text] of [["login", "keyed2"], ["code", code], ["password", word], ["again", word]]) await page.fill(`#f-${id}`, text);
  await page.keyboard.press("Enter");
  await page.waitForURL(/set-up$/);
  await press(page, "登记安全密钥并登录", "BUTTON");
  await page.waitForURL(/\/staff\/$/);
  await page.context().clearCookies();
  await password(page, "keyed2", word);
  const [credential] = await key.credentials();
  await key.clear();
  /* The browser finds no key of this account, and says nothing more of it. */
  await key.remove();
  const empty = await plugIn(page);
  await press(page, "使用安全密钥登录", "BUTTON");
  const alert = page.locator("form.key [role=alert]");
  await alert.and(page.locator(":not([hidden])")).waitFor();
  assert.ok((await alert.textContent()).includes("没有完成"));
  page.problems.length = 0;
  await browser.look(page, "staff-factor-refused");
  await empty.set(credential);
  await press(page, "使用安全密钥登录", "BUTTON");
  await page.waitForURL(/\/staff\/$/);
  await page.context().close();
});

test("a key is added to an account beside its app", async () => {
  const page = await staffPage("decision", 2);
  const who = page.account;
  await plugIn(page);
  await page.goto(`${system.site}/staff/account/`);
  await browser.look(page, "staff-account");
  await press(page, "添加安全密钥", "A");
  await page.waitForURL(/account\/key$/);
  await browser.look(page, "staff-account-key");
  await type(page, "当前密码", "wrong");
  await type(page, "名称", "办公室的密钥");
  await page.keyboard.press("Enter");
  const alert = page.locator("[role=alert]:not([hidden])");
  await alert.waitFor();
  assert.ok((await alert.textContent()).includes("当前密码不正确"));
  await page.fill("#f-current", who.password);
  await page.click("form.key button");
  await page.waitForURL(/done=added/);
  assert.ok((await page.textContent("main")).includes("办公室的密钥"));
  /* The same key once more. */
  await page.goto(`${system.site}/staff/account/key`);
  await page.fill("#f-current", who.password);
  await page.fill("#f-label", "同一个");
  await page.click("form.key button");
  await alert.waitFor();
  assert.ok((await alert.textContent()).includes("已经登记过"));
  /* Both ways are offered, and the key works. */
  await page.context().clearCookies();
  await password(page, who.login, who.password);
  await page.locator("#f-code").waitFor();
  page.problems.length = 0;
  await browser.look(page, "staff-factor-both");
  await page.click("form.key button");
  await page.waitForURL(/\/staff\/$/);
  await page.context().close();
});

test("a challenge is good once, in its own browser", async () => {
  const client = new Client(null, { from: "127.0.0.31" });
  const nobody = await send(client, "/staff/login/key/challenge", {}, {});
  assert.strictEqual(nobody.status, 422);
  const who = account("decision", 2);
  assert.strictEqual((await send(client, "/staff/login/", { login: who.login, password: who.password })).status, 303);
  const first = (await send(client, "/staff/login/key/challenge", {})).json;
  assert.strictEqual(Buffer.from(first.challenge, "base64url").length, 32);
  assert.strictEqual(first.rpId, "localhost");
  const junk = Buffer.alloc(64, 1).toString("base64url");
  const forged = { challenge: first.challenge, id: first.keys[0], data: junk, signature: junk,
    client: Buffer.from(JSON.stringify({ type: "webauthn.get", challenge: first.challenge, origin: system.site, crossOrigin: false })).toString("base64url") };
  const refused = await send(client, "/staff/login/key", forged);
  assert.strictEqual(refused.status, 422);
  assert.ok(refused.json.error.includes("没有通过核对"));
  assert.ok((await send(client, "/staff/login/key", forged)).json.error.includes("已失效"));
  assert.strictEqual((await client.post("/staff/login/key/challenge", {})).status, 403);
});

test("the administrator's pages, by keyboard", async () => {
  const page = await staffPage("administrator", 1);
  await page.goto(`${system.site}/staff/accounts/`);
  await browser.look(page, "staff-accounts");
  await press(page, "增加账户", "A");
  await page.waitForURL(/accounts\/new$/);
  await type(page, "登录名", "keyboard1");
  await type(page, "姓名", "键盘人");
  await browser.tabTo(page, "岗位", "SELECT");
  await page.keyboard.press("ArrowDown");
  await browser.look(page, "staff-accounts-new");
  await press(page, "增加", "BUTTON");
  await page.waitForURL(/accounts\/\d+$/);
  await browser.look(page, "staff-accounts-show");
  await press(page, "签发登记码", "A");
  await page.locator(".interrupt").waitFor();
  await browser.look(page, "staff-accounts-reset");
  await press(page, "签发登记码", "BUTTON");
  await page.locator(".panel").waitFor();
  await browser.look(page, "staff-accounts-code");
  await press(page, "返回账户", "A");
  await page.waitForURL(/accounts\/\d+$/);
  await press(page, "停用账户", "A");
  await page.waitForURL(/disable$/);
  await browser.look(page, "staff-accounts-disable");
  await press(page, "停用账户", "BUTTON");
  await page.getByText("已停用").first().waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  await browser.fits(page);
  await page.goto(`${system.site}/help/staff-login`);
  await browser.look(page, "help-staff-login");
  await page.context().close();
});
