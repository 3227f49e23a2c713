"use strict";
/* The running system the tests talk to, as tests/e2e/run has started it: where it is, and the
 * operator's hands on it. */

const fs = require("fs");
const path = require("path");
const { execFile, execFileSync, spawnSync } = require("child_process");
const { promisify } = require("util");

const folder = process.env.ECERT_VAR;
if (!folder) throw new Error("start the tests by tests/e2e/run");
const prefix = process.env.ECERT_INSTALLED;
const top = path.resolve(__dirname, "../../..");
const site = `https://localhost:${process.env.ECERT_PORT}`;
const login = `https://localhost:${process.env.ECERT_LOGIN_PORT}`;

/* The demo firms, by the header line of firms.tsv. */
function firms() {
  const [header, ...rows] = fs.readFileSync(path.join(folder, "demo/firms.tsv"), "utf8").trim().split("\n");
  const names = header.split("\t");
  return rows.map((row) => Object.fromEntries(row.split("\t").map((value, i) => [names[i], value])));
}

/* Rows of a query, as arrays of text. */
function sql(query) {
  const out = execFileSync("mariadb", ["--no-defaults", `--socket=${folder}/run/database/sock`,
    `--user=${process.env.USER_NAME}`, "--batch", "--skip-column-names", "ecert", "-e", query],
    { encoding: "utf8", maxBuffer: 1 << 28 });
  return out.split("\n").filter(Boolean).map((line) => line.split("\t"));
}

function sqlNumber(query) {
  return Number(sql(query)[0][0]);
}

/* ecertctl: { status, out, err }. */
function ctl(...words) {
  const run = spawnSync(`${prefix}/bin/ecertctl`, ["-c", `${folder}/etc/ecert.conf`, ...words],
    { encoding: "utf8", maxBuffer: 1 << 28 });
  return { status: run.status, out: run.stdout, err: run.stderr };
}

/* What ecertctl verify says of a file: { status, verdict, signer … }. */
function verify(file, ...words) {
  const { status, out, err } = ctl("verify", file, "--json", ...words);
  if (!out) throw new Error(`ecertctl verify: ${status}: ${err}`);
  return { status, ...JSON.parse(out) };
}

function pid(name) {
  return Number(fs.readFileSync(`${folder}/run/${name}.pid`, "utf8"));
}

function children(parent) {
  return fs.readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ")
    .filter(Boolean).map(Number);
}

/* Ends a program (if it runs) and starts it again, as quickstart started it. */
function restart(name, environment = {}) {
  const run = spawnSync(`${top}/quickstart`, ["restart", name], { encoding: "utf8", env: { ...process.env, ...environment } });
  if (run.status !== 0) throw new Error(`restart ${name}: ${run.status} ${run.stdout}${run.stderr}`);
}

/* The same beside this process, where it has to answer the program that ends. */
async function restartBeside(name) {
  await promisify(execFile)(`${top}/quickstart`, ["restart", name]);
}

/* A signal to a process that may have ended by itself. */
function kill(one, signal) {
  try {
    process.kill(one, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/* Ends it as an operator does: whether its parent has noticed is nobody's concern. */
async function stop(name) {
  const gone = pid(name);
  kill(gone, "SIGTERM");
  await until(`the end of ${name}`, 60, () => {
    try {
      return /^State:\s+Z/m.test(fs.readFileSync(`/proc/${gone}/status`, "utf8"));
    } catch {
      return true;
    }
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Asks until the answer is true; fails with `what` after `seconds`. */
async function until(what, seconds, ask) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(100);
  }
}

module.exports = {
  folder, prefix, top, site, login, firms, sql, sqlNumber, ctl, verify, pid, children, kill, stop, restart, restartBeside, pause, until,
  authorities: `${folder}/demo/tls/ca.pem`,
  operations: `${folder}/run/operations.sock`,
  shots: process.env.ECERT_SHOTS || `${folder}/screenshots`,
};
