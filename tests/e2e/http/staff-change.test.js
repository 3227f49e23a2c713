"use strict";
/* Changes of names and corrections over HTTP: what is refused and why, what two people make of it in
 * every firm, and what comes of a firm that is as fast. */

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { Client } = require("../lib/client");
const changes = require("../lib/changes");
const { items } = require("../lib/items");
const { subjects, logs } = require("../lib/pairs");
const { decide, stateOf, idOf, csrf, key } = require("../lib/proposals");
const registers = require("../lib/registers");
const { staff, accounts } = require("../lib/staff");
const system = require("../lib/system");
const world = require("../lib/world");

const { certificate, nameCheck, nameChange, correction, correctionCheck, proposing } = changes;

/* A firm with so many people's certificates in force. */
async function ready(count) {
  const [firm] = world.firms(1, count);
  const client = await world.loggedIn(firm, { keepAlive: true });
  const done = await world.exchange(client);
  assert.strictEqual(done.status, 303);
  await world.made(client, done.headers.location);
  return { firm, client, people: firm.people };
}

let one, at = 0; /* the firm that most tests are about */
const next = () => one.people[at++];
test.before(async () => { one = await ready(11); });
test.after(() => one.client.close());

const nameOf = (person) => Buffer.from(system.sql(`SELECT HEX(p.name) FROM person p JOIN certificate c ON c.person_id = p.id WHERE c.number = '${person.number}'`)[0][0], "hex").toString();
const made = (number) => system.until("the document", 60, () => certificate(number).generation === 2);

/* What the document of the version in force says. */
async function face(client, number) {
  await made(number);
  const answer = await client.request("GET", `/certificates/${certificate(number).id}/document`);
  assert.strictEqual(answer.status, 200);
  const file = path.join(system.folder, `face-${certificate(number).id}.pdf`);
  fs.writeFileSync(file, answer.body);
  return execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
}

test("what is wrong is said at its field, and what was scanned is kept", async () => {
  const person = next(), clerk = await staff("window");
  const rows = [
    [{ name: "" }, undefined, "f-name", "新姓名"],
    [{ name: "张3" }, undefined, "f-name", "不能使用的字符"],
    [{ name: "张\u{3134A}" }, undefined, "f-name", "U\\+3134A"],
    [{ name: person.name }, undefined, "f-name", "新姓名与原姓名相同"],
    [{ name: "张叁", seen_identity: "" }, undefined, "f-seen_identity", "请核对“本人身份证原件和复印件”"],
    [{ name: "张叁" }, changes.scans(["statement", "identity"]), "f-file_certificate", "请选择“三类人员证书原件和复印件”的扫描件"],
    [{ name: "张叁" }, [...changes.scans(["statement", "identity"]), { name: "file_certificate", file: "a.jpg", bytes: Buffer.from("no picture") }],
      "f-file_certificate", "三类人员证书原件和复印件："],
  ];
  for (const [values, files, anchor, words] of rows) {
    const answer = await nameCheck(clerk, person, values, files);
    const what = JSON.stringify(values);
    assert.strictEqual(answer.status, 422, what);
    assert.ok(answer.html.includes(`href="#${anchor}"`), `${what}: ${answer.text}`);
    assert.match(answer.text, new RegExp(words), what);
    if (values.name !== "") assert.match(answer.text, /已收到扫描件：情况说明.pdf/, what);
  }
  /* With what was kept, only the mistake has to be put right. */
  const wrong = await nameCheck(clerk, person, { name: "张3" });
  const action = new URL(wrong.url).pathname;
  const right = await changes.sendForm(clerk, wrong, action, { name: "张叁", reason: "更名", ...changes.ticks() });
  assert.strictEqual(right.status, 200, right.text);
  assert.ok(proposing(right));
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM proposal WHERE person_id = ${certificate(person.number).person}`), 0);
});

test("a new name, by two people, in every firm", async () => {
  const person = next();
  const { firm, client } = await ready(1);
  const from = `${new Date().getUTCFullYear() - 1}-01-15`;
  const second = registers.paperNumber("A", from, 6000000 + registers.next());
  registers.papers([{ person, firm, kind: "A", post: "02", number: second, from, until: `${new Date().getUTCFullYear() + 2}-01-14` }]);
  assert.strictEqual((await world.exchange(client)).status, 303);
  await made(second);
  const old = [person.number, second].map(certificate);

  const clerk = await staff("window");
  const check = await nameCheck(clerk, person, { name: " 阿卜杜拉•𠮷 " });
  assert.match(check.text, /阿卜杜拉·𠮷/);
  for (const number of [person.number, second]) assert.ok(check.text.includes(number));
  const answer = await clerk.submit(check, proposing(check));
  assert.strictEqual(answer.status, 303, answer.text);
  /* Sent again, it is the same one. */
  assert.strictEqual((await clerk.submit(check, proposing(check))).headers.location, answer.headers.location);
  const number = answer.headers.location.split("/").pop();
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM proposal WHERE kind = 'name_change' AND person_id = ${old[0].person}`), 1);
  assert.strictEqual(nameOf(person), person.name, "nothing has changed yet");
  assert.ok(!(await one.client.get("/")).text.includes("姓名已变更"));

  /* The papers: for who decides, and for the auditor. */
  const reviewer = await staff("reviewer");
  const page = await reviewer.get(`/staff/proposals/${number}`);
  const papers = page.links.filter((link) => link.startsWith("/staff/attachments/"));
  assert.strictEqual(papers.length, 3);
  for (const client_ of [reviewer, await staff("auditor")]) {
    const paper = await client_.request("GET", papers[0]);
    assert.strictEqual(paper.status, 200);
    assert.match(paper.headers["content-disposition"], /^attachment/);
  }
  for (const client_ of [clerk, await staff("window", 2), await staff("decision")])
    assert.strictEqual((await client_.request("GET", papers[0])).status, 404);
  assert.strictEqual((await (await staff("administrator")).request("GET", papers[0])).status, 403);
  assert.ok(!(await clerk.get(`/staff/proposals/${number}`)).links.some((link) => link.startsWith("/staff/attachments/")));
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE action = 'attachment.read' AND matter_id = ${idOf(number)}`), 2);

  /* Nobody but a reviewer. */
  for (const role of ["window", "auditor", "administrator"])
    assert.strictEqual((await decide(await staff(role, 1), number)).status, 403, role);
  assert.ok([403, 404].includes((await decide(await staff("decision"), number)).status));
  const sent = key();
  assert.strictEqual((await decide(reviewer, number, { sent })).status, 303);
  assert.strictEqual((await decide(reviewer, number, { sent })).status, 303, "the same decision again");
  assert.strictEqual((await decide(reviewer, number)).status, 409, "but not another");
  assert.strictEqual(stateOf(number), "applied");

  assert.strictEqual(nameOf(person), "阿卜杜拉·𠮷");
  for (const [i, [client_, one_]] of [[one.client, person.number], [client, second]].entries()) {
    const now = certificate(one_);
    assert.deepStrictEqual([now.version, now.name, now.state], [old[i].version + 1, "阿卜杜拉·𠮷", "01"]);
    assert.match(await face(client_, one_), /阿卜杜拉·𠮷/);
    const before = await new Client().get(`/verify/${old[i].token}`);
    assert.match(before.text, /作废|不是现行版本|已有新版/, before.text);
    assert.match((await new Client().get(`/verify/${now.token}`)).text, /有效/);
    /* The firm is told, of its own, and by nobody's name. */
    const home = await client_.get("/");
    assert.match(home.text, /阿卜杜拉·𠮷 姓名已变更/);
    const matter = home.links.find((link) => link.startsWith("/matters/XM"));
    const told = await client_.get(matter);
    assert.match(told.text, new RegExp(`姓名由“${person.name}”变更为“阿卜杜拉·𠮷”`));
    assert.ok(told.text.includes(one_) && !told.text.includes([second, person.number][i]));
    const history = await client_.get(`/certificates/${now.id}`);
    assert.ok(history.links.includes(matter));
    const seen = [home, told, history].map((page_) => page_.text.replaceAll(person.name, ""));
    for (const { name } of accounts) assert.ok(!seen.some((text) => text.includes(name)), name);
    const others = [client, one.client][i];
    assert.strictEqual((await others.get(matter)).status, 404);
  }
  assert.strictEqual((await one.client.get(`/matters/${number}`)).status, 404);
  client.close();
});

test("an old register does not turn it back", async () => {
  const person = next();
  const number = await nameChange(await staff("window"), person, "王新名");
  assert.strictEqual((await decide(await staff("reviewer"), number)).status, 303);
  const file = path.join(fs.mkdtempSync(path.join(system.folder, "people-")), "people.csv");
  const header = ["id_type", "id_no", "name", "sex", "birth", "education", "technical_title", "phone", "photo"];
  const row = (name) => ["111", person.idNo, name, person.sex, person.birth, "01", "", "", ""];
  registers.csv(file, header, [row(person.name)]);
  const run = system.ctl("import", "people", file);
  assert.strictEqual(run.status, 1);
  assert.match(run.out + run.err, /:2: name: +was changed at the window/);
  assert.strictEqual(nameOf(person), "王新名");
  registers.csv(file, header, [row("王新名")]);
  assert.strictEqual(system.ctl("import", "people", file).status, 0);
});

test("what changed between proposal and decision is told, and nothing happens", async () => {
  const person = next(), clerk = await staff("window"), reviewer = await staff("reviewer");
  const first = await nameChange(clerk, person, "李变更");
  /* A second one about the same person waits. */
  const again = await nameCheck(await staff("window", 2), person, { name: "李又变" });
  assert.strictEqual(proposing(again), null);
  assert.match(again.text, new RegExp(first));
  /* The firm begins a cancellation. */
  const side = await items.cancel.ready(one.client, { firm: one.firm, person });
  assert.strictEqual((await side.send()).status, 303);
  const blocked = await decide(reviewer, first);
  assert.strictEqual(blocked.status, 409);
  assert.match(blocked.text, new RegExp(`${side.matter}.*R19`));
  assert.strictEqual(certificate(person.number).version, 1);
  const page = await one.client.get(`/cancel/${side.matter}/sign`);
  assert.strictEqual((await one.client.submit(page, page.forms.find((one_) => one_.action.endsWith("/abandon")))).status, 303);
  /* The name is another by then. */
  system.sql(`UPDATE person SET name = '李别名' WHERE id = ${certificate(person.number).person}`);
  const other = await decide(reviewer, first);
  assert.strictEqual(other.status, 409);
  assert.match(other.text, /姓名已经改为“李别名”/);
  assert.strictEqual((await decide(reviewer, first, { decision: "refuse", text: "情况有变" })).status, 303);
  assert.strictEqual(certificate(person.number).version, 1);
});

test("a correction of a certificate: by a reviewer too, decided by another", async () => {
  const person = next(), reviewer = await staff("reviewer");
  for (const [values, field, words] of [
    [{}, "first_issued", "没有填写要更正的内容"],
    [{ reason: "" , held_since: "2026-01-01" }, "reason", "更正原因"],
    [{ held_since: "2099-01-01" }, "held_since", "不能晚于今天"],
    [{ valid_until: "2000-01-01" }, "valid_until", "已经届满"],
    [{ valid_until: "2099-01-01" }, "valid_until", "规定的年限"],
    [{ post: "02" }, "post", "没有这个职务"],
  ]) {
    const answer = await correctionCheck(reviewer, { certificate: person.number }, values);
    assert.strictEqual(answer.status, 422, JSON.stringify(values));
    assert.ok(answer.html.includes(`href="#f-${field}"`), answer.text);
    assert.match(answer.text, new RegExp(words));
  }
  const number = await correction(reviewer, { certificate: person.number }, { first_issued: "2019-05-06" },
    [{ name: "file_evidence", file: "旧证.pdf", type: "application/pdf", bytes: changes.sheet("old") }]);
  assert.strictEqual((await decide(reviewer, number)).status, 403, "who proposed does not decide");
  assert.strictEqual((await decide(await staff("window"), number)).status, 403);
  const other = await staff("reviewer", 2);
  assert.match((await other.get(`/staff/proposals/${number}`)).text, /旧证.pdf/);
  assert.strictEqual((await decide(other, number)).status, 303);
  assert.strictEqual(certificate(person.number).version, 2);
  assert.match(await face(one.client, person.number), /2019年5月6日/);
  assert.match((await one.client.get("/")).text, /证书数据已更正/);
  assert.match((await one.client.get(`/certificates/${certificate(person.number).id}`)).text, /初次领证日期由“[\d-]+”改为“2019-05-06”/);
  /* Not on the certificate: no new version. */
  const held = await correction(reviewer, { certificate: person.number }, { held_since: "2020-01-01" });
  assert.strictEqual((await decide(other, held)).status, 303);
  assert.strictEqual(certificate(person.number).version, 2);
});

test("a correction of a person: the number of somebody else is refused, in words", async () => {
  const person = next(), somebody = next(), clerk = await staff("window");
  const clash = await correctionCheck(clerk, { person }, { id_no: somebody.idNo });
  assert.strictEqual(clash.status, 200);
  assert.strictEqual(proposing(clash), null);
  assert.match(clash.text, /已登记在另一人员名下/);
  const wrong = await correctionCheck(clerk, { person }, { sex: String(3 - person.sex) });
  assert.strictEqual(wrong.status, 422);
  assert.match(wrong.text, /性别与居民身份证号码不一致/);
  const idNo = registers.residentId(registers.next() + 300, 3 - person.sex, "1979-09-09");
  const check = await correctionCheck(clerk, { person }, { id_no: idNo });
  assert.ok(!check.text.includes(idNo), "a page shows the first and last digits");
  const number = changes.proposed(await clerk.submit(check, proposing(check)));
  const reviewer = await staff("reviewer");
  assert.ok(!(await reviewer.get(`/staff/proposals/${number}`)).html.includes(idNo));
  assert.strictEqual((await decide(reviewer, number)).status, 303);
  assert.match(await face(one.client, person.number), /1979年9月/);
  assert.ok(!(await one.client.get(`/certificates/${certificate(person.number).id}`)).text.includes("证件"));
  /* Found by the new number; the old one is nobody's. */
  assert.match((await changes.correctionPage(clerk, { person: { idNo } })).text, new RegExp(person.name));
});

test("the lists: by name, by state, by number, page by page", async () => {
  for (const role of ["window", "reviewer", "auditor"]) {
    const client = await staff(role);
    const list = await client.get("/staff/name-change/?name=%E7%8E%8B%E6%96%B0&state=");
    assert.strictEqual(list.status, 200);
    const applied = await client.get("/staff/name-change/?state=applied");
    const number = applied.links.find((link) => link.startsWith("/staff/proposals/XM")).split("/").pop();
    const direct = await client.request("GET", `/staff/name-change/?number=${number}`);
    assert.strictEqual(direct.headers.location, `/staff/proposals/${number}`);
    assert.match((await client.get("/staff/corrections/?state=applied")).text, /证书信息更正/);
    assert.match((await client.get("/staff/corrections/?name=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%BA%BA")).text, /没有查询到/);
  }
});

/* A change of name and whatever the firm does to the same certificate at the same moment. */
test("a firm that is as fast: never two outcomes", async (t) => {
  const kinds = ["transfer", "renew", "cancel", "departure", "sign", "abandon"];
  const all = await subjects(kinds.length);
  const lines = logs();
  const clerk = await staff("window"), reviewer = await staff("reviewer");
  for (const [i, kind] of kinds.entries())
    await t.test(kind, async () => {
      const about = all[i];
      const client = items[kind].by === "there" ? await world.loggedIn(about.there, { keepAlive: true }) : about.client;
      const late = items[kind].late;
      const side = late ? null : await items[kind].ready(client, about);
      const number = await nameChange(clerk, about.person, "竞争者");
      const ready_ = side || await items[kind].ready(client, about);
      const form = [["_csrf", await csrf(reviewer)], ["_key", key()], ["decision", "approve"], ["text", ""]];
      const [decided, answer] = await Promise.all([
        reviewer.post(`/staff/proposals/${number}/decide`, form), ready_.send()]);
      assert.ok([303, 409].includes(decided.status), `${decided.status} ${decided.text}`);
      assert.ok([200, 303, 409].includes(answer.status), `${answer.status} ${answer.text}`);
      if (decided.status === 409) assert.match(decided.text, /决定没有作出/);
      assert.strictEqual(stateOf(number), decided.status === 303 ? "applied" : "waiting");
      /* What is in force bears the name of the person, whoever came first. */
      assert.deepStrictEqual(system.sql(`SELECT c.number FROM certificate c JOIN person p ON p.id = c.person_id
        WHERE p.id = ${about.id} AND c.state IN ('01', '02') AND c.holder_name <> p.name`), []);
      assert.deepStrictEqual(system.sql(`SELECT c.number FROM certificate c WHERE c.person_id = ${about.id} AND c.version <>
        (SELECT COUNT(*) FROM certificate_version v WHERE v.certificate_id = c.id)`), []);
      assert.deepStrictEqual(system.sql(`SELECT 1 FROM certificate c JOIN certificate_version v ON v.certificate_id = c.id
        WHERE c.person_id = ${about.id} AND (v.voided_at IS NULL) <> (v.version = c.version AND c.state IN ('01', '02'))`), []);
      assert.strictEqual(system.sql(`SELECT name FROM person WHERE id = ${about.id}`)[0][0],
        decided.status === 303 ? "竞争者" : about.person.name);
      client.close();
    });
  assert.strictEqual(lines('"event":"request_failed"'), 0, "nobody saw an error");
  const audit = system.ctl("audit", "verify");
  assert.strictEqual(audit.status, 0, audit.out + audit.err);
});
