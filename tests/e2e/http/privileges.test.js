"use strict";
/* Who may read what: files' modes, and, where the system was started as root, accounts. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { spawnSync } = require("child_process");
const system = require("../lib/system");

const conf = fs.readFileSync(`${system.folder}/etc/ecert.conf`, "utf8");
const value = (key) => (conf.match(new RegExp(`^\\s*(?:\\w+\\.)?${key}\\s*=[ \\t]*(.*)$`, "m")) || ["", ""])[1].trim();
const sealKey = value("Key");
const uidOf = (pid) => Number(fs.readFileSync(`/proc/${pid}/status`, "utf8").match(/^Uid:\s+(\d+)/m)[1]);
const asRoot = process.getuid() === 0;

test("no secret can be read by others", () => {
  const secrets = [sealKey, `${system.folder}/etc/vault.keys`, `${system.folder}/etc/database.password`];
  for (const file of secrets) assert.strictEqual(fs.statSync(file).mode & 0o007, 0, file);
  assert.strictEqual(fs.statSync(sealKey).mode & 0o077, 0);
  assert.strictEqual(fs.statSync(`${system.folder}/mariadb`).mode & 0o077, 0);
});

test("a secret that others can read is refused", () => {
  const copy = path.join(system.folder, "open.keys");
  fs.copyFileSync(`${system.folder}/etc/vault.keys`, copy);
  fs.chmodSync(copy, 0o644);
  const run = spawnSync(`${system.prefix}/bin/ecertctl`, ["-c", `${system.folder}/etc/ecert.conf`, "check"],
    { env: { ...process.env, ECERT_VAULT_FILE: copy }, encoding: "utf8" });
  assert.notStrictEqual(run.status, 0);
  assert.match(run.stdout + run.stderr, /open\.keys/);
});

test("no secret stands on a command line or in an environment", () => {
  const password = fs.readFileSync(`${system.folder}/etc/database.password`, "utf8").trim();
  for (const name of ["ecertd", "ecert-issuerd", "mariadbd"]) {
    for (const pid of [system.pid(name), ...system.children(system.pid(name))])
      for (const file of ["cmdline", "environ"])
        assert.ok(!fs.readFileSync(`/proc/${pid}/${file}`, "latin1").includes(password), `${name} ${file}`);
  }
});

test("only the issuer holds the seal key", () => {
  for (const pid of [system.pid("ecertd"), ...system.children(system.pid("ecertd"))]) {
    const open = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try { return fs.readlinkSync(`/proc/${pid}/fd/${fd}`); } catch { return ""; }
    });
    assert.ok(!open.includes(sealKey));
  }
});

test("as root: workers, issuer and database have accounts of their own, none is root", { skip: !asRoot && "not root" }, () => {
  const web = system.children(system.pid("ecertd")).map(uidOf);
  const issuer = system.children(system.pid("ecert-issuerd")).map(uidOf);
  const database = uidOf(system.pid("mariadbd"));
  assert.ok(web.length > 0 && issuer.length > 0);
  assert.strictEqual(new Set(web).size, 1);
  assert.strictEqual(new Set(issuer).size, 1);
  assert.strictEqual(new Set([0, web[0], issuer[0], database]).size, 4);
});

test("as root: the web workers' account can not read the seal key, nor the database's files", { skip: !asRoot && "not root" }, () => {
  const [worker] = system.children(system.pid("ecertd"));
  const status = fs.readFileSync(`/proc/${worker}/status`, "utf8");
  const gid = status.match(/^Gid:\s+(\d+)/m)[1];
  const groups = status.match(/^Groups:[ \t]*(.*?)[ \t]*$/m)[1].split(" ").filter(Boolean).join(",");
  const as = (...words) => spawnSync("setpriv", [`--reuid=${uidOf(worker)}`, `--regid=${gid}`,
    groups ? `--groups=${groups}` : "--clear-groups", ...words]).status;
  assert.strictEqual(as("cat", `${system.folder}/etc/vault.keys`), 0, "what it needs, it can read");
  assert.notStrictEqual(as("cat", sealKey), 0);
  assert.notStrictEqual(as("ls", `${system.folder}/mariadb`), 0);
});
