"use strict";
/* A worker's private memory over 1,000,000 requests of every kind, an issuer's over 100,000 documents:
 * flat, and a worker's at most 6 MB. With SECONDS_EACH the runs end by time. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { spawn } = require("child_process");
const system = require("../e2e/lib/system");
const { operations } = require("../e2e/lib/client");
const { items } = require("../e2e/lib/items");
const { logs, subjects } = require("../e2e/lib/pairs");
const { firms, loggedIn, exchange, made } = require("../e2e/lib/world");

const REQUESTS = Number(process.env.REQUESTS || 1000000);
const DOCUMENTS = Number(process.env.DOCUMENTS || 100000);
const SECONDS = Number(process.env.SECONDS_EACH || 0);
const WARM = 0.1;
const FLAT_KB = 512;
const MOST_KB = 6 * 1024;

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

const cookieOf = (client) => [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
const lua = (text) => `"${text.replace(/["\\]/g, "\\$&")}"`;

/* wrk with requests in turn, each { method, path, body, cookie }; KEY in a body is new each time. */
function load(requests) {
  const script = path.join(system.folder, "mix.lua");
  const rows = requests.map(({ method, path: url, body, cookie }) =>
    `{ ${[method, url, body, cookie].map(lua).join(", ")} }`);
  fs.writeFileSync(script, `local requests = {
  ${rows.join(",\n  ")}
}
local n = 0
math.randomseed(os.time())
local function key()
  local letters = {}
  for i = 1, 22 do letters[i] = string.char(math.random(97, 122)) end
  return table.concat(letters)
end
request = function()
  n = n + 1
  local method, path, body, cookie = unpack(requests[n % #requests + 1])
  local headers = { ["Cookie"] = cookie }
  if method == "GET" then return wrk.format(method, path, headers) end
  headers["Content-Type"] = "application/x-www-form-urlencoded"
  return wrk.format(method, path, headers, (body:gsub("KEY", key)))
end
`);
  return spawn("wrk", ["-t", "2", "-c", "16", "-d", "7200", "-s", script, system.site], { stdio: "ignore" });
}

/* The pages of a firm with a certificate for each item to be tried on, and of one with nothing. */
async function mixture() {
  const [firm] = firms(1, 5);
  const client = await loggedIn(firm);
  const matter = new URL((await exchange(client, (_, i) => i < 3)).headers.location, system.site).pathname;
  await made(client, matter);
  const list = await client.get("/certificates/");
  const document = new URL(list.links.find((link) => /\d+\/document$/.test(link)), list.url).pathname;
  const name = encodeURIComponent(firm.people[0].name);
  const [one] = await subjects(1);
  const there = await loggedIn(one.there);
  const checks = [];
  for (const item of ["renew", "cancel", "departure", "transfer"]) {
    const draft = await items[item].ready(item === "transfer" ? there : one.client, one);
    checks.push([item === "transfer" ? there : one.client, `/${item === "renew" ? "apply" : item}/${draft.matter}`]);
  }
  const lists = ["apply", "transfer", "cancel", "departure"];
  const pages = [
    ...["/", "/exchange/", "/certificates/", document, document.replace("/document", ""), matter, "/help/", `/certificates/?name=${name}`,
      "/certificates/export", "/certificates/download", "/name-change/", "/rename/"].map((url) => [client, url, 200]),
    ...["/verify/nothing", "/nowhere"].map((url) => [client, url, 404]),
    ...lists.flatMap((item) => [`/${item}/`, `/${item}/new`, `/${item}/export`, `/${item}/?name=${name}&state=done`])
      .map((url) => [one.client, url, 200]),
    ...lists.map((item) => [one.client, `/${item}/?state=nonsense`, 422]),
    ...checks.map(([who, url]) => [who, url, 200]),
    [one.client, "/rename/confirm", 200],
  ].map(([who, url, status]) => ({ method: "GET", path: url, body: "", cookie: cookieOf(who), status, client: who }));
  return [...pages, ...await refusedPosts(client, one, there)];
}

/* Refused by a rule (and recorded), by the fields, for the token, and for a method. */
async function refusedPosts(client, one, there) {
  const csrf = async (who) => (await who.get("/")).html.match(/name="_csrf" value="([^"]+)"/)[1];
  const person = ({ idNo, name }, more = {}) => ({ id_type: "111", id_no: idNo, name, ...more });
  const posts = [
    [there, "/rename/", {}, 409],
    [there, "/apply/", person(one.person, { wish: "B" }), 409],
    [one.client, "/transfer/", person(one.person), 422],
    [one.client, "/cancel/", person({ idNo: "110105194912310021", name: "x" }), 422],
    [client, "/departure/", {}, 422],
    [client, "/certificates/", {}, 405],
  ];
  const all = await Promise.all(posts.map(async ([who, url, fields, status]) => ({ method: "POST", path: url, status, client: who,
    body: new URLSearchParams({ _csrf: await csrf(who), _key: "KEY", ...fields }).toString(), cookie: cookieOf(who) })));
  return [...all, { ...all[0], body: all[0].body.replace(/_csrf=[^&]+/, "_csrf=wrong"), status: 403 }];
}

/* That each is answered as it is meant to be. */
async function tried(requests) {
  for (const { method, path: url, body, status, client } of requests) {
    const answer = method === "GET" ? await client.request(method, url)
      : await client.request(method, url, { body: body.replace("KEY", "a".repeat(22)), headers: { "Content-Type": "application/x-www-form-urlencoded" } });
    assert.strictEqual(answer.status, status, `${method} ${url}: ${answer.text.slice(0, 300)}`);
  }
}

test(`a worker's memory over ${REQUESTS} requests`, async () => {
  const requests = await mixture();
  await tried(requests);
  const [lines, before] = [logs(), await served()];
  const wrk = load(requests);
  try {
    const most = await flat("ecertd", async () => ((await served()) - before) / REQUESTS, 7200);
    assert.ok(most <= MOST_KB, `${most} KB`);
    console.log(`# requests: ${(await served()) - before} of ${requests.length} kinds`);
  } finally {
    wrk.kill();
  }
  assert.strictEqual(lines('"event":"request_failed"'), 0);
});

test(`an issuer's memory over ${DOCUMENTS} documents`, async () => {
  const made = system.ctl("demo", "--certificates", String(DOCUMENTS));
  assert.strictEqual(made.status, 0, made.out + made.err);
  const before = system.sqlNumber("SELECT COUNT(*) FROM document");
  /* Bulk certificates come without photos and jobs: they borrow a person, whose photo opens for nobody else. */
  system.sql(`UPDATE certificate c JOIN certificate_version v ON v.certificate_id = c.id AND v.capture_id IS NULL
      SET c.person_id = (SELECT person_id FROM identity_capture ORDER BY id LIMIT 1);
    UPDATE certificate_version SET capture_id = (SELECT MIN(id) FROM identity_capture) WHERE capture_id IS NULL;
    UPDATE certificate c LEFT JOIN job j ON j.certificate_id = c.id SET c.generation = 0 WHERE j.id IS NULL;
    INSERT INTO job (kind, certificate_id, version, enterprise_id, state, run_at, created_at)
      SELECT 'certificate', c.id, c.version, c.enterprise_id, 'waiting', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
      FROM certificate c LEFT JOIN job j ON j.certificate_id = c.id WHERE j.id IS NULL`);
  await flat("ecert-issuerd", () => (system.sqlNumber("SELECT COUNT(*) FROM document") - before) / DOCUMENTS, 7200);
  assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM job WHERE state = 'failed'"), 0);
});
