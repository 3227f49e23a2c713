"use strict";
/* kill -9, as the tests of this folder do it. */

const system = require("../e2e/lib/system");

const some = (list) => list[Math.floor(Math.random() * list.length)];

function sigkill(pid) {
  try { process.kill(pid, "SIGKILL"); } catch { return false; }
  return true;
}

/* One process of a program, its supervisor excepted. Both say whether they have killed. */
const killChild = (name) => {
  const children = system.children(system.pid(name));
  return children.length > 0 && sigkill(some(children));
};

/* A program's first process, which an operator then starts again. */
function killWhole(name) {
  const killed = sigkill(system.pid(name));
  system.restart(name);
  return killed;
}

const kinds = {
  worker: () => killChild("ecertd"),
  issuer: () => killChild("ecert-issuerd"),
  web: () => killWhole("ecertd"),
  issuers: () => killWhole("ecert-issuerd"),
  database: () => killWhole("mariadbd"),
};

/* Kills these kinds in turn, about `between` ms apart; a function that stops that and yields how often
 * each was killed, or fails as a kill did. */
function killing(names, between) {
  const count = Object.fromEntries(names.map((name) => [name, 0]));
  let going = true;
  const run = (async () => {
    for (let turn = 0; going; turn++) {
      await system.pause(between / 2 + Math.random() * between);
      const name = names[turn % names.length];
      if (going && kinds[name]()) count[name]++;
    }
  })();
  run.catch(() => {}); /* told by the stop */
  return async () => { going = false; await run; return count; };
}

const told = (count) => Object.entries(count).map(([name, times]) => `${times} ${name}`).join(", ");

/* What is asked of the database; null while it is away. */
function unlessAway(ask) {
  try { return ask(); } catch { return null; }
}
const number = (query) => unlessAway(() => system.sqlNumber(query));

module.exports = { some, killing, told, unlessAway, number };
