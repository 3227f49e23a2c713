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
  const bad = seen.filter((one) => ![200, 502, 503].includes(one.status) || !one.whole);
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
  assert.ok([502, 503].includes(answer.status), String(answer.status));
  assert.ok(answer.html.includes("系统暂时无法应答"));
  assert.ok(answer.headers["retry-after"]);
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
    http { log_format ecert '$uri'; map $args $ecert_cache { default ""; } client_body_temp_path ${folder}/b; fastcgi_temp_path ${folder}/f;
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
