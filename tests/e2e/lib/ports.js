"use strict";
/* Free ports of loopback for servers that come later, or come back: below those that the kernel gives to
 * whoever connects, and none that an agent is looked for at (17432 to 17435). Run as a program: that many
 * of them, on a line. */

const crypto = require("crypto");
const net = require("net");

const FIRST = 20000, END = 32768;

const listening = (port) => new Promise((resolve) => {
  const server = net.createServer();
  server.once("error", () => resolve(null)).listen(port, "127.0.0.1", () => resolve(server));
});

async function freePorts(count) {
  const servers = [];
  while (servers.length < count) {
    const server = await listening(crypto.randomInt(FIRST, END));
    if (server) servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

module.exports = { freePorts };
if (require.main === module) freePorts(Number(process.argv[2])).then((ports) => console.log(ports.join(" ")));
