"use strict";
/* A worker's private memory over 1,000,000 requests, an issuer's over 100,000 documents: flat, and
 * a worker's at most 12 MB. With SECONDS_EACH the runs end by time. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { spawn } = require("child_process");
const system = require("../e2e/lib/system");
const { operations } = require("../e2e/lib/client");
const { firms, loggedIn, exchange, made } = require("../e2e/lib/world");

const REQUESTS = Number(process.env.REQUESTS || 1000000);
const DOCUMENTS = Number(process.env.DOCUMENTS || 100000);
const SECONDS = Number(process.env.SECONDS_EACH || 0);
const WARM = 0.1;
const FLAT_KB = 512;
const MOST_KB = 12 * 1024;

/* Private memory in KB of each child of a program, by process. */
function memory(name) {
  return new Map(system.children(system.pid(name)).map((pid) => {
    const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return [pid, [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0)];
  }));
}

/* Runs until `progress` says it is enough (0 to 1); compares memory after warming up and at the end. */
async function flat(name, progress, seconds) {
  const begun = Date.now();
  const part = async () => Math.max(await progress(), SECONDS ? (Date.now() - begun) / 1000 / SECONDS : 0);
  await system.until("warm", seconds, async () => await part() >= WARM);
  const before = memory(name);
  await system.until("the end", seconds, async () => await part() >= 1);
  const after = memory(name);
  for (const [pid, kb] of after) {
    console.log(`# ${name} ${pid}: ${before.get(pid)} KB warm, ${kb} KB at the end`);
    assert.ok(before.has(pid), `${name}: a process ended during the run`);
    assert.ok(kb - before.get(pid) <= FLAT_KB, `${name} grew from ${before.get(pid)} to ${kb} KB`);
  }
  return Math.max(...after.values());
}

async function served() {
  const text = (await operations("/metrics")).html;
  return [...text.matchAll(/^ecert_requests_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/* wrk with a firm's session over all kinds of pages. */
function load(cookie, paths) {
  const script = path.join(system.folder, "mix.lua");
  fs.writeFileSync(script, `local paths = { ${paths.map((one) => `"${one}"`).join(", ")} }
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", paths[n % #paths + 1], { ["Cookie"] = "${cookie}" })
end
`);
  return spawn("wrk", ["-t", "2", "-c", "16", "-d", "7200", "-s", script, system.site], { stdio: "ignore" });
}

test(`a worker's memory over ${REQUESTS} requests`, async () => {
  const [firm] = firms(1, 5);
  const client = await loggedIn(firm);
  const matter = new URL((await exchange(client, (_, i) => i < 2)).headers.location, system.site).pathname;
  await made(client, matter);
  const list = await client.get("/certificates/");
  const certificate = new URL(list.links.find((link) => /\d+\/document$/.test(link)), list.url).pathname;
  const paths = ["/", "/exchange/", "/certificates/", certificate, certificate.replace("/document", ""), matter, "/help/",
    "/verify/nothing", "/nowhere", `/certificates/?name=${encodeURIComponent(firm.people[0].name)}`];
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const before = await served();
  const wrk = load(cookie, paths);
  try {
    const most = await flat("ecertd", async () => ((await served()) - before) / REQUESTS, 7200);
    assert.ok(most <= MOST_KB, `${most} KB`);
    console.log(`# ${(await served()) - before} requests`);
  } finally {
    wrk.kill();
  }
});

test(`an issuer's memory over ${DOCUMENTS} documents`, async () => {
  const made = system.ctl("demo", "--certificates", String(DOCUMENTS));
  assert.strictEqual(made.status, 0, made.out + made.err);
  const before = system.sqlNumber("SELECT COUNT(*) FROM document");
  /* Bulk certificates come without photos and jobs: they borrow a photo. */
  system.sql(`UPDATE certificate_version SET capture_id = (SELECT MIN(id) FROM identity_capture) WHERE capture_id IS NULL;
    UPDATE certificate c LEFT JOIN job j ON j.certificate_id = c.id SET c.generation = 0 WHERE j.id IS NULL;
    INSERT INTO job (kind, certificate_id, version, enterprise_id, state, run_at, created_at)
      SELECT 'certificate', c.id, c.version, c.enterprise_id, 'waiting', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
      FROM certificate c LEFT JOIN job j ON j.certificate_id = c.id WHERE j.id IS NULL`);
  await flat("ecert-issuerd", () => (system.sqlNumber("SELECT COUNT(*) FROM document") - before) / DOCUMENTS, 7200);
  assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM job WHERE state = 'failed'"), 0);
});
