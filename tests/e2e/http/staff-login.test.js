"use strict";
/* How staff log in: a password, then a second factor; and what a guesser gets. */

const assert = require("assert");
const fs = require("fs");
const test = require("node:test");
const system = require("../lib/system");
const { Client } = require("../lib/client");
const { staff, fresh, account, accounts, totp, freshStep, logIn, send } = require("../lib/staff");
const { firms, foreign, loggedIn, trusted } = require("../lib/world");

const password = (client, who, word = who.password, next = "") =>
  send(client, "/staff/login/", { login: who.login, password: word, next });
const audit = (action, detail = "") => system.sqlNumber(`SELECT COUNT(*) FROM audit_event
  WHERE action = '${action}' AND detail LIKE '%${detail}%'`);

test("staff log in by password and one-time password, and are led to where they wanted", async () => {
  const client = new Client();
  const wanted = await client.request("GET", "/staff/?x=1");
  assert.strictEqual(wanted.status, 303);
  assert.match(wanted.headers.location, /^\/staff\/login\/\?next=%2Fstaff%2F%3Fx%3D1$/);
  /* A form whose session has ended leads back to a page that is there. */
  for (const [form, next] of [["/staff/capture/1", "%2Fstaff%2Fcapture%2F1"], ["/staff/proposals/X/decide", "%2Fstaff%2Fproposals%2F"],
    ["/staff/people/1/number", "%2Fstaff%2Fpeople%2F"], ["/staff/people/find", "%2Fstaff%2Fpeople%2F"],
    ["/staff/corrections/people/1", "%2Fstaff%2Fcorrections%2Fpeople%2F1"],
    ["/cancel/X/sign", "%2Fcancel%2FX%2Fsign"], ["/apply/X/abandon", "%2Fapply%2F"]]) {
    const sent = await new Client().post(form, [["a", "1"]]);
    assert.strictEqual(sent.headers.location, `${form.startsWith("/staff/") ? "/staff/login/" : "/login"}?next=${next}&lost=1`, form);
    assert.match((await new Client().get(sent.headers.location)).text, /登录已失效，刚才提交的内容没有办理/);
  }
  const form = (await client.get(wanted.headers.location)).forms.find((one) => one.action === "/staff/login/");
  const next = new Map(form.fields).get("next");
  const answer = await logIn(client, account("reviewer", 2), next);
  assert.strictEqual(answer.status, 303, answer.text);
  assert.strictEqual(answer.headers.location, "/staff/?x=1");
  const cookies = answer.headers["set-cookie"].join("\n");
  for (const name of ["__Host-ecert=", "__Host-ecert-browser=", "__Host-ecert-login=; Max-Age=0"])
    assert.ok(cookies.includes(name), cookies);
  const home = await client.get("/staff/");
  assert.strictEqual(home.status, 200);
  assert.ok(home.text.includes("您的岗位：审核"));
  assert.ok(audit("staff.login.accepted", '"factor":"totp"') > 0);
  assert.strictEqual((await client.get("/")).url, `${system.site}/staff/`);
});

test("a wrong password, an unknown login, and a disabled account get one and the same answer", async () => {
  const from = "127.0.0.21";
  system.ctl("staff", "add", "gone1", "离岗者", "window");
  system.ctl("staff", "disable", "gone1");
  const before = audit("staff.login.refused", '"cause":"password"');
  const pages = [];
  for (const login of [account("auditor", 2).login, "nobody.here", "gone1", "<script>", "不存在的人"]) {
    const answer = await password(new Client(null, { from }), { login }, "wrong password 1");
    assert.strictEqual(answer.status, 422);
    assert.ok(!answer.html.includes("wrong password 1"));
    assert.ok(answer.headers["set-cookie"] === undefined);
    pages.push(answer.text.replace(/\S{8}-\S{6}/g, ""));
  }
  assert.ok(pages[0].includes("登录名或密码不正确"));
  assert.deepStrictEqual(new Set(pages).size, 1);
  assert.strictEqual(audit("staff.login.refused", '"cause":"password"'), before + 5);
});

test("a one-time password is good once", async () => {
  const who = account("auditor", 2);
  const first = new Client();
  const code = totp(who.totp, await freshStep(who));
  await password(first, who);
  assert.strictEqual((await send(first, "/staff/login/factor", { code })).status, 303);
  const second = new Client();
  await password(second, who);
  const again = await send(second, "/staff/login/factor", { code });
  assert.strictEqual(again.status, 422);
  assert.ok(again.text.includes("已经使用过"));
  assert.ok(!second.cookies.has("__Host-ecert"));
  const old = totp(who.totp, Math.floor(Date.now() / 30000) - 2);
  assert.strictEqual((await send(second, "/staff/login/factor", { code: old })).status, 422);
});

test("half a login is good in its own browser only, and opens nothing", async () => {
  const who = account("decision", 1);
  const client = new Client();
  assert.strictEqual((await password(client, who)).status, 303);
  assert.strictEqual((await client.request("GET", "/staff/")).status, 303);
  const thief = new Client();
  const answer = await send(thief, "/staff/login/factor", { code: totp(who.totp) });
  assert.strictEqual(answer.status, 303);
  assert.strictEqual(answer.headers.location, "/staff/login/");
  assert.ok(!thief.cookies.has("__Host-ecert"));
  system.sql("UPDATE login_ticket SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE used_at IS NULL");
  assert.strictEqual((await client.request("GET", "/staff/login/factor")).status, 303);
});

test("forms of the login that come from elsewhere are refused", async () => {
  const who = account("decision", 1);
  for (const headers of [{}, { Origin: "https://evil.example" }, { Origin: "null" }]) {
    const answer = await new Client().post("/staff/login/", { login: who.login, password: who.password }, { headers });
    assert.strictEqual(answer.status, 403);
  }
});

test("after a few failures a login has to wait, but not in a browser that its owner has used before", async () => {
  const who = account("window", 2);
  const owner = await fresh("window", 2);
  const guesser = new Client(null, { from: "127.0.0.23" });
  let delayed = 0;
  /* Each failure makes the wait twice as long: sooner or later it is longer than a slow machine takes. */
  for (let i = 0; i < 12 && delayed === 0; i++)
    delayed += (await password(guesser, who, `wrong password ${i}`)).text.includes("尝试次数过多");
  assert.ok(delayed > 0);
  assert.ok(audit("staff.login.refused", '"cause":"delayed"') > 0);
  /* The right password does not help the guesser now. */
  system.sql("UPDATE login_delay SET until_at = UTC_TIMESTAMP(3) + INTERVAL 100 SECOND WHERE kind = 1 AND failures > 3");
  assert.ok((await password(guesser, who)).text.includes("尝试次数过多"));
  assert.strictEqual((await password(new Client(), who)).status, 422);
  /* Its owner is let in. */
  owner.cookies.delete("__Host-ecert");
  assert.strictEqual((await password(owner, who)).status, 303);
  /* Another account is not served by this browser's cookie. */
  system.sql("DELETE FROM login_delay WHERE kind = 1");
});

test("nobody waits longer than the bound", () => {
  assert.ok(system.sqlNumber("SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, tried_at, until_at)), 0) FROM login_delay") <= 300);
});

test("an account is set up by its code, once", async () => {
  const made = system.ctl("staff", "add", "setup1", "新任职", "window", "--json");
  assert.strictEqual(made.status, 0, made.err);
  const { code, added } = JSON.parse(made.out);
  assert.strictEqual(added, "setup1");
  assert.match(code, /^([A-Z2-9]{4}-){3}[A-Z2-9]{4}$/);
  const chosen = "一句只有我才知道的话 3";
  const client = new Client(null, { from: "127.0.0.24" });
  const choose = (fields) => send(client, "/staff/login/code", { login: "setup1", code, password: chosen, again: chosen, ...fields });
  assert.ok((await choose({ code: "AAAA-AAAA-AAAA-AAAA" })).text.includes("登记码不正确"));
  assert.ok((await choose({ again: "another sentence" })).text.includes("不一致"));
  for (const [weak, words] of [["too short", "至少12个字符"], ["setup1-setup1-setup1", "不能包含登录名"],
    ["123456789012345", "过于简单"], ["Christopher1", "名单中"], ["aaaaaaaaaaaaaaa", "过于简单"]]) {
    const refused = await choose({ password: weak, again: weak });
    assert.strictEqual(refused.status, 422);
    assert.ok(refused.text.includes(words), `${weak}: ${refused.text}`);
  }
  const redirect = await choose({ code: code.toLowerCase().replace(/-/g, " ") });
  assert.strictEqual(redirect.headers.location, "/staff/login/set-up");
  const page = await client.get("/staff/login/set-up");
  const secret = page.html.match(/<code>([A-Z2-7 ]{39})<\/code>/)[1].replace(/ /g, "");
  const image = await client.get("/staff/login/qr");
  assert.strictEqual(image.headers["content-type"], "image/svg+xml; charset=utf-8");
  assert.strictEqual(image.headers["cache-control"], "no-store");
  /* Not half set up, nor by anybody else. */
  assert.strictEqual((await new Client().request("GET", "/staff/login/qr")).status, 404);
  assert.ok((await password(new Client(null, { from: "127.0.0.24" }), { login: "setup1" }, chosen)).text.includes("还没有第二重身份验证"));
  assert.strictEqual((await send(client, "/staff/login/set-up", { code: "000000" })).status, 422);
  system.sql("DELETE FROM login_delay WHERE kind = 4");
  const step = Math.floor(Date.now() / 30000);
  const done = await send(client, "/staff/login/set-up", { code: totp(secret, step) });
  assert.strictEqual(done.status, 303, done.text);
  assert.strictEqual((await client.get("/staff/")).status, 200);
  assert.ok((await choose({})).text.includes("登记码不正确"));
  /* And from now on by password and the next code. */
  const other = new Client();
  assert.strictEqual((await password(other, { login: "setup1" }, chosen)).status, 303);
  assert.strictEqual((await send(other, "/staff/login/factor", { code: totp(secret, step + 1) })).status, 303);
  assert.ok(JSON.stringify(system.sql("SELECT detail FROM audit_event")).indexOf(code) < 0);
});

test("a code is good for some days, and an account that was disabled is logged out at once", async () => {
  const { code } = JSON.parse(system.ctl("staff", "reset", "setup1", "--json").out);
  system.sql("UPDATE staff SET code_expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE login = 'setup1'");
  const client = new Client(null, { from: "127.0.0.25" });
  const word = "one more sentence of mine";
  const answer = await send(client, "/staff/login/code", { login: "setup1", code, password: word, again: word });
  assert.ok(answer.text.includes("登记码不正确"));
  const one = await fresh("administrator", 2);
  assert.strictEqual((await one.get("/staff/")).status, 200);
  assert.strictEqual(system.ctl("staff", "disable", "administrator2").status, 0);
  assert.strictEqual((await one.request("GET", "/staff/")).status, 303);
  const last = system.ctl("staff", "disable", "administrator1");
  assert.strictEqual(last.status, 1);
  assert.match(last.err, /last administrator/);
  assert.strictEqual(system.ctl("staff", "enable", "administrator2").status, 0);
});

/* A form with a file, as a browser sends it. */
function upload(client, url, fields, name, file) {
  const boundary = "----ecert-test";
  const parts = Object.entries(fields).map(([key, value]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`);
  const body = Buffer.concat([Buffer.from(parts.join("") +
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="a.pem"\r\nContent-Type: application/x-pem-file\r\n\r\n`),
  file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return client.request("POST", url, { body, headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` } });
}

test("a certificate that the administrator has bound to an account is its second factor, in its owner's browser", async () => {
  const boss = await staff("administrator");
  const who = account("reviewer", 2);
  const mine = trusted.issue({ name: "李审核" });
  const place = `/staff/accounts/${system.sqlNumber(`SELECT id FROM staff WHERE login = '${who.login}'`)}`;
  const bind = async (file) => {
    const page = await boss.get(place);
    const form = page.forms.find((one) => one.action === `${place}/certificate`);
    return upload(boss, form.action, Object.fromEntries(form.fields.filter(([name]) => name.startsWith("_"))), "file", file);
  };
  const pem = (one) => fs.readFileSync(one.certificate);
  for (const [file, words] of [[Buffer.from("junk"), "没有登记这张证书"], [pem(foreign.issue({ name: "外人" })), "不是本系统认可的证书"],
    [pem(trusted.issue({ name: "过期的人", from: -400, until: -2 })), "已过期"]]) {
    const refused = await bind(file);
    assert.strictEqual(refused.status, 422);
    assert.ok(refused.text.includes(words), refused.text);
  }
  assert.strictEqual((await bind(pem(mine))).status, 303);
  assert.ok((await bind(pem(mine))).text.includes("已经登记过"));
  assert.ok((await boss.get(place)).text.includes("数字证书"));

  /* Half a login on the site; the certificate on the login port, by the same browser. */
  const begin = async (certificate) => {
    const client = new Client(certificate);
    assert.strictEqual((await password(client, who, who.password, "/staff/account/")).status, 303);
    const page = await client.get("/staff/login/factor?next=%2Fstaff%2Faccount%2F");
    return [client, page.html.match(/href="(https:[^"]*\/staff\/login\/certificate[^"]*)"/)[1]];
  };
  const [owner, link] = await begin(mine);
  const done = await owner.request("GET", link);
  assert.strictEqual(done.status, 303, done.text);
  assert.strictEqual(done.headers.location, `${system.site}/staff/account/`);
  assert.strictEqual((await owner.get("/staff/account/")).status, 200);
  assert.ok(audit("staff.login.accepted", '"factor":"certificate"') > 0);
  /* Without half a login it opens nothing; nor does another's, or none. */
  const bare = await new Client(mine).request("GET", link);
  assert.strictEqual(bare.status, 303);
  assert.strictEqual(bare.headers.location, `${system.site}/staff/login/`);
  for (const [certificate, words] of [[trusted.issue({ name: "别人" }), "没有登记在您的账户中"], [null, "没有出示数字证书"], [foreign.issue({ name: "外人" }), "不是本系统认可的证书"]]) {
    const [client, place2] = await begin(certificate);
    const answer = await client.request("GET", place2);
    assert.strictEqual(answer.status, 403);
    assert.ok(answer.text.includes(words), answer.text);
    assert.ok(!client.cookies.has("__Host-ecert"));
  }
  system.sql("DELETE FROM login_delay");
  /* A firm's login is not opened by it, for it names no firm. */
  assert.strictEqual((await new Client(mine).request("GET", `${system.login}/login/certificate`)).status, 403);
});

test("sessions of staff and of firms open nothing of each other", async () => {
  const [firm] = firms(1, 1);
  const clerk = await loggedIn(firm);
  assert.strictEqual((await clerk.request("GET", "/staff/")).status, 403);
  const one = await staff("window");
  for (const path of ["/exchange/", "/certificates/", "/apply/", "/transfer/", "/cancel/", "/departure/", "/rename/"])
    assert.strictEqual((await one.request("GET", path)).status, 403, path);
  const home = await one.get("/staff/");
  const csrf = new Map(home.forms[0].fields).get("_csrf");
  const answer = await one.post("/apply/", { _csrf: csrf, _key: "a".repeat(22), wish: "B" });
  assert.strictEqual(answer.status, 403);
});

test("no password and no secret is in the logs", () => {
  const log = require("fs").readFileSync(`${system.folder}/log/ecertd.log`, "utf8");
  for (const who of accounts) {
    assert.ok(!log.includes(who.password));
    assert.ok(!log.includes(who.totp));
  }
});
