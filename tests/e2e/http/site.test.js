"use strict";
/* What every page and file of the site promises, whoever asks. */

const assert = require("assert");
const http = require("http");
const test = require("node:test");
const tls = require("tls");
const zlib = require("zlib");
const { spawnSync } = require("child_process");
const system = require("../lib/system");
const { staff } = require("../lib/staff");
const { Client, operations } = require("../lib/client");
const { firms, loggedIn } = require("../lib/world");

const [firm] = firms(1, 1);
const visitor = new Client();

const publicPages = ["/", "/login", "/verify/", "/help/", "/help/login", "/help/exchange", "/help/certificates",
  "/help/verify", "/help/questions", "/logout"];
const ownPages = ["/", "/exchange/", "/certificates/", "/help/"];

function checkHeaders(answer, where) {
  const policy = answer.headers["content-security-policy"] || "";
  assert.ok(policy.includes("default-src 'none'"), `${where}: ${policy}`);
  assert.ok(!policy.includes("unsafe"), where);
  assert.ok(policy.includes("frame-ancestors 'none'"), where);
  assert.strictEqual(answer.headers["x-content-type-options"], "nosniff", where);
  assert.ok(answer.headers["referrer-policy"], where);
  assert.match(answer.headers["content-type"], /^text\/html;\s*charset=utf-8$/i, where);
  assert.match(answer.headers["cache-control"], /no-store/, where);
  assert.ok(!/nginx\/|ecertd\//.test(answer.headers.server || ""), where);
}

for (const path of publicPages) {
  test(`anyone may read ${path}`, async () => {
    const answer = await visitor.get(path);
    assert.strictEqual(answer.status, 200);
    assert.ok(answer.html.includes('lang="zh-CN"'));
    assert.ok(answer.title.length > 0);
    checkHeaders(answer, path);
  });
}

test("a firm's pages carry the same protection", async () => {
  const client = await loggedIn(firm);
  for (const path of ownPages) {
    const answer = await client.get(path);
    assert.strictEqual(answer.status, 200, path);
    checkHeaders(answer, path);
  }
});

test("every link of every page leads somewhere", async () => {
  const client = await loggedIn(firm);
  const seen = new Set();
  const next = ["/"];
  while (next.length > 0) {
    const path = next.pop();
    if (seen.has(path)) continue;
    seen.add(path);
    const answer = await client.get(path);
    assert.ok([200, 409].includes(answer.status), `${path}: ${answer.status}`);
    if (!/^text\/html/.test(answer.headers["content-type"])) continue;
    for (const link of answer.links) {
      const target = new URL(link, answer.url);
      if (target.origin === system.site && !target.pathname.startsWith("/logout")) next.push(target.pathname + target.search);
    }
  }
  assert.ok(seen.size > 10, [...seen].join(" "));
});

test("every page leads to its own chapter of the manual", async () => {
  const client = await loggedIn(firm);
  for (const [path, chapter] of [["/", ""], ["/exchange/", "exchange"], ["/apply/new", "apply"], ["/transfer/?state=draft", "transfer"],
    ["/certificates/", "certificates"], ["/name-change/", "name-change"], ["/verify/", "verify"], ["/help/", ""], ["/help/apply", ""],
    ["/certificates/0", "certificates"]]) {
    const answer = await client.get(path);
    assert.ok(answer.links.includes(`/help/${chapter}`), `${path}: ${answer.links}`);
  }
  /* The foot of staff's pages, where the chapter is another module's, too. */
  const [auditor, administrator] = [await staff("auditor"), await staff("administrator")];
  for (const [clerk, path, chapter] of [[auditor, "/staff/", ""], [auditor, "/staff/people/", "staff-capture"],
    [auditor, "/staff/history/people/999999999", "staff-search"], [auditor, "/staff/evidence/", "staff-enterprises"],
    [auditor, "/staff/account/", "staff-login"], [auditor, "/staff/proposals/", "staff-proposals"],
    [administrator, "/staff/accounts/", "staff-login"], [administrator, "/staff/jobs/", "staff-statistics"]])
    assert.ok((await clerk.get(path)).html.includes(`<a href="/help/${chapter}">操作手册</a>`), path);
});

const wrong = [
  ["GET", "/nowhere", 404], ["GET", "/exchange/1/2/3", 404], ["GET", "/certificates/abc", 404],
  ["GET", "/certificates/99999999999999999999", 404], ["GET", "/verify/never-issued", 404],
  ["GET", "/healthz", 404], ["GET", "/readyz", 404], ["GET", "/metrics", 404],
  ["POST", "/verify/", 405], ["DELETE", "/", 405], ["PUT", "/help/", 405], ["POST", "/help/", 405],
  ["GET", "/%00", 404], ["GET", "/%ff%fe", 404], ["GET", "/..%2f..%2fetc%2fpasswd", 404],
  ["GET", "/static/../../ecert.conf", 404], ["GET", "/static/..%2fhome.cs", 404], ["GET", "/_nginx/503.html", 404],
];
for (const [method, path, status] of wrong) {
  test(`${method} ${path} is ${status}`, async () => {
    const client = await loggedIn(firm);
    const answer = await client.request(method, system.site + path);
    assert.ok([status, 400].includes(answer.status), String(answer.status));
    assert.ok(!answer.html.includes("root:"));
  });
}

test("an error page has a request number that is in the log", async () => {
  const answer = await visitor.get("/nowhere");
  const number = answer.text.match(/请求编号：?\s*(\S+)/)[1];
  assert.ok(number.length >= 8);
  const found = spawnSync("grep", ["-c", number, `${system.folder}/log/ecertd.log`], { encoding: "utf8" });
  assert.ok(Number(found.stdout) >= 1, `${number} is not in the log`);
});

/* What nginx answers itself, over HTTP/2 as browsers have it, too. */
for (const [method, path, status, body] of [["GET", "/static/none.css", 404], ["GET", "/static/", 403],
  ["POST", "/static/site.css", 405, "a=b"], ["GET", "/%00", 400], ["POST", "/exchange/", 413, "x".repeat(70000)]]) {
  test(`nginx's own ${status} of ${method} ${path} has a request number that is in its log`, async () => {
    const number = (page) => page.match(/请求编号：<br><code>([0-9a-f]{32})</)[1];
    const first = await visitor.request(method, path, { body: body || null });
    assert.strictEqual(first.status, status);
    assert.match(first.headers["content-type"], /^text\/html; charset=utf-8/);
    assert.strictEqual(first.headers["retry-after"], undefined);
    const second = spawnSync("curl", ["-s", "--http2", "--noproxy", "*", "--cacert", system.authorities,
      "-X", method, ...(body ? ["--data-binary", "@-"] : []), "-w", "\n%{http_code}", system.site + path], { encoding: "utf8", input: body || "" });
    assert.ok(second.stdout.endsWith(`\n${status}`), second.stdout);
    for (const page of [first.html, second.stdout])
      await system.until("the line of the log", 10, () =>
        spawnSync("grep", ["-F", number(page), `${system.folder}/log/access.log`], { encoding: "utf8" })
          .stdout.includes(`${status === 400 ? "" : ` ${method} ${path}`} ${status} `));
  });
}

test("HEAD is GET without its body", async () => {
  const answer = await visitor.request("HEAD", "/help/");
  assert.strictEqual(answer.status, 200);
  assert.strictEqual(answer.body.length, 0);
});

test("static files may be kept for ever under their version, and are packed", async () => {
  const page = (await visitor.get("/")).html;
  for (const url of page.match(/\/static\/site\.(css|js)\?[^"]+/g)) {
    const answer = await visitor.get(url, { headers: { "Accept-Encoding": "gzip" } });
    assert.strictEqual(answer.status, 200);
    assert.match(answer.headers["cache-control"], /immutable/);
    assert.strictEqual(answer.headers["content-encoding"], "gzip");
    assert.ok(zlib.gunzipSync(answer.body).length > 1000);
    assert.strictEqual(answer.headers["x-content-type-options"], "nosniff");
  }
  const bare = await visitor.get("/static/site.css");
  assert.ok(!/immutable/.test(bare.headers["cache-control"]));
});

test("pages are packed for who can unpack", async () => {
  const answer = await visitor.get("/help/", { headers: { "Accept-Encoding": "gzip" } });
  assert.strictEqual(answer.headers["content-encoding"], "gzip");
  assert.ok(zlib.gunzipSync(answer.body).toString().includes("操作手册"));
});

function handshake(port, options) {
  return new Promise((resolve) => {
    const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false, servername: "localhost", ...options },
      () => { resolve(socket.getProtocol()); socket.destroy(); });
    socket.on("error", (error) => resolve(error.code || "refused"));
  });
}

test("TLS 1.2 and 1.3 are spoken, older ones are not", async () => {
  for (const url of [system.site, system.login]) {
    const port = Number(new URL(url).port);
    assert.strictEqual(await handshake(port, { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }), "TLSv1.3");
    assert.strictEqual(await handshake(port, { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }), "TLSv1.2");
    const old = await handshake(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
    assert.ok(!/^TLS/.test(old), old);
  }
});

test("plain HTTP on the site's port is sent to HTTPS", async () => {
  const answer = await new Promise((resolve, reject) => {
    http.get({ host: "127.0.0.1", port: new URL(system.site).port, path: "/help/", headers: { Host: "localhost" } }, resolve)
      .on("error", reject);
  });
  assert.strictEqual(answer.statusCode, 301);
  assert.strictEqual(answer.headers.location, `${system.site}/help/`);
  answer.resume();
});

test("a body beyond all bounds is refused in Chinese", async () => {
  const answer = await visitor.post("/logout", [["a", "x".repeat(200000)]]);
  assert.strictEqual(answer.status, 413);
  assert.ok(answer.html.includes("提交的内容过大"));
});

test("too many requests of one address are told to wait", async () => {
  try {
    system.restart("nginx", { ECERT_LIMIT: "1" });
    const refused = (method, path, count) => system.until(`429 of ${path}`, 60, async () => {
      const answers = await Promise.all(Array.from({ length: count }, () => visitor.request(method, path)));
      const found = answers.filter((answer) => answer.status === 429);
      return found.length > 0 && found;
    });
    const [first] = await refused("GET", "/verify/nothing", 40);
    assert.ok(first.html.includes("操作过于频繁"));
    assert.ok(first.headers["retry-after"]);
    await refused("GET", "/certificates/download", 40);
    await refused("GET", "/apply/export", 40);
    await refused("POST", "/apply/", 600);
    const pages = await Promise.all(Array.from({ length: 120 }, () => visitor.request("GET", "/help/")));
    assert.deepStrictEqual([...new Set(pages.map((answer) => answer.status))], [200]);
  } finally {
    system.restart("nginx");
  }
  await system.until("free again", 60, async () =>
    (await Promise.all(Array.from({ length: 40 }, () => visitor.request("GET", "/verify/nothing"))))
      .every((answer) => answer.status === 404));
});

test("operations answer on their own socket", async () => {
  for (const path of ["/healthz", "/readyz"]) assert.strictEqual((await operations(path)).status, 200, path);
  const metrics = await operations("/metrics");
  assert.match(metrics.headers["content-type"], /^text\/plain/);
  for (const name of ["ecert_jobs{state=\"waiting\"}", "ecert_jobs_oldest_seconds"]) assert.ok(metrics.html.includes(name), name);
  for (const line of metrics.html.trim().split("\n"))
    assert.match(line, /^(#|[a-zA-Z_:][a-zA-Z0-9_:]*(\{(\w+="[^"]*",?)*\})? [-+0-9.eEInfNa]+$)/);
  for (const path of ["/", "/exchange/", "/verify/"]) assert.strictEqual((await operations(path)).status, 404, path);
});

test("the access log holds no query and no name", async () => {
  const client = await loggedIn(firm);
  await client.get("/certificates/?name=%E5%BC%A0%E4%B8%89");
  const log = require("fs").readFileSync(`${system.folder}/log/access.log`, "utf8");
  assert.ok(log.includes("/certificates/"));
  assert.ok(!/张三|%E5%BC%A0|name=/.test(log));
});

test("the programs' logs hold no ID number and no holder's name", () => {
  const log = ["ecertd", "ecert-issuerd"].map((name) => require("fs").readFileSync(`${system.folder}/log/${name}.log`, "utf8")).join("");
  for (const person of firm.people) assert.ok(!log.includes(person.idNo) && !log.includes(person.name));
  assert.ok(!/\b[1-9]\d{16}[0-9X]\b/.test(log));
});
