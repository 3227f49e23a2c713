"use strict";
/* Reload and stop while people work: nothing that was begun is lost. */

const assert = require("assert");
const fs = require("fs");
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
