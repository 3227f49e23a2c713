"use strict";
/* Reload and stop while people work: nothing that was begun is lost. */

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const net = require("net");
const os = require("os");
const path = require("path");
const { spawn } = require("child_process");
const test = require("node:test");
const system = require("../lib/system");
const { Client, operations } = require("../lib/client");
const registers = require("../lib/registers");
const { firms, loggedIn, made } = require("../lib/world");

/* Readers on every kind of page until told to stop; each answer's status, or the error. */
function readers(clients, paths) {
  const seen = [];
  let going = true;
  const runs = clients.map(async (client, i) => {
    for (let n = i; going; n++) {
      const path = paths[n % paths.length];
      const begun = Date.now();
      try {
        const answer = await client.request("GET", system.site + path);
        seen.push({ status: answer.status, begun, path, whole: /<\/footer>|<\/body>|<\/html>/.test(answer.html) });
      } catch (error) {
        seen.push({ status: 0, begun, path, error: String(error) });
      }
    }
  });
  return { seen, stop: async () => { going = false; await Promise.all(runs); return seen; } };
}

const tell = (list) => JSON.stringify(list.slice(0, 5));

test("a reload under load drops no request", async () => {
  const [firm] = firms(1, 1);
  const clients = await Promise.all(Array.from({ length: 8 }, () => loggedIn(firm, { keepAlive: true })));
  const load = readers(clients, ["/", "/exchange/", "/certificates/", "/help/"]);
  for (let i = 0; i < 3; i++) {
    const before = system.children(system.pid("ecertd"));
    process.kill(system.pid("ecertd"), "SIGHUP");
    await system.until("new workers", 30, () => {
      const now = system.children(system.pid("ecertd"));
      return now.length > 0 && now.every((pid) => !before.includes(pid));
    });
  }
  const seen = await load.stop();
  const bad = seen.filter((one) => one.status !== 200 || !one.whole);
  assert.ok(seen.length > 100, String(seen.length));
  assert.strictEqual(bad.length, 0, `${bad.length} of ${seen.length}: ${tell(bad)}`);
  for (const client of clients) client.close();
});

test("a reload with a broken configuration keeps the old workers", async () => {
  const file = `${system.folder}/etc/ecert.conf`;
  const good = fs.readFileSync(file);
  const before = system.children(system.pid("ecertd"));
  try {
    fs.appendFileSync(file, "\nNo.Such.Key = 1\n");
    process.kill(system.pid("ecertd"), "SIGHUP");
    await system.pause(1500);
    assert.deepStrictEqual(system.children(system.pid("ecertd")).sort(), before.sort());
    assert.strictEqual((await operations("/readyz")).status, 200);
    assert.strictEqual(system.ctl("check").status, 3);
  } finally {
    fs.writeFileSync(file, good);
  }
});

test("a stop under load finishes what was begun, and nginx says so to the others", async () => {
  const [firm] = firms(1, 1);
  const clients = await Promise.all(Array.from({ length: 4 }, () => loggedIn(firm, { keepAlive: true })));
  const load = readers(clients, ["/", "/exchange/", "/certificates/"]);
  await system.pause(1000);
  const told = Date.now();
  system.restart("ecertd");
  await system.until("ready again", 30, async () => (await operations("/readyz")).status === 200);
  const seen = await load.stop();
  const bad = seen.filter((one) => ![200, 503].includes(one.status) || !one.whole);
  assert.strictEqual(bad.length, 0, tell(bad));
  const lost = seen.filter((one) => one.begun < told - 50 && one.status !== 200);
  assert.strictEqual(lost.length, 0, tell(lost));
  assert.ok(seen.some((one) => one.begun > told && one.status === 200));
  for (const client of clients) client.close();
});

test("while nobody answers, nginx tells it in Chinese, and to come back", async () => {
  const pid = system.pid("ecertd");
  process.kill(pid, "SIGTERM");
  await system.until("the end of ecertd", 30, () => !fs.existsSync(`/proc/${pid}`) ||
    /^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8")));
  const answer = await new Client().request("GET", `${system.site}/help/`);
  assert.strictEqual(answer.status, 503);
  assert.ok(answer.html.includes("系统暂时无法应答"));
  const [, number] = answer.text.match(/请求编号：\s*([0-9a-f]{32})/);
  const log = fs.readFileSync(`${system.folder}/log/access.log`, "utf8");
  assert.match(log, new RegExp(` GET /help/ 503 .* ${number}$`, "m"));
  assert.ok(answer.headers["retry-after"]);
  /* Its look does not depend on who is away. */
  for (const [, file] of answer.html.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g))
    assert.strictEqual((await new Client().get(file)).status, 200, file);
  assert.match(answer.html, /\/static\/site\.css/);
  assert.match(answer.headers["content-security-policy"], /img-src 'self'; style-src 'self'/);
  system.restart("ecertd");
  await system.until("ready again", 30, async () => (await operations("/readyz")).status === 200);
});

test("a table whose worker is killed is cut off, and passes for no whole one", async () => {
  const LINES = 60000;
  const [firm] = firms(1, 1);
  const client = await loggedIn(firm);
  const id = system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`);
  system.sql(`INSERT INTO matter (item, opened_on, enterprise_id, state, opened_by_kind, opened_by_id, opened_at, closed_at)
    SELECT 'apply', '2020-01-01', ${id}, 'abandoned', 1, ${id}, '2020-01-01', '2020-01-01' FROM seq_1_to_${LINES}`);
  try {
    const whole = await client.get("/apply/export");
    assert.strictEqual(whole.html.trim().split("\n").length, LINES + 1);
    let cut = 0;
    for (let i = 0; i < 5; i++) {
      const asked = client.request("GET", "/apply/export").catch(() => null);
      await system.pause(100 + 60 * i);
      for (const pid of system.children(system.pid("ecertd"))) process.kill(pid, "SIGKILL");
      const answer = await asked;
      if (answer && answer.status === 200) assert.strictEqual(answer.body.length, whole.body.length, "a part that passes for the whole");
      else cut++;
      await system.until("ready again", 30, async () => (await operations("/readyz")).status === 200);
    }
    assert.ok(cut > 0, "none was cut");
  } finally {
    system.sql(`DELETE FROM matter WHERE enterprise_id = ${id} AND opened_on = '2020-01-01'`);
  }
});

/* The records of an answer as a worker sends it (FastCGI 1.0, 3.3), up to where it is killed, or whole. */
function records(parts, whole) {
  const record = (type, content) => Buffer.concat([Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]), content]);
  const out = parts.map((part) => record(6, Buffer.from(part)));
  return Buffer.concat(whole ? [...out, record(6, Buffer.alloc(0)), record(3, Buffer.alloc(8))] : out);
}

test("nginx, as it is set up, takes an answer without its end for no whole one", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-cut."));
  const parts = ["Status: 200 OK\r\nContent-Type: text/csv\r\n\r\n", "a,b\r\n".repeat(1000)];
  const worker = net.createServer((connection) => {
    connection.once("data", (asked) => connection.end(records(parts, asked.includes("/whole"))));
    connection.on("error", () => {});
  }).listen({ path: `${folder}/worker`, readableAll: true, writableAll: true });
  fs.chmodSync(folder, 0o755); /* nginx's workers may be another user */
  fs.writeFileSync(`${folder}/nginx.conf`, `daemon off; pid ${folder}/pid; error_log ${folder}/log; events {}
    http { log_format ecert '$uri'; map $args $ecert_cache { default ""; } map $status $ecert_retry { default ""; } client_body_temp_path ${folder}/b; fastcgi_temp_path ${folder}/f;
      proxy_temp_path ${folder}/p; scgi_temp_path ${folder}/s; uwsgi_temp_path ${folder}/u;
      server { listen unix:${folder}/site; include ${system.folder}/etc/nginx-server.conf; location / { fastcgi_pass unix:${folder}/worker; } } }`);
  const nginx = spawn("nginx", ["-p", folder, "-c", `${folder}/nginx.conf`], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  const ask = (place) => new Promise((resolve) => {
    const failed = () => resolve(null);
    http.get({ socketPath: `${folder}/site`, path: place }, (response) => {
      let size = 0;
      response.on("data", (part) => { size += part.length; });
      response.on("end", () => resolve(response.complete ? size : null));
      response.on("error", failed);
    }).on("error", failed);
  });
  try {
    await system.until("nginx is there", 10, () => fs.existsSync(`${folder}/pid`) && fs.existsSync(`${folder}/site`));
    assert.strictEqual(await ask("/whole"), parts[1].length);
    assert.strictEqual(await ask("/cut"), null);
  } finally {
    const gone = new Promise((resolve) => { nginx.on("exit", resolve); });
    nginx.kill();
    await gone;
    worker.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

test("workers and issuers that are killed come back, and what was open is finished once", async () => {
  const [firm] = firms(1, 5);
  const client = await loggedIn(firm);
  const list = await client.get("/exchange/");
  const form = list.forms.find((one) => one.action === "/exchange/check");
  const check = await client.submit(list, form, form.boxes);
  const confirm = await client.submit(check, check.forms.find((one) => one.action === "/exchange/confirm"));
  const last = confirm.forms.find((one) => one.method === "POST" && one.action === "/exchange/");
  for (const pid of system.children(system.pid("ecert-issuerd"))) process.kill(pid, "SIGKILL");
  const sent = client.submit(confirm, last).catch(() => null);
  for (const pid of system.children(system.pid("ecertd"))) process.kill(pid, "SIGKILL");
  await sent;
  await system.until("ready again", 30, async () => (await operations("/readyz")).status === 200);
  const answer = await system.until("the form goes through", 30, async () => {
    const again = await client.submit(confirm, last).catch(() => ({ status: 0 }));
    return again.status === 303 && again;
  });
  await made(client, answer.headers.location, 90);
  const id = system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM certificate WHERE enterprise_id = ${id}`), 5);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM document WHERE enterprise_id = ${id}`), 5);
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
});

const lines = ({ out }) => out.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));

test("ecertctl imports: what was taken, and the last of a kind taken back", async () => {
  const [firm] = registers.firms(1, 0);
  const file = `${system.folder}/undo.csv`;
  fs.writeFileSync(file, "uscc,name,region,province,legal_rep_name,legal_rep_id_type,legal_rep_id_no,phone\n" +
    `${firm.uscc},改名之后有限公司,local,,,,,\n`);
  const name = () => system.sql(`SELECT name FROM enterprise WHERE uscc = '${firm.uscc}'`)[0][0];
  const before = name();
  assert.strictEqual(system.ctl("import", "enterprises", file).status, 0);
  assert.strictEqual(name(), "改名之后有限公司");
  const [last] = lines(system.ctl("imports", "--json"));
  assert.deepStrictEqual([last.kind, last.state, last.rows, last.changed], ["enterprises", "taken", 1, 1]);
  assert.strictEqual(system.ctl("imports", "undo", String(last.import), "x").status, 2, "a reason has two characters");
  assert.strictEqual(system.ctl("imports", "undo", "nothing", "文件有误").status, 2);
  assert.strictEqual(system.ctl("imports", "undo", "999999999", "文件有误").status, 1);
  assert.deepStrictEqual(lines(system.ctl("imports", "undo", String(last.import), "文件有误", "--json")),
    [{ undoing: last.import }]);
  await system.until("the file is taken back", 60, () =>
    lines(system.ctl("imports", "--json")).find((one) => one.import === last.import).state === "undone");
  assert.strictEqual(name(), before);
  const again = system.ctl("imports", "undo", String(last.import), "文件有误");
  assert.strictEqual(again.status, 1);
  assert.match(again.err, /只有已导入的文件可以撤回/);
  assert.deepStrictEqual(system.sql(`SELECT action, actor_kind FROM audit_event WHERE object_kind = 'import_run'
    AND object_id = ${last.import} AND action LIKE 'import.und%'`).map(([, kind]) => kind), ["4", "4"]);
});

test("ecertctl notifications: those that wait or failed, tried again or given up", () => {
  const id = (name) => system.sqlNumber(`SELECT id FROM outbox WHERE event_key = 'operate:${name}'`);
  const state = (name) => system.sql(`SELECT state, attempts, IFNULL(cause, '') FROM outbox WHERE id = ${id(name)}`)[0];
  const late = "NOW(3) + INTERVAL 1 DAY";
  for (const [name, was, cause] of [["failed", "failed", "'550 no such user'"], ["waiting", "waiting", "NULL"],
    ["sent", "sent", "NULL"], ["bad", "failed", "'550 no such user'"]])
    system.sql(`INSERT INTO outbox (event, event_key, channel, enterprise_id, contact_id, address_sealed, address_hash, state,
      attempts, run_at, cause, created_at) VALUES ('left', 'operate:${name}', 'mail', 1, 999999999, 'x', UNHEX(SHA2('x', 256)),
      '${was}', 8, ${late}, ${cause}, NOW(3))`);
  const failed = lines(system.ctl("notifications", "--failed", "--json"));
  const row = failed.find((one) => one.notification === id("failed"));
  assert.deepStrictEqual([row.event, row.channel, row.state, row.attempts, row.cause],
    ["left", "mail", "failed", 8, "550 no such user"]);
  assert.ok(failed.at(-1).failed >= 2, "and how many there are");
  assert.ok(!failed.some((one) => one.notification === id("waiting")));
  assert.ok(lines(system.ctl("notifications", "--json")).some((one) => one.notification === id("waiting")));
  assert.strictEqual(system.ctl("notifications", "retry", String(id("failed"))).status, 0);
  assert.deepStrictEqual(state("failed").slice(0, 2), ["waiting", "0"]);
  assert.strictEqual(system.ctl("notifications", "retry", String(id("waiting"))).status, 1, "it has not failed");
  for (const name of ["failed", "waiting", "bad"]) {
    assert.strictEqual(system.ctl("notifications", "give-up", String(id(name))).status, 0);
    assert.deepStrictEqual([state(name)[0], state(name)[2]], ["dropped", "given up"]);
  }
  assert.strictEqual(system.ctl("notifications", "give-up", String(id("sent"))).status, 1);
  assert.strictEqual(system.ctl("notifications", "give-up", "x").status, 2);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'outbox.give_up' AND actor_kind = 4
    AND object_id IN (${["failed", "waiting", "bad"].map(id)})`), 3);
  system.sql("DELETE FROM outbox WHERE event_key LIKE 'operate:%'");
});
