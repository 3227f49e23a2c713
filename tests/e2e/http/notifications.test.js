"use strict";
/* Messages to firms: from the event to a relay and a gateway, with everything that may go wrong there. */

const assert = require("assert");
const { execFile } = require("child_process");
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { promisify } = require("util");
const { operations } = require("../lib/client");
const system = require("../lib/system");
const { firms, loggedIn, exchange, made } = require("../lib/world");
const { Relay, Gateway } = require("../lib/post");
const { sanction } = require("../lib/proposals");
const { staff } = require("../lib/staff");

const configuration = path.join(system.folder, "etc/ecert.conf");
const shipped = fs.readFileSync(configuration, "utf8");
const [firm] = firms(1, 3);
const address = `clerk-${firm.uscc.toLowerCase()}@firm.example`;
let relay, gateway, client;

const running = () => {
  try {
    process.kill(system.pid("ecert-notifyd"), 0);
    return true;
  } catch {
    return false;
  }
};

async function stopDaemon() {
  if (running()) await system.stop("ecert-notifyd");
}

/* All programs work by these lines of the section Notify from now on; none: as shipped. */
async function configure(lines) {
  const user = shipped.match(/Notify \{[^}]*?(User = .*)\n/)[1];
  fs.writeFileSync(configuration, lines
    ? shipped.replace(/Notify \{[^}]*\}\n/, `Notify {\n${[...lines, user].map((line) => `    ${line}\n`).join("")}}\n`)
    : shipped);
  for (const name of ["ecertd", "ecert-issuerd"]) {
    const before = system.children(system.pid(name));
    process.kill(system.pid(name), "SIGHUP");
    await system.until(`new ${name}`, 60, () => {
      const now = system.children(system.pid(name));
      return now.length >= before.length && now.every((pid) => !before.includes(pid));
    });
  }
  if (lines) await system.restartBeside("ecert-notifyd");
  else await stopDaemon();
}

const quick = ["Mail.From = notice@ecert.example", "Mail.TimeoutMs = 6000", "Sms.TimeoutMs = 6000", "Sms.SecretFile = sms.secret",
  "PollMs = 50", "RetryFirstMs = 200", "RetryMostMs = 400", "Attempts = 40", "GatherMs = 4000", "BreakerFailures = 1000", "LeaseMs = 15000"];
const plain = () => [...quick, `Mail.Url = smtp://127.0.0.1:${relay.port}`, "Mail.Tls = 0", `Sms.Url = http://127.0.0.1:${gateway.port}/sms`];

const enterprise = () => system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`);
const rows = (where) => system.sql(`SELECT id, state, attempts, IFNULL(cause, '') FROM outbox WHERE ${where}`)
  .map(([id, state, attempts, cause]) => ({ id, state, attempts: Number(attempts), cause }));

/* More messages of the kind that the exchange ordered; each a key of its own. */
function order(name, count, channel) {
  system.sql(`INSERT INTO outbox (event, event_key, channel, enterprise_id, contact_id, matter_id, address_sealed,
      address_hash, state, run_at, created_at)
    SELECT event, CONCAT('${name}:', seq), channel, enterprise_id, contact_id, matter_id, address_sealed, address_hash,
      'waiting', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
    FROM outbox JOIN seq_1_to_${count} WHERE event = 'ready' AND channel = '${channel}' AND enterprise_id = ${enterprise()}
      AND event_key LIKE 'ready:%'`);
  return `event_key LIKE '${name}:%'`;
}

const settled = (where, state, seconds = 60) =>
  system.until(`${where}: ${state}`, seconds, () => rows(where).every((row) => row.state === state) && rows(where));

async function post(place, fields, form) {
  const page = await client.get("/contact/" + place);
  const own = page.forms.find((one) => one.action === (form || `/contact/${place}`));
  assert.ok(own, page.text);
  return client.post(own.action, [...own.fields.filter(([name]) => name.startsWith("_")), ...fields]);
}

test.after(async () => {
  await configure(null);
  await relay.close();
  await gateway.close();
});

test("off: nothing is offered, and nothing is written", async () => {
  relay = await new Relay().open();
  gateway = await new Gateway().open();
  client = await loggedIn(firm);
  const page = await client.get("/contact/");
  assert.ok(page.text.includes("系统目前不发送通知"));
  assert.ok(!(await client.get("/")).html.includes("/contact/"));
  assert.strictEqual((await client.request("GET", "/contact/mail")).status, 404);
  const before = system.sqlNumber("SELECT COUNT(*) FROM outbox");
  system.ctl("expire");
  assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM outbox"), before);
  assert.strictEqual(running(), false);
});

test("an address counts when its code has come back", async () => {
  await configure(plain());
  assert.ok((await client.get("/")).html.includes('href="/contact/"'));
  const wrong = await post("mail", [["address", "nobody"]]);
  assert.strictEqual(wrong.status, 422);
  assert.ok(wrong.title.startsWith("错误："));
  assert.strictEqual((await post("mail", [["address", address]])).status, 303);
  const [mail] = await system.until("the code", 60, () => relay.taken.length && relay.taken);
  assert.strictEqual(mail.to, `<${address}>`);
  assert.strictEqual(mail.envelope, `RCPT TO:<${address}>`);
  assert.strictEqual(mail.auto, "auto-generated");
  const [, code] = mail.text.match(/^ {4}(\d{6})\r$/m);
  const no = await post("mail", [["code", code === "000000" ? "111111" : "000000"]], "/contact/mail/code");
  assert.strictEqual(no.status, 422);
  assert.ok(no.text.includes("验证码不对"));
  assert.strictEqual((await post("mail", [["code", code]], "/contact/mail/code")).status, 303);
  assert.ok((await client.get("/contact/")).text.includes("接收通知"));

  assert.strictEqual((await post("sms", [["address", "138 0013 8000"]])).status, 303);
  const [sms] = await system.until("the code", 60, () => gateway.posts.length && gateway.posts);
  const body = JSON.parse(sms.body);
  assert.strictEqual(body.to, "13800138000");
  const [, t, v1] = sms.headers["ecert-signature"].match(/^t=(\d+),v1=([0-9a-f]{64})$/);
  const secret = fs.readFileSync(path.join(system.folder, "etc/sms.secret"), "utf8").trim();
  assert.strictEqual(v1, crypto.createHmac("sha256", secret).update(`${t}.${sms.body}`).digest("hex"));
  assert.strictEqual(sms.key, `"${body.key}"`);
  assert.ok(Math.abs(Number(t) - Date.now() / 1000) < 60);
  assert.strictEqual((await post("sms", [["code", body.text.match(/\d{6}/)[0]]], "/contact/sms/code")).status, 303);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM contact WHERE INSTR(address_sealed, 'firm.example')`), 0);
});

test("what the issuer made is told once, for the whole matter", async () => {
  relay.taken.length = gateway.posts.length = 0;
  const matter = (await exchange(client)).headers.location;
  await made(client, matter);
  const list = await settled(`enterprise_id = ${enterprise()} AND event = 'ready'`, "sent");
  assert.strictEqual(list.length, 2);
  assert.deepStrictEqual([relay.taken.length, gateway.posts.length], [1, 1]);
  const [mail] = relay.taken;
  assert.strictEqual(mail.subject, "电子证书已生成（3本）");
  for (const person of firm.people) {
    assert.ok(mail.text.includes(person.number.replace("(", "（").replace(")", "）")), mail.text);
    assert.ok(!mail.text.includes(person.name) && !mail.text.includes(person.idNo), "names are masked");
  }
  assert.ok(JSON.parse(gateway.posts[0].body).text.includes("等3本电子证书已生成"));
});

test("what the authority does is told, with the states, to the firm whose certificate it is", async () => {
  const [person] = firm.people;
  for (const [kind, words] of [["suspend", "有效 → 暂扣"], ["give_back", "暂扣 → 有效"]]) {
    relay.taken.length = gateway.posts.length = 0;
    const matter = await sanction(kind, person.number);
    await system.until("both messages", 60, () => relay.taken.length && gateway.posts.length);
    const [mail] = relay.taken;
    assert.strictEqual(mail.subject, "管理部门对电子证书作出处理（1本）");
    assert.ok(mail.text.includes(words) && mail.text.includes(matter), mail.text);
    assert.ok(!mail.text.includes(person.name) && !mail.text.includes(person.idNo));
    assert.ok(!mail.text.includes(firm.people[1].number), "and of no other");
    assert.strictEqual(JSON.parse(gateway.posts[0].body).event, "sanction");
  }
});

test("a relay that is away, grey, slow or cut off gets it in the end, under the same id", async () => {
  const bad = [
    ["refused", async () => { const { port } = relay; await relay.close(); return () => relay.server.listen(port, "127.0.0.1"); }],
    ["grey", (n) => (step) => (step === "RCPT" && n() < 3 ? "450 4.2.0 come again" : null)],
    ["busy", (n) => (step) => (step === "MAIL" && n() < 3 ? "421 4.3.2 busy" : null)],
    ["cut", (n) => (step) => (step === "END" && n() < 3 ? "cut" : null)],
    ["slow", (n) => (step) => (step === "END" && n() < 2 ? "hang" : null)],
  ];
  for (const [name, how] of bad) {
    let count = 0, again = null;
    relay.seen.length = relay.taken.length = 0;
    if (name === "refused") again = await how();
    else relay.manner = how(() => ++count);
    const where = order(name, 1, "mail");
    if (again) {
      await system.until("some attempts", 60, () => rows(where)[0].attempts > 2);
      assert.ok(rows(where)[0].cause.includes("no answer"), rows(where)[0].cause);
      again();
    }
    const [row] = await settled(where, "sent");
    assert.ok(row.attempts > 1, `${name}: ${row.attempts}`);
    assert.strictEqual(relay.taken.length, 1, name);
    const ids = new Set(relay.seen.map((one) => one.id));
    assert.strictEqual(ids.size, 1, name);
    if (name === "cut") assert.ok(relay.seen.length >= 3, "the whole message came more than once");
    relay.manner = () => null;
  }
});

test("what a relay refuses for good is failed, seen on the board, and tried again by the administrator", async () => {
  relay.manner = (step) => (step === "RCPT" ? `550 5.1.1 <${address}>: no such user` : null);
  const where = order("final", 1, "mail");
  const [row] = await settled(where, "failed");
  assert.strictEqual(row.attempts, 1);
  assert.ok(row.cause.includes("550 5.1.1") && !row.cause.includes("firm.example"), row.cause);
  relay.manner = () => null;
  const auditor = await staff("auditor"), administrator = await staff("administrator");
  const seen = await auditor.get("/staff/notifications/?state=failed");
  assert.ok(seen.text.includes("550 5.1.1") && !seen.html.includes(address) && !seen.html.includes("/retry"));
  const board = await administrator.get("/staff/notifications/?state=failed");
  const form = board.forms.find((one) => one.action === `/staff/notifications/${row.id}/retry`);
  assert.strictEqual((await administrator.submit(board, form)).status, 303);
  await settled(where, "sent");
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'outbox.retry' AND object_id = ${row.id}`), 1);
  assert.strictEqual((await administrator.get("/staff/notifications/?state=gone")).status, 404);
});

test("with TLS asked for, only a relay that proves itself gets anything", async () => {
  const ca = path.join(system.folder, "demo/tls/ca.pem"), stranger = path.join(system.folder, "demo/ca/ca.pem");
  const password = path.join(system.folder, "etc/mail.password");
  fs.copyFileSync(path.join(system.folder, "etc/sms.secret"), password);
  const { uid, gid } = fs.statSync(path.join(system.folder, "etc/sms.secret"));
  fs.chownSync(password, uid, gid);
  fs.chmodSync(password, 0o600);
  const auth = { user: "me", password: fs.readFileSync(password, "utf8").trim() };
  for (const [secure, scheme] of [["starttls", "smtp"], ["tls", "smtps"]]) {
    const safe = await new Relay({ secure, auth }).open();
    const lines = [...quick, `Mail.Url = ${scheme}://localhost:${safe.port}`, "Mail.User = me", `Mail.PasswordFile = ${password}`];
    await configure([...lines, `Mail.AuthorityFile = ${stranger}`]);
    const where = order(secure, 1, "mail");
    await system.until("some attempts", 60, () => rows(where)[0].attempts > 1);
    assert.strictEqual(safe.seen.length, 0);
    assert.deepStrictEqual(safe.logins, []);
    await configure([...lines, `Mail.AuthorityFile = ${ca}`]);
    await settled(where, "sent");
    assert.strictEqual(safe.taken.length, 1);
    assert.ok(safe.logins.length >= 1 && safe.logins.every((one) => one === "me"));
    if (secure === "starttls") assert.strictEqual(safe.encrypted, 1);
    await safe.close();
  }
  const bare = await new Relay().open();
  await configure([...quick, `Mail.Url = smtp://localhost:${bare.port}`, `Mail.AuthorityFile = ${ca}`]);
  const where = order("bare", 1, "mail");
  await system.until("some attempts", 60, () => rows(where)[0].attempts > 1);
  assert.strictEqual(bare.seen.length, 0);
  await bare.close();
  await configure(plain());
  await settled(where, "sent");
});

test("a gateway is asked again after 429, 5xx and silence, as late as it says; 4xx is final", async () => {
  let count = 0;
  const times = [];
  gateway.posts.length = 0;
  gateway.manner = () => {
    times.push(Date.now());
    return [{ status: 503 }, { status: 429, headers: { "Retry-After": "2" } }, { cut: true }, null][count++] || null;
  };
  const where = order("again", 1, "sms");
  await settled(where, "sent");
  assert.strictEqual(gateway.posts.length, 4);
  assert.strictEqual(new Set(gateway.posts.map((one) => one.key)).size, 1);
  assert.ok(times[2] - times[1] >= 1900, String(times[2] - times[1]));
  gateway.manner = () => ({ status: 404 });
  const [row] = await settled(order("never", 1, "sms"), "failed");
  assert.strictEqual(row.attempts, 1);
  assert.ok(row.cause.includes("404"));
  gateway.manner = () => null;
});

test("a daemon that is killed again and again delivers all, each once to who looks at the key", async () => {
  const many = 150;
  gateway.posts.length = 0;
  gateway.keys.clear();
  gateway.manner = () => ({ hold: 15 });
  const where = order("killed", many, "sms");
  let kills = 0;
  for (; kills < 12; kills++) {
    await system.pause(150 + 60 * (kills % 4));
    const pid = system.pid("ecert-notifyd");
    const children = system.children(pid), whole = kills % 4 === 3;
    if (whole) system.kill(pid, "SIGKILL"); /* first, lest it starts another child */
    for (const child of children) system.kill(child, "SIGKILL");
    if (whole) await system.restartBeside("ecert-notifyd");
  }
  await settled(where, "sent", 120);
  assert.strictEqual(gateway.keys.size, many);
  assert.ok(gateway.posts.length >= many);
  console.log(`# ${kills} kills: ${gateway.posts.length} posts of ${many} messages`);
  assert.ok(gateway.posts.length <= many + kills, "no more repeated than were under way");
  gateway.manner = () => null;
});

test("who takes the address back is written to no more", async () => {
  relay.taken.length = 0;
  relay.manner = (step) => (step === "RCPT" ? "450 4.2.0 later" : null);
  const where = order("back", 1, "mail");
  await system.until("an attempt", 60, () => rows(where)[0].attempts > 0);
  const page = await client.get("/contact/mail");
  assert.strictEqual((await client.submit(page, page.forms.find((one) => one.action === "/contact/mail/remove"))).status, 303);
  relay.manner = () => null;
  const [row] = await settled(where, "dropped");
  assert.ok(row.cause.includes("taken back"), row.cause);
  assert.strictEqual(relay.taken.length, 0);
});

test("the operator sees it, and the audit is whole", async () => {
  /* Beside this process, which is the relay. */
  const { stdout: out } = await promisify(execFile)(`${system.prefix}/bin/ecertctl`, ["-c", configuration, "check", "--json"]);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  assert.strictEqual(lines.find((line) => line.check === "notifications").state, "OK", out);
  assert.strictEqual(lines.find((line) => line.check === "outbox").state, "OK", out);
  assert.ok(/^ecert_outbox\{state="failed"\} \d+$/m.test((await operations("/metrics")).html));
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
  const log = fs.readFileSync(path.join(system.folder, "log/ecert-notifyd.log"), "utf8");
  assert.ok(log.includes('"event":"message"'));
  assert.ok(!log.includes("firm.example") && !log.includes("13800138000"), "no address in the log");
});
