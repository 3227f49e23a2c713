"use strict";
/* Makes the running system trust the tests' authority, as an operator adds one: files, reload. */

const fs = require("fs");
const { spawnSync } = require("child_process");
const system = require("./system");
const { trusted } = require("./world");

const conf = fs.readFileSync(`${system.folder}/etc/ecert.conf`, "utf8");
const file = (key) => conf.match(new RegExp(`^\\s*(?:Login\\.)?${key}\\s*=\\s*(\\S+)`, "m"))[1];
fs.appendFileSync(file("Authorities"), fs.readFileSync(trusted.file));
fs.appendFileSync(file("Revocations"), trusted.crl);

function workers() {
  return system.children(system.pid("ecertd"));
}

(async () => {
  const before = workers();
  process.kill(system.pid("ecertd"), "SIGHUP");
  spawnSync("nginx", ["-q", "-p", `${system.folder}/run`, "-c", `${system.folder}/etc/nginx.conf`,
    "-e", `${system.folder}/log/nginx.log`, "-s", "reload"]);
  await system.until("a reload", 60, () => {
    const now = workers();
    return now.length >= before.length && now.every((pid) => !before.includes(pid));
  });
})();
