"use strict";
/* kill -9, as the tests of this folder do it. */

const system = require("../e2e/lib/system");

const some = (list) => list[Math.floor(Math.random() * list.length)];

function sigkill(pid) {
  try { process.kill(pid, "SIGKILL"); } catch { return false; }
  return true;
}

/* One process of a program, its supervisor excepted. Each of these says whether it has killed. */
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

/* Calls `kill` again and again, about `between` ms apart; a function that stops that and yields how
 * often it has killed, or fails as a kill did. */
function killer(kill, between) {
  let going = true;
  let kills = 0;
  const run = (async () => {
    while (going) {
      await system.pause(between / 2 + Math.random() * between);
      if (going && await kill()) kills++;
    }
  })();
  run.catch(() => {}); /* told by the stop */
  return async () => { going = false; await run; return kills; };
}

module.exports = { some, killChild, killWhole, killer };
