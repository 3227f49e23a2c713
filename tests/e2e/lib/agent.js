"use strict";
/* ecert-agent on a port of its own, with a SoftHSM token of its own: for the agent's tests, and for
 * pages that sign in a browser.
 *
 *     const token = new Token();                             // a folder, an initialised token
 *     token.put(authority.issue(firm), { id: "01" });        // key and certificate; pki.js makes them
 *     const agent = await start({ token, origins: [system.site] });
 *     agent.answer(PIN);                                     // consent and password of the next question
 *     …                                                      // the page asks http://127.0.0.1:${agent.port}
 *     await agent.end();
 *
 * The agent asks nobody: each question it has takes one answer, given before or after; agent.no()
 * says no. What it would have shown is in agent.shown(). Pages look at the ports 17432 to 17435: give
 * one of them as `port` where a page is to find the agent. */

const fs = require("fs");
const os = require("os");
const path = require("path");
const { execFileSync, spawn } = require("child_process");
const { openssl } = require("./pki");

const PIN = "123456";
const SO_PIN = "87654321";
const prefix = process.env.ECERT_INSTALLED;
const module_ = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
  "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"].find((file) => fs.existsSync(file));

class Token {
  /* `initialised: false` leaves the slot empty: no token is there. */
  constructor({ label = "法人一证通", initialised = true } = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-token-"));
    this.label = label;
    this.module = module_;
    fs.mkdirSync(`${this.folder}/tokens`, { mode: 0o700 });
    fs.writeFileSync(`${this.folder}/softhsm2.conf`, `directories.tokendir = ${this.folder}/tokens\n`);
    this.environment = { ...process.env, SOFTHSM2_CONF: `${this.folder}/softhsm2.conf` };
    if (initialised) this.initialise();
  }

  run(program, ...words) {
    execFileSync(program, words, { env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
  }

  initialise() {
    this.run("softhsm2-util", "--init-token", "--free", "--label", this.label, "--so-pin", SO_PIN, "--pin", PIN);
  }

  /* A key with its certificate (pki.js's { certificate, key }). `key: false` leaves the key out;
   * `always: true` makes a key that wants the password for each signature. */
  put(firm, { id, label = "签名证书", key = true, always = false }) {
    const base = path.join(this.folder, id);
    openssl("x509", "-in", firm.certificate, "-outform", "DER", "-out", `${base}.der`);
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", firm.key, "-outform", "DER", "-out", `${base}.key`);
    const tool = ["--module", module_, "--token-label", this.label, "--login", "--pin", PIN, "--id", id, "--label", label];
    this.run("pkcs11-tool", ...tool, "--write-object", `${base}.der`, "--type", "cert");
    if (key)
      this.run("pkcs11-tool", ...tool, "--write-object", `${base}.key`, "--type", "privkey", "--usage-sign",
        ...(always ? ["--always-auth"] : []));
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/* Starts an agent and waits until it listens. Lines of `settings` go into agent.conf as they are;
 * `port` 0 is any, null agent.conf's. `ask` "settings" leaves the asking to agent.conf's way, and
 * "terminal" runs the agent in a terminal, at which answer(), no() and end() type. */
async function start({ token, origins, port = 0, settings = [], environment = {}, module = module_, ask = "descriptor" }) {
  const config = path.join(fs.mkdtempSync(`${token.folder}/agent-`), "agent.conf");
  fs.writeFileSync(config, [...origins.map((origin, i) => `Agent.Origin.${i} = ${origin}`),
    `Agent.Module = ${module}`, "Agent.PauseSeconds = 0", ...settings, ""].join("\n"));
  const terminal = ask === "terminal";
  const words = [`${prefix}/bin/ecert-agent`, "-c", config, ...(port === null ? [] : ["--port", String(port)]),
    ...(ask === "descriptor" ? ["--pin-fd", "3"] : [])];
  /* Not every shell makes way for the last command of -c by itself, and one that stays dies of the ^C. */
  if (terminal) words.splice(0, words.length, "script", "-q", "-e", "-c", `exec ${words.join(" ")}`, "/dev/null");
  const child = spawn(words[0], words.slice(1), { env: { ...token.environment, ...environment },
    stdio: terminal ? ["pipe", "pipe", "pipe", "ignore"] : ["ignore", "inherit", "pipe", "pipe"] });
  const answers = terminal ? child.stdin : child.stdio[3];
  const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
  let text = "";
  answers.on("error", () => {}); /* the agent ended before it read all answers */
  for (const out of terminal ? [child.stdout, child.stderr] : [child.stderr])
    out.setEncoding("utf8").on("data", (more) => { text += more; });
  const events = () => text.split(/\r?\n/).filter((line) => line.startsWith("{\"ts\"")).map((line) => JSON.parse(line));
  const agent = {
    child, ended, events, answers,
    shown: () => text.split("\n").filter((line) => !line.startsWith("{\"ts\"")).join("\n"),
    log: () => text,
    answer: (pin) => answers.write(`${pin}\n`),
    no: () => answers.write("\n"),
    end: async () => {
      if (!terminal) child.kill("SIGTERM");
      else answers.write("\x03");
      const status = await ended;
      answers.destroy();
      return status;
    },
  };
  const limit = Date.now() + 60000;
  for (;;) {
    const ready = events().find(({ event }) => event === "ready");
    if (ready) return Object.assign(agent, { port: ready.port });
    if (child.exitCode !== null || Date.now() > limit) throw new Error(`ecert-agent does not start: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

module.exports = { Token, start, PIN, module: module_ };
