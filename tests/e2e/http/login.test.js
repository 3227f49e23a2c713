"use strict";
/* Whom the login lets in, and what it tells the others. */

const assert = require("assert");
const test = require("node:test");
const system = require("../lib/system");
const { Client } = require("../lib/client");
const { trusted, foreign, firms } = require("../lib/world");
const { uscc } = require("../lib/registers");

const [firm] = firms(1, 1);
const expired = trusted.issue({ ...firm, from: -400, until: -2 });
const revoked = trusted.issue(firm);

/* Reloaded by itself when the file changes. */
function publishRevocation() {
  const fs = require("fs");
  const file = `${system.folder}/demo/ca/crl.pem`;
  const older = fs.readFileSync(file, "utf8").split(/(?<=-----END X509 CRL-----\n)/);
  trusted.revoke(revoked);
  older[older.length - 1] = trusted.crl;
  fs.writeFileSync(file, older.join(""));
}

const refused = [
  ["none", "没有读到法人一证通", () => null],
  ["self_signed", "不是法人一证通的证书", () => trusted.selfSigned(firm)],
  ["foreign", "不是本系统认可的证书", () => foreign.issue(firm)],
  ["expired", "数字证书已过期", () => expired],
  ["not_yet", "数字证书尚未生效", () => trusted.issue({ ...firm, from: 2, until: 300 })],
  ["revoked", "数字证书已被吊销", () => { publishRevocation(); return revoked; }],
  ["usage", "证书用途不符", () => trusted.issue({ ...firm, profile: "encryption" })],
  ["weak", "证书强度不足", () => trusted.issue({ ...firm, algorithm: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"] })],
  ["no_code", "证书内没有企业代码", () => trusted.issue({ name: firm.name })],
  ["no_code", "证书内没有企业代码", () => trusted.issue({ name: firm.name, uscc: firm.uscc.slice(0, 17) + (firm.uscc.endsWith("1") ? "2" : "1") })],
  ["unknown_firm", "本企业尚未登记", () => trusted.issue({ name: "未登记企业", uscc: uscc(8888888) })],
];

function refusals(verdict) {
  return system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'login.refused'
    AND detail LIKE '%"verdict":"${verdict}"%'`);
}

/* Each by its hash: some may end meanwhile. */
const sessions = () => system.sql("SELECT HEX(token_hash) FROM session").flat();

for (const [verdict, heading, make] of refused) {
  test(`a certificate judged ${verdict} gets a page that says so, an audit event and no session: ${heading}`, async () => {
    const before = refusals(verdict);
    const older = sessions();
    const client = new Client(make());
    const answer = await client.get(`${system.login}/login/certificate`);
    assert.strictEqual(answer.status, 403);
    assert.ok(answer.text.includes(heading), answer.text);
    assert.ok(answer.title.startsWith("错误："));
    assert.match(answer.text, /请求编号 \S+/);
    assert.strictEqual(client.cookies.size, 0);
    assert.strictEqual(refusals(verdict), before + 1);
    assert.deepStrictEqual(sessions().filter((one) => !older.includes(one)), []);
  });
}

test("a good certificate leads to the firm's own page, with a cookie only this host gets", async () => {
  const client = new Client(firm);
  const ticket = await client.request("GET", `${system.login}/login/certificate`);
  assert.strictEqual(ticket.status, 303);
  const opened = await client.request("GET", ticket.headers.location);
  assert.strictEqual(opened.status, 303);
  const cookie = opened.headers["set-cookie"].join("\n");
  assert.match(cookie, /^__Host-ecert=/);
  for (const attribute of ["Secure", "HttpOnly", "SameSite=", "Path=/"]) assert.ok(cookie.includes(attribute), cookie);
  assert.ok(!/domain=/i.test(cookie));
  const home = await client.get("/");
  assert.ok(home.html.includes(firm.name));
});

test("a ticket is good once", async () => {
  const client = new Client(firm);
  const ticket = (await client.request("GET", `${system.login}/login/certificate`)).headers.location;
  assert.strictEqual((await client.get(ticket)).status, 200);
  const thief = new Client();
  const answer = await thief.get(ticket);
  assert.strictEqual(answer.status, 403);
  assert.ok(answer.text.includes("登录凭证已失效"));
  assert.strictEqual(thief.cookies.size, 0);
});

test("a guessed ticket opens nothing", async () => {
  const client = new Client();
  assert.strictEqual((await client.get(`/login/ticket/${"A".repeat(43)}`)).status, 403);
  assert.strictEqual((await client.get("/login/ticket/short")).status, 404);
});

test("login leads on to the page that was wanted, and to no other site", async () => {
  const wanted = await new Client(firm).get(`${system.login}/login/certificate?next=%2Fexchange%2F`);
  assert.strictEqual(new URL(wanted.url).pathname, "/exchange/");
  for (const next of ["//evil.example/", "https://evil.example/", "/\\evil.example", "/login"]) {
    const answer = await new Client(firm).get(`${system.login}/login/certificate?next=${encodeURIComponent(next)}`);
    assert.strictEqual(answer.url, `${system.site}/`, next);
  }
});

test("who comes from an address that is too long to come back to can log in all the same", async () => {
  const long = `/exchange/check?${Array.from({ length: 60 }, (_, i) => `paper=${123456 + i}`).join("&")}`;
  for (const [path, form] of [[long, `href="${system.login}/login/certificate"`],
    [`/staff/search/?q=${"%E7%8E%8B".repeat(60)}`, 'action="/staff/login/"']]) {
    const page = await new Client().get(path);
    assert.strictEqual(page.status, 200, page.url);
    assert.ok(page.html.includes(form), page.url);
    assert.ok(!page.html.includes("错误"), page.url);
  }
});

test("a session that came with the browser ends at login", async () => {
  const client = new Client(firm);
  await client.login();
  const old = new Client();
  old.cookies = new Map(client.cookies);
  await client.login();
  assert.ok(!(await old.get("/")).html.includes(firm.name));
  assert.ok((await client.get("/")).html.includes(firm.name));
});

test("logout ends the session on the server, not just in the browser", async () => {
  const client = new Client(firm);
  const home = await client.login();
  const copy = new Client();
  copy.cookies = new Map(client.cookies);
  const answer = await client.submit(home, home.forms.find((form) => form.action === "/logout"));
  assert.strictEqual(answer.status, 303);
  assert.strictEqual(client.cookies.size, 0);
  assert.ok(!(await copy.get("/")).html.includes(firm.name));
});

test("logout everywhere ends the sessions in other browsers", async () => {
  const other = new Client(firm);
  await other.login();
  const client = new Client(firm);
  const home = await client.login();
  await client.submit(home, home.forms.find((form) => form.action === "/logout/everywhere"));
  assert.ok(!(await other.get("/")).html.includes(firm.name));
});

/* What a proxy or an attacker may put on top. None of it may be believed. */
const pem = encodeURIComponent(require("fs").readFileSync(firm.certificate, "utf8"));
const forged = [
  { "Ssl-Client-Verify": "SUCCESS", "Ssl-Client-Cert": pem },
  { "X-SSL-Client-Cert": pem, "X-Client-Verify": "SUCCESS" },
  { "Ecert-Client-Cert": pem, "Ecert-Port": "login" },
  { ECERT_CLIENT_CERT: pem, ECERT_PORT: "login" },
  { "ECERT-CLIENT-CERT": [pem, pem] },
  { "Remote-User": firm.uscc, Authorization: `Basic ${Buffer.from(firm.uscc + ":").toString("base64")}` },
  { "X-Forwarded-For": "127.0.0.1", "X-Forwarded-User": firm.uscc, "X-Real-IP": "127.0.0.1" },
  { "X-Original-URL": "/exchange/", "X-Rewrite-URL": "/exchange/" },
  { Cookie: ["__Host-ecert=", `__Host-ecert=${"A".repeat(43)}`, "__Host-ecert=a; __Host-ecert=b"] },
  { Cookie: "__Host-ecert=" + "%00".repeat(40) },
];

for (const headers of forged) {
  const names = Object.keys(headers).join(", ");
  test(`headers of a client never make it somebody: ${names}`, async () => {
    const login = await new Client().get(`${system.login}/login/certificate`, { headers });
    assert.strictEqual(login.status, 403);
    assert.ok(login.text.includes("没有读到法人一证通"), login.text);
    const page = await new Client().request("GET", "/exchange/", { headers });
    assert.strictEqual(page.status, 303);
    assert.match(page.headers.location, /\/login/);
    assert.strictEqual((await new Client().request("GET", "/metrics", { headers })).status, 404);
    assert.strictEqual((await new Client().request("GET", "/login/certificate", { headers })).status, 404);
  });
}

test("headers of a client never make one firm another", async () => {
  const [other] = firms(1, 1);
  const client = new Client(other);
  for (const headers of forged.filter((one) => !one.Cookie)) {
    const home = await client.get(`${system.login}/login/certificate`, { headers });
    assert.ok(home.html.includes(other.name) && !home.html.includes(firm.name));
  }
});

test("the login port serves the login and nothing else", async () => {
  const client = new Client(firm);
  await client.login();
  for (const path of ["/", "/exchange/", "/certificates/", "/healthz", "/verify/"]) {
    const answer = await client.request("GET", system.login + path);
    assert.strictEqual(answer.status, 302, path);
    assert.strictEqual(answer.headers.location, system.site + path);
  }
});
