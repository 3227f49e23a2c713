"use strict";
/* The firm's key in Chromium: logging in, and signing the form of a cancellation, to the documents
 * that come of it. Once with a PKCS#12 file, once with a token behind the agent. */

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const path = require("path");
const test = require("node:test");
const { execFileSync } = require("child_process");
const { open, close, loopback, look, fits, renewed } = require("../lib/browser");
const { Token, start: startAgent, PIN } = require("../lib/agent");
const { sign, algorithmOf, derOf } = require("../lib/key");
const { pkcs12 } = require("../lib/pki");
const system = require("../lib/system");
const world = require("../lib/world");

const password = "12345678";
const [filed, held, stranger] = world.firms(3, 3);
test.after(close);

async function exchanged(firm) {
  const client = await world.loggedIn(firm);
  await world.made(client, (await world.exchange(client)).headers.location);
  client.close();
}

const dialog = (page) => page.locator("dialog#key");
const stateOf = (person) => system.sql(`SELECT state FROM certificate WHERE number = '${person.number}'`)[0][0];

/* Waits for the dialog's error, which must have the focus. */
async function refused(page, words) {
  await dialog(page).getByText(words).waitFor();
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), "key-error");
  page.problems.length = 0; /* Chromium notes the 403 */
}

async function openFile(page, file, word) {
  await page.setInputFiles("#key-file", file);
  await page.fill("#key-password", word);
  await dialog(page).locator("button.button:not(.plain)").click();
}

/* From the menu to the page where the form is signed. */
async function apply(page, person, wait = "请点击此按钮完成签署") {
  await page.click("nav >> text=电子证书注销");
  await page.click("button:has-text('证书注销')");
  const box = page.locator("dialog[open], main > .box");
  await box.locator("select[name=id_type]").selectOption("111");
  await box.locator("input[name=id_no]").fill(person.idNo);
  await box.locator("input[name=name]").fill(person.name);
  await box.locator("button:has-text('查询')").click();
  await page.waitForURL(/\/cancel\/ZX/);
  await page.check("input[name=reason][value='01']");
  await page.click("main button:has-text('确认注销')");
  await page.click(":is(dialog[open], main > .interrupt) button:has-text('确认注销')");
  await page.waitForURL(/\/cancel\/ZX.*\/sign$/);
  if (wait) await page.locator(`button:has-text("${wait}")`).waitFor();
}

/* What the matter's page leads to, as a file that pdfsig has verified; yields what pdfsig said. */
async function verified(page, link, name) {
  const [got] = await Promise.all([page.waitForEvent("download"), page.locator(`a:has-text('${link}')`).click()]);
  const file = path.join(system.folder, `${name}.pdf`);
  fs.copyFileSync(await got.path(), file);
  const said = execFileSync("pdfsig", ["-nocert", file], { encoding: "utf8" });
  assert.match(said, /Total document signed/);
  assert.match(said, /Signature is Valid/);
  return { said, text: execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }) };
}

async function signedMatter(page, firm, person, name) {
  await page.waitForURL(/\/matters\/ZX/);
  await page.getByText("证书注销申请表已完成电子签名").waitFor();
  await page.getByText("下载注销证明文件").waitFor({ timeout: 60000 });
  await page.getByText("下载已签署的申请表").waitFor({ timeout: 60000 });
  await look(page, `key-${name}-signed`);
  assert.strictEqual(stateOf(person), "04");
  const form = await verified(page, "下载已签署的申请表", `${name}-form`);
  assert.ok(form.said.includes(firm.name), form.said);
  assert.ok(form.text.includes(person.name));
  const proof = await verified(page, "下载注销证明文件", `${name}-proof`);
  assert.ok(proof.text.includes(person.number));
  await page.click("a:has-text('返回申报页面')");
  await page.waitForURL(/\/cancel\/$/);
  assert.ok((await page.textContent("table")).includes(person.name));
}

test("a PKCS#12 file: log in, cancel, sign, and have the documents", async () => {
  await exchanged(filed);
  const file = pkcs12(filed, password);
  const page = await open(null);
  await page.goto(`${system.site}/cancel/`);
  await page.waitForURL(/\/login/);
  await look(page, "key-login");
  await page.click("button:has-text('用证书文件登录')");
  await dialog(page).waitFor();
  await look(page, "key-pkcs12-login");
  await openFile(page, file, "wrong");
  await refused(page, "密码不正确");
  await look(page, "key-pkcs12-wrong");
  await openFile(page, pkcs12(world.foreign.issue({ uscc: filed.uscc, name: filed.name }), password), password);
  await refused(page, "不是本系统认可的证书");
  await openFile(page, __filename, password);
  await refused(page, "没有完成");
  await openFile(page, file, password);
  await page.waitForURL(`${system.site}/cancel/`);
  assert.ok((await page.textContent("header")).includes(filed.name));

  const [person] = filed.people;
  await apply(page, person);
  await look(page, "key-sign");
  await fits(page);
  await page.getByRole("button", { name: "请点击此按钮完成签署" }).click();
  await dialog(page).waitFor();
  await look(page, "key-sign-agent");
  await page.check("[name=driver][value=pkcs12]");
  await look(page, "key-sign-pkcs12");
  await openFile(page, pkcs12(stranger, password), password);
  await refused(page, "不是本企业的数字证书");
  assert.strictEqual(stateOf(person), "01");
  await openFile(page, file, password);
  await signedMatter(page, filed, person, "pkcs12");
  await page.context().close();
});

test("a key on P-384, whose statement holds another hash than the form is known by", async () => {
  const key = world.trusted.issue({ uscc: filed.uscc, name: filed.name, algorithm: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"] });
  const page = await open(filed);
  await page.goto(`${system.site}/login`);
  await page.click("a:has-text('用浏览器的证书窗口登录')");
  const person = filed.people[2];
  await apply(page, person);
  await page.getByRole("button", { name: "请点击此按钮完成签署" }).click();
  await page.check("[name=driver][value=pkcs12]");
  await openFile(page, pkcs12(key, password), password);
  await signedMatter(page, filed, person, "p384");
  await page.context().close();
});

test("nobody answers for the agent: that is told, and other ways are open", async () => {
  const page = await open(null, { viewport: { width: 360, height: 640 } });
  await loopback(page, "granted");
  await page.goto(`${system.site}/login`);
  await page.click("button:has-text('用本机助手登录')");
  await refused(page, "没有连接到本机助手");
  await look(page, "key-no-agent");
  await fits(page);
  assert.ok(await page.evaluate(() => [...document.querySelectorAll("dialog, dialog *")].every((one) => one.scrollWidth <= one.clientWidth || one.clientWidth === 0)));
  await page.keyboard.press("Escape");
  assert.ok(await page.evaluate(() => document.activeElement.textContent.includes("用本机助手登录")), "the focus is back");
  await page.context().close();
});

/* An agent that has these firms' keys and answers to the next requests for a signature as it is told,
 * afterwards truly. */
async function standIn(firms, ...troubles) {
  const asked = [];
  const answer = (url, body) => {
    if (url === "/v1/status") return [200, { agent: "ecert-agent", version: "test", token: true }];
    if (url === "/v1/certificates")
      return [200, { certificates: firms.map((firm, i) => ({ id: String(i), certificate: derOf(firm.certificate).toString("base64"),
        chain: [], label: firm.name, algorithms: [algorithmOf(firm)] })) }];
    asked.push(body);
    if (troubles.length > 0) return [403, { error: troubles.shift() }];
    const bytes = Buffer.from(body.statement, "base64");
    return [200, { signature: sign(firms[Number(body.id)].key, body.algorithm, bytes).toString("base64") }];
  };
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const [status, body] = request.method === "OPTIONS" ? [204, ""] : answer(request.url, JSON.parse(Buffer.concat(parts).toString() || "{}"));
      response.writeHead(status, { "Access-Control-Allow-Origin": system.site, "Access-Control-Allow-Headers": "content-type",
        "Content-Type": "application/json" }).end(body && JSON.stringify(body));
    });
  });
  for (let port = 17432; !server.listening && port <= 17435; port++)
    await new Promise((resolve) => server.once("error", resolve).listen(port, "127.0.0.1", resolve));
  assert.ok(server.listening, "no port of an agent's is free");
  server.unref();
  return { asked, close: () => { server.closeAllConnections(); server.close(); } };
}

test("the browser asks whether the site may reach the agent: no is told, yes goes on", async () => {
  const agent = await standIn([filed]);
  const page = await open(null);
  await page.goto(`${system.site}/login`);
  await loopback(page, "denied");
  await page.click("button:has-text('用本机助手登录')");
  await refused(page, "浏览器禁止本网站访问本机上的应用");
  await look(page, "key-forbidden");
  await loopback(page, "granted");
  await dialog(page).locator("button.button:not(.plain)").click();
  await page.waitForURL(`${system.site}/`);
  await page.context().close();
  agent.close();
});

test("an agent: certificates to choose from, its troubles told, and the way on", async () => {
  const agent = await standIn([stranger, filed], { kind: "wrong_pin", tries_left: 2 }, { kind: "cancelled" },
    { kind: "refused" }, { kind: "locked", tries_left: 0 });
  const page = await open(null);
  const again = () => dialog(page).locator("button.button:not(.plain)").click();
  await loopback(page, "granted");
  await page.goto(`${system.site}/login`);
  await page.click("button:has-text('用本机助手登录')");
  await dialog(page).getByText(filed.name).waitFor();
  assert.strictEqual(await page.evaluate(() => document.activeElement.name), "certificate");
  await look(page, "key-agent-choice");
  assert.strictEqual(agent.asked.length, 0);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await refused(page, "还可以再试 2 次");
  await look(page, "key-agent-wrong");
  await again();
  await refused(page, "已经取消");
  await again();
  await refused(page, "本机助手没有同意签名");
  await again();
  await refused(page, "法人一证通已锁定");
  await again();
  await page.waitForURL(`${system.site}/`);
  assert.ok((await page.textContent("header")).includes(filed.name));
  for (const { id, purpose, statement } of agent.asked) {
    assert.deepStrictEqual([id, purpose], ["1", "login"]);
    const [tag, origin] = Buffer.from(statement, "base64").toString().split("\n");
    assert.deepStrictEqual([tag, origin], ["ecert-login-1", crypto.createHash("sha256").update(system.site).digest("hex")]);
  }
  assert.strictEqual(new Set(agent.asked.map((one) => one.statement)).size, 5, "a challenge for each try");
  await page.context().close();
  agent.close();
});

/* Does what leads to a request for this place, and keeps that one until the function that it yields. */
async function heldBack(page, place, act) {
  let caught;
  const comes = new Promise((resolve) => { caught = resolve; });
  await page.route(place, caught, { times: 1 });
  await act();
  const route = await comes;
  return () => route.continue().catch(() => {}); /* the page may have given it up */
}

test("a token behind ecert-agent: log in, cancel, sign, and have the documents", async () => {
  await exchanged(held);
  const token = new Token();
  const rsa = world.trusted.issue({ uscc: held.uscc, name: held.name, algorithm: ["-algorithm", "RSA"] });
  token.put(held, { id: "01" });
  token.put(rsa, { id: "02" });
  const agent = await startAgent({ token, origins: [system.site], port: null, environment: { ECERT_AGENT_PAUSESECONDS: "1" } });
  test.after(async () => {
    await agent.end();
    token.remove();
  });
  /* Without those that came in the agent's pause, and come again. */
  const results = () => agent.events().filter(({ event, result }) => event === "sign" && result !== "refused")
    .map(({ purpose, result }) => `${purpose} ${result}`);
  const questions = () => agent.shown().split("请求使用您的法人一证通登录").length - 1;
  const choose = async (page, firm) => {
    const { serialNumber } = new crypto.X509Certificate(fs.readFileSync(firm.certificate));
    await dialog(page).getByText(`序列号 ${serialNumber.toLowerCase()}`).click();
    await dialog(page).locator("button.button:not(.plain)").click();
  };
  const page = await open(null);
  await loopback(page, "granted");
  await page.goto(`${system.site}/login`);
  await page.click("button:has-text('用本机助手登录')");
  await choose(page, held);
  await dialog(page).getByText("请在本机助手的窗口中核对内容").waitFor();
  await look(page, "key-agent-asks");
  agent.answer("000000");
  await refused(page, "密码不正确");
  agent.no();
  await choose(page, held);
  await refused(page, "已经取消");
  /* Who closes the dialog takes the question back; the next one is not held up, nor by the agent's pause. */
  await choose(page, held);
  await system.until("the agent's question", 60, () => questions() === 3);
  await page.keyboard.press("Escape");
  await system.until("the end of the question", 60, () => results().length === 3);
  /* Who closes it before the agent was asked has asked nothing. */
  await page.click("button:has-text('用本机助手登录')");
  const late = await heldBack(page, "**/login/challenge", () => choose(page, held));
  assert.strictEqual(await dialog(page).getByText("请在本机助手的窗口中核对内容").count(), 0);
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  await late();
  await page.click("button:has-text('用本机助手登录')");
  agent.answer(PIN);
  await choose(page, held);
  await page.waitForURL(`${system.site}/`);
  assert.ok((await page.textContent("header")).includes(held.name));
  page.problems.length = 0; /* Chromium notes the agent's 429 */

  const [person] = held.people;
  await apply(page, person);
  await page.getByRole("button", { name: "请点击此按钮完成签署" }).click();
  await dialog(page).locator("button.button:not(.plain)").click();
  await dialog(page).getByText("找到 2 张证书").waitFor();
  await look(page, "key-agent-sign");
  agent.answer(PIN);
  await choose(page, rsa);
  await signedMatter(page, held, person, "agent");
  assert.ok(agent.shown().includes(system.site), agent.shown());
  assert.ok(agent.shown().includes("证书注销申请表"), agent.shown());
  assert.deepStrictEqual(results(), ["login wrong_pin", "login cancelled", "login cancelled", "login signed", "form signed"]);
  await page.context().close();
});

test("the demonstration's own files log in", async () => {
  const [firm] = system.firms();
  const page = await open(null);
  await page.goto(`${system.site}/login`);
  await page.click("button:has-text('用证书文件登录')");
  await openFile(page, firm.pkcs12, firm.password);
  await page.waitForURL(`${system.site}/`);
  assert.ok((await page.textContent("header")).includes(firm.name));
  await page.context().close();
});

test("files of old log in: RC2 and 3DES", async () => {
  const old = pkcs12(filed, password, "-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "SHA1");
  const page = await open(null);
  await page.goto(`${system.site}/login`);
  await page.click("button:has-text('用证书文件登录')");
  await openFile(page, old, "wrong");
  await refused(page, "密码不正确");
  await openFile(page, old, password);
  await page.waitForURL(`${system.site}/`);
  assert.ok((await page.textContent("header")).includes(filed.name));
  await page.context().close();
});

test("without scripts the certificate dialog of the browser is left", async () => {
  const page = await open(filed, { javaScriptEnabled: false });
  await page.goto(`${system.site}/login?next=/exchange/`);
  assert.strictEqual(await page.locator("button:visible:has-text('登录')").count(), 0);
  await page.click("a:has-text('用浏览器的证书窗口登录')");
  assert.strictEqual(page.url(), `${system.site}/exchange/`);
  await apply(page, filed.people[1], null);
  await renewed(page, "签署需要浏览器运行脚本");
  assert.strictEqual(await page.locator("button:visible:has-text('完成签署')").count(), 0);
  assert.match(await page.textContent("main"), /签署需要浏览器运行脚本/);
  await page.screenshot({ path: `${system.shots}/key-sign-plain.png` });
  await page.context().close();
});
