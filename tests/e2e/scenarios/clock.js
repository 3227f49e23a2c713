"use strict";
/* The business date of the system under test: moved on by a new start of its programs. */

const { execFile } = require("child_process");
const { promisify } = require("util");
const { operations } = require("../lib/client");
const system = require("../lib/system");

const run = promisify(execFile);

/* What ecertctl does is of this day from now on; the programs go on as they are. */
function toolsOn(day) {
  process.env.ECERT_CLOCK_TODAY = day;
}

/* All of the system is on this day when it resolves. */
async function dayBegins(day) {
  toolsOn(day);
  await Promise.all(["ecert-issuerd", "ecertd"].map((name) => run(`${system.top}/quickstart`, ["restart", name])));
  await system.until("a new day", 60, async () => (await operations("/readyz")).status === 200);
}

module.exports = { toolsOn, dayBegins };
