"use strict";
/* Accounts of staff: what their owners change themselves, and what the administrator does. */

const assert = require("assert");
const test = require("node:test");
const system = require("../lib/system");
const { Client } = require("../lib/client");
const { fresh, staff, account, totp, logIn, send } = require("../lib/staff");

const word = "一句只有我才知道的长话 7";
const audit = (action) => system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = '${action}'`);
const formOf = (answer, action) => answer.forms.find((one) => one.action === action);
/* Sends the form of a page with these values in its fields. */
const fill = (client, page, action, values = {}) =>
  client.post(action, { ...Object.fromEntries(formOf(page, action).fields), ...values });
const idOf = (login) => system.sqlNumber(`SELECT id FROM staff WHERE login = '${login}'`);
const secretOf = (page) => page.html.match(/<code>([A-Z2-7 ]{39})<\/code>/)[1].replace(/ /g, "");
const step = () => Math.floor(Date.now() / 30000);

/* Somebody new, by the administrator's pages and a code: { client, login }. */
async function newcomer(login, role = "window") {
  const boss = await staff("administrator");
  const added = await fill(boss, await boss.get("/staff/accounts/new"), "/staff/accounts/", { login, name: "新来的", role });
  assert.strictEqual(added.status, 303, added.text);
  const place = added.headers.location;
  assert.strictEqual(place, `/staff/accounts/${idOf(login)}`);
  assert.ok((await boss.get(place)).text.includes("等待设置"));
  const ask = await boss.get(`${place}/code`);
  const page = await fill(boss, ask, `${place}/code`);
  assert.strictEqual(page.status, 200, page.text);
  const code = page.html.match(/([A-Z2-9]{4}-){3}[A-Z2-9]{4}/)[0];
  /* The same form once more does not show another. */
  assert.strictEqual((await fill(boss, ask, `${place}/code`)).status, 409);
  const client = new Client();
  assert.strictEqual((await send(client, "/staff/login/code", { login, code, password: word, again: word })).status, 303);
  const secret = secretOf(await client.get("/staff/login/set-up"));
  assert.strictEqual((await send(client, "/staff/login/set-up", { code: totp(secret) })).status, 303);
  return { client, login };
}

test("the administrator adds somebody, who sets the account up and changes what it is proved by", async () => {
  const one = await newcomer("newcomer1");
  const { client } = one;
  const page = await client.get("/staff/account/");
  assert.ok(page.text.includes("newcomer1") && page.text.includes("验证器应用"));
  assert.ok(!page.html.includes("/remove"));

  const change = async (fields) => fill(client, await client.get("/staff/account/password"), "/staff/account/password", fields);
  const better = "another sentence that is mine";
  assert.ok((await change({ current: "wrong", password: better, again: better })).text.includes("当前密码不正确"));
  assert.ok((await change({ current: word, password: better, again: "else else else" })).text.includes("不一致"));
  assert.ok((await change({ current: word, password: "newcomer1 newcomer1", again: "newcomer1 newcomer1" })).text.includes("不能包含登录名"));
  const elsewhere = new Client();
  elsewhere.cookies.set("__Host-ecert", client.cookies.get("__Host-ecert"));
  assert.strictEqual((await change({ current: word, password: better, again: better })).headers.location, "/staff/account/?done=password");
  assert.strictEqual((await elsewhere.request("GET", "/staff/")).status, 303, "other sessions end");
  assert.strictEqual((await client.get("/staff/account/?done=password")).status, 200);
  assert.strictEqual((await send(new Client(), "/staff/login/", { login: one.login, password: word })).status, 422);

  /* A second app, by which one can log in as well. */
  const begun = await fill(client, await client.get("/staff/account/app"), "/staff/account/app", { current: better });
  assert.strictEqual(begun.headers.location, "/staff/account/app/confirm");
  const confirm = await client.get("/staff/account/app/confirm");
  assert.strictEqual((await client.get("/staff/account/app/qr")).headers["content-type"], "image/svg+xml; charset=utf-8");
  const second = secretOf(confirm);
  const wrong = await fill(client, confirm, "/staff/account/app/confirm", { label: "备用", code: "000000" });
  assert.strictEqual(wrong.status, 422);
  const used = step();
  const code = totp(second, used);
  const added = await fill(client, confirm, "/staff/account/app/confirm", { label: "备用手机", code });
  /* Sent once more behind a lost answer: it is there, and nothing is wrong. */
  const resent = await fill(client, confirm, "/staff/account/app/confirm", { label: "备用手机", code });
  assert.deepStrictEqual([resent.status, resent.headers.location], [303, "/staff/account/"]);
  assert.strictEqual(added.status, 303, added.text);
  const other = new Client();
  const half = await send(other, "/staff/login/", { login: one.login, password: better });
  assert.strictEqual((await send(other, half.headers.location, { code: totp(second, Math.max(step(), used + 1)) })).status, 303);

  /* One may go, the last may not. */
  const list = await client.get("/staff/account/");
  const [first] = list.links.map((link) => link.href || link).filter((href) => /factors\/\d+\/remove$/.test(href));
  const ask = await client.get(first);
  const refused = await fill(client, ask, first, { current: "wrong" });
  assert.ok(refused.text.includes("当前密码不正确"));
  assert.strictEqual((await fill(client, ask, first, { current: better })).headers.location, "/staff/account/?done=removed");
  assert.strictEqual((await other.request("GET", "/staff/")).status, 303, "other sessions end");
  const last = system.sqlNumber(`SELECT id FROM staff_factor WHERE staff_id = ${idOf(one.login)}`);
  const final = await client.get(`/staff/account/factors/${last}/remove`);
  assert.ok(final.text.includes("最后一种"));
  const csrf = new Map(final.forms[0].fields).get("_csrf");
  assert.strictEqual((await client.post(`/staff/account/factors/${last}/remove`, { _csrf: csrf, current: better })).status, 409);
  for (const action of ["staff.add", "staff.reset", "staff.password", "staff.password.refused", "staff.factor.add", "staff.factor.remove"])
    assert.ok(audit(action) > 0, action);
});

test("the factors of others can't be touched", async () => {
  const client = await staff("window");
  const [[foreign]] = system.sql(`SELECT id FROM staff_factor WHERE staff_id <> ${idOf(client.account.login)} LIMIT 1`);
  assert.strictEqual((await client.get(`/staff/account/factors/${foreign}/remove`)).status, 404);
});

test("the administrator changes roles, ends sessions and disables, but not the own account", async () => {
  const boss = await staff("administrator");
  const one = await newcomer("newcomer2");
  const place = `/staff/accounts/${idOf("newcomer2")}`;
  const act = async (action, more = {}) => {
    const page = await boss.get(place);
    const fields = { ...Object.fromEntries(formOf(page, `${place}/role`).fields), ...more };
    return boss.post(`${place}/${action}`, { _csrf: fields._csrf, _key: fields._key, ...more });
  };
  assert.strictEqual((await one.client.request("GET", "/staff/")).status, 200);
  assert.ok((await boss.get(place)).text.includes("登录状态"));
  assert.strictEqual((await act("log-out")).status, 303);
  assert.strictEqual((await one.client.request("GET", "/staff/")).status, 303);
  assert.strictEqual((await act("role", { role: "auditor" })).status, 303);
  assert.strictEqual(system.sql("SELECT role FROM staff WHERE login = 'newcomer2'")[0][0], "auditor");
  assert.strictEqual((await act("role", { role: "boss" })).status, 422);
  assert.strictEqual((await act("enable")).status, 409);
  assert.strictEqual((await act("disable")).status, 303);
  assert.strictEqual((await send(new Client(), "/staff/login/", { login: "newcomer2", password: word })).status, 422);
  assert.strictEqual((await act("enable")).status, 303);

  const own = `/staff/accounts/${idOf(boss.account.login)}`;
  const page = await boss.get(own);
  assert.ok(page.text.includes("这是您自己的账户"));
  const csrf = new Map(page.forms[0].fields).get("_csrf");
  for (const [i, [action, fields]] of [["role", { role: "decision" }], ["disable", {}], ["log-out", {}], ["code", {}]].entries()) {
    const answer = await boss.post(`${own}/${action}`, { _csrf: csrf, _key: `own-account-key-${i}-xxxx`, ...fields });
    assert.strictEqual(answer.status, 409, action);
    assert.ok(answer.text.includes("须由另一位系统管理员办理"), answer.text);
  }
  assert.strictEqual((await boss.get("/staff/accounts/99999999")).status, 404);
});

test("a login that is taken, and what can't be one, are refused with words", async () => {
  const boss = await staff("administrator");
  const add = async (login, role = "window") => fill(boss, await boss.get("/staff/accounts/new"), "/staff/accounts/", { login, name: "重名", role });
  assert.ok((await add("window1")).text.includes("已经使用"));
  assert.ok((await add("Window")).text.includes("小写字母"));
  assert.ok((await add("fine1", "boss")).text.includes("请选择岗位"));
});

test("staff are locked out of nothing by their own log-out everywhere", async () => {
  const client = await fresh("auditor", 2);
  const page = await client.get("/staff/account/");
  const answer = await client.submit(page, formOf(page, "/logout/everywhere"));
  assert.strictEqual(answer.status, 303);
  assert.strictEqual((await client.request("GET", "/staff/")).status, 303);
  assert.strictEqual((await logIn(new Client(), account("auditor", 2))).status, 303);
});
