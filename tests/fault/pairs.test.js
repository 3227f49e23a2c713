"use strict";
/* Every pair of items at once for one person, ROUNDS times, while two ecertd with two workers each
 * share the schema, as two hosts behind one nginx do. With SECONDS_EACH it ends by time. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { spawn, spawnSync } = require("child_process");
const { operations } = require("../e2e/lib/client");
const { pairs, subjects, meet, logs } = require("../e2e/lib/pairs");
const system = require("../e2e/lib/system");

const ROUNDS = Number(process.env.ROUNDS || 20);
const SECONDS = Number(process.env.SECONDS_EACH || 0);
const WORKERS = { ECERT_WEB_WORKERS: "2" };

/* Starts another ecertd and has nginx ask both in turn; a function that ends it. */
async function secondHost() {
  const socket = `${system.folder}/run/ecertd-2.sock`;
  const log = fs.openSync(`${system.folder}/log/ecertd-2.log`, "a");
  const other = spawn(`${system.prefix}/sbin/ecertd`, ["-c", `${system.folder}/etc/ecert.conf`],
    { stdio: ["ignore", log, log], env: { ...process.env, ...WORKERS, ECERT_WEB_LISTEN: `unix:${socket}` } });
  await system.until("the second ecertd", 30, () => fs.existsSync(socket));
  const site = `${system.folder}/etc/nginx-site.conf`;
  const text = fs.readFileSync(site, "utf8");
  const line = text.match(/^ *server unix:\S+ .*;$/m)[0];
  fs.writeFileSync(site, text.replace(line, `${line}\n${line.replace(/unix:\S+/, `unix:${socket}`)}`));
  const reload = spawnSync("nginx", ["-q", "-p", `${system.folder}/run`, "-c", `${system.folder}/etc/nginx.conf`,
    "-e", `${system.folder}/log/nginx.log`, "-s", "reload"]);
  assert.strictEqual(reload.status, 0, String(reload.stderr));
  return () => new Promise((resolve) => { other.on("exit", resolve); other.kill("SIGTERM"); });
}

const deadlocks = () => Number(system.sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")[0][1]);

test("every pair of items, at once for one person, many times", async (t) => {
  system.restart("ecertd", WORKERS);
  await system.until("ready", 60, async () => (await operations("/readyz").catch(() => ({}))).status === 200);
  t.after(await secondHost());
  const met = deadlocks();
  const [lines, ends] = [logs(), Date.now() + (SECONDS || Infinity) * 1000];
  const counts = new Map(pairs.map((pair) => [pair, { one: 0, other: 0, both: 0 }]));
  let turns = 0;
  while (turns < ROUNDS && (turns === 0 || Date.now() < ends)) {
    const all = await subjects(pairs.length);
    for (const [i, pair] of pairs.entries()) counts.get(pair)[await meet(pair, all[i], turns + i)]++;
    turns++;
  }
  for (const [{ one, other }, count] of counts)
    console.log(`# ${one} and ${other}: ${count.one} ${count.other}${count.both ? ` both ${count.both}` : ""}`);
  console.log(`# rounds: ${turns} of ${pairs.length} pairs, ${lines('"event":"request_repeated"')} requests repeated`);
  const served = ["ecertd", "ecertd-2"].map((name) => fs.readFileSync(path.join(system.folder, "log", `${name}.log`), "utf8").match(/"method":"POST"/g));
  for (const posts of served) assert.ok(posts && posts.length > turns * pairs.length / 2, "both were asked");
  assert.strictEqual(lines('"event":"request_failed"'), 0, "nobody saw an error");
  assert.strictEqual(lines('"kind":"db_retry"'), 0, "and nobody met in a deadlock");
  assert.strictEqual(deadlocks() - met, 0, "nor did an issuer");
});
