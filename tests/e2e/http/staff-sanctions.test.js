"use strict";
/* Sanctions and holds over HTTP: what two people make of a certificate, who may not, and that nothing
 * happens twice or behind anybody's back. */

const assert = require("assert");
const test = require("node:test");
const { Client } = require("../lib/client");
const { crowd } = require("../lib/crowd");
const html = require("../lib/html");
const { items } = require("../lib/items");
const proposals = require("../lib/proposals");
const { staff, accounts } = require("../lib/staff");
const system = require("../lib/system");
const world = require("../lib/world");

const { preview, offered, propose, decide, withdraw, sanction, stateOf, idOf, csrf, key } = proposals;

const certificateOf = (number) => {
  const [[id, state, version, token, person]] = system.sql(`SELECT c.id, c.state, c.version, HEX(v.verify_token), c.person_id
    FROM certificate c JOIN certificate_version v ON v.certificate_id = c.id AND v.version = c.version
    WHERE c.number = '${number}'`);
  return { id, state, version: Number(version), token: Buffer.from(token, "hex").toString("base64url"), person };
};

/* A firm with so many certificates in force, their documents made. */
async function ready(count) {
  const [firm] = world.firms(1, count);
  const client = await world.loggedIn(firm, { keepAlive: true });
  const done = await world.exchange(client);
  assert.strictEqual(done.status, 303);
  await world.made(client, done.headers.location);
  return { firm, client, people: firm.people, numbers: firm.people.map((one) => one.number) };
}

let one; /* the firm that most tests are about */
const next = (() => {
  let at = 0;
  return () => one.numbers[at++];
})();
test.before(async () => { one = await ready(16); });
test.after(() => one.client.close());

const publicPage = (number) => new Client().get(`/verify/${certificateOf(number).token}`);
const download = (number) => one.client.request("GET", `/certificates/${certificateOf(number).id}/document`);

test("suspended, and given back: the same document, and the truth at once", async () => {
  const number = next();
  const before = await download(number);
  assert.strictEqual(before.status, 200);
  const matter = await sanction("suspend", number);
  assert.strictEqual(certificateOf(number).state, "02");
  assert.strictEqual((await download(number)).status, 404);
  assert.match((await publicPage(number)).text, /暂扣/);
  const page = await one.client.get(`/certificates/${certificateOf(number).id}`);
  assert.match(page.text, /不能下载/);
  assert.ok(page.text.includes(proposals.BASIS) && page.text.includes(proposals.REASON), "the firm is told why");
  assert.ok(page.text.includes(matter), "and the number to ask about");
  assert.ok(!page.links.includes(`/matters/${matter}`));
  const said = one.people.reduce((text, { name }) => text.replaceAll(name, ""), page.text);
  for (const { name } of accounts) assert.ok(!said.includes(name), `${name} is not the firm's to know`);
  assert.strictEqual((await one.client.get(`/matters/${matter}`)).status, 404);
  await sanction("give_back", number);
  const after = await download(number);
  assert.strictEqual(after.status, 200);
  assert.ok(after.body.equals(before.body), "it is the very document");
  assert.strictEqual(certificateOf(number).version, 1);
  assert.match((await publicPage(number)).text, /有效/);
});

test("withdrawn, revoked, cancelled: for good", async () => {
  for (const [kind, state, word] of [["withdraw", "03", "撤销"], ["revoke", "07", "吊销"], ["cancel", "04", "注销"]]) {
    const number = next();
    await sanction(kind, number);
    assert.strictEqual(certificateOf(number).state, state);
    assert.strictEqual((await download(number)).status, 404);
    assert.match((await publicPage(number)).text, new RegExp(word));
    for (const again of ["suspend", "give_back", "withdraw", "revoke", "cancel", "take_back"]) {
      const page = await preview(await staff("reviewer"), again, number);
      assert.strictEqual(page.status, 200);
      assert.strictEqual(offered(page), null, `${again} after ${kind}`);
      assert.match(page.text, new RegExp(`证书状态为${word}，不能`));
    }
  }
  /* What is suspended may be revoked. */
  const number = next();
  await sanction("suspend", number);
  await sanction("revoke", number);
  assert.strictEqual(certificateOf(number).state, "07");
});

test("a departure taken back makes a new version", async () => {
  const { firm, client, people, numbers } = await ready(1);
  const side = await items.departure.ready(client, { firm, person: people[0] });
  assert.strictEqual((await side.send()).status, 303);
  assert.strictEqual(certificateOf(numbers[0]).state, "06");
  await sanction("take_back", numbers[0]);
  const { id, state, version } = certificateOf(numbers[0]);
  assert.deepStrictEqual([state, version], ["01", 2]);
  await system.until("the new document", 60, async () => (await client.request("GET", `/certificates/${id}/document`)).status === 200);
  client.close();
});

test("what is final asks once more", async () => {
  const number = next();
  const proposal = await propose(await staff("reviewer"), "revoke", number);
  const decider = await staff("decision");
  const answer = await decide(decider, proposal, { confirmed: false });
  assert.strictEqual(answer.status, 303);
  const page = await decider.get(answer.headers.location);
  assert.match(page.text, /确认要吊销吗/);
  assert.strictEqual(stateOf(proposal), "waiting");
  assert.strictEqual(certificateOf(number).state, "01");
  const form = page.forms.find((form) => form.method === "POST" && form.action.endsWith("/decide"));
  assert.strictEqual((await decider.submit(page, form)).status, 303);
  assert.strictEqual(certificateOf(number).state, "07");
});

test("nobody decides what they proposed, nor in another's role", async () => {
  const number = next();
  const proposal = await propose(await staff("reviewer"), "suspend", number);
  /* A window clerk decides other kinds, and does not get to see this one. */
  for (const [role, n, status] of [["reviewer", 1, 403], ["reviewer", 2, 403], ["window", 1, 404], ["auditor", 1, 403],
    ["administrator", 1, 403]])
    for (const decision of ["approve", "refuse"])
      assert.strictEqual((await decide(await staff(role, n), proposal, { decision, text: "无" })).status, status, `${role}: ${decision}`);
  /* Even a decision maker, had he proposed it. */
  const decider = await staff("decision");
  const id = system.sqlNumber(`SELECT id FROM staff WHERE login = '${decider.account.login}'`);
  system.sql(`UPDATE proposal SET proposed_by = ${id} WHERE matter_id = ${idOf(proposal)}`);
  for (const decision of ["approve", "refuse"])
    assert.strictEqual((await decide(decider, proposal, { decision, text: "无" })).status, 403);
  assert.ok(!(await decider.get(`/staff/proposals/${proposal}`)).html.includes("name=\"decision\""));
  assert.strictEqual(stateOf(proposal), "waiting");
  assert.strictEqual(certificateOf(number).state, "01");
  assert.throws(() => system.sql(`UPDATE proposal SET state = 'applied', decided_by = ${id} WHERE matter_id = ${idOf(proposal)}`),
    /proposal_two_people/);
  assert.strictEqual((await decide(await staff("decision", 2), proposal)).status, 303);
  assert.strictEqual(certificateOf(number).state, "02");
  await sanction("give_back", number);
});

test("only who may propose does, and only staff see anything", async () => {
  const number = next();
  for (const role of ["window", "decision", "auditor", "administrator"]) {
    const client = await staff(role);
    assert.strictEqual((await preview(client, "suspend", number)).status, 403, role);
    assert.strictEqual((await client.post("/staff/sanctions/", [["_csrf", await csrf(client)], ["_key", key()],
      ...Object.entries(proposals.words("suspend")), ["numbers", number]])).status, 403, role);
    assert.strictEqual((await client.post("/staff/holds/", [["_csrf", await csrf(client)], ["_key", key()],
      ["person", certificateOf(number).person], ["basis", "x"], ["reason", "x"], ["from", proposals.day()]])).status, 403, role);
  }
  const waiting = await propose(await staff("reviewer"), "suspend", number);
  for (const [role, status] of [["window", 404], ["reviewer", 200], ["decision", 200], ["auditor", 200], ["administrator", 403]])
    assert.strictEqual((await (await staff(role)).get(`/staff/proposals/${waiting}`)).status, status, role);
  for (const place of ["proposals/", `proposals/${waiting}`, "sanctions/", "sanctions/new?kind=suspend", "holds/", "holds/new"]) {
    assert.strictEqual((await one.client.request("GET", `/staff/${place}`)).status, 403, place);
    const nobody = await new Client().request("GET", `/staff/${place}`);
    assert.strictEqual(nobody.status, 303);
    assert.match(nobody.headers.location, /^\/staff\/login\//);
  }
  assert.strictEqual((await withdraw(await staff("reviewer"), waiting)).status, 303);
});

test("the same form sent twice is done once", async () => {
  const number = next();
  const reviewer = await staff("reviewer"), decider = await staff("decision");
  const fields = offered(await preview(reviewer, "suspend", number));
  const [first, second] = [await reviewer.post("/staff/sanctions/", fields), await reviewer.post("/staff/sanctions/", fields)];
  assert.deepStrictEqual([first.status, second.status], [303, 303]);
  assert.strictEqual(first.headers.location, second.headers.location);
  const proposal = first.headers.location.split("/").pop();
  const sent = key();
  const answers = [await decide(decider, proposal, { sent }), await decide(decider, proposal, { sent })];
  assert.deepStrictEqual(answers.map((answer) => [answer.status, answer.headers.location]),
    Array(2).fill([303, `/staff/proposals/${proposal}`]));
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM certificate_event WHERE matter_id = ${idOf(proposal)}`), 1);
  /* With another key it is another attempt, and too late. */
  const late = await decide(decider, proposal);
  assert.strictEqual(late.status, 409);
  assert.match(late.text, /已经决定或撤回/);
  /* And a second proposal of a kind waits for the first. */
  const give = await propose(reviewer, "give_back", number);
  const again = await preview(await staff("reviewer", 2), "give_back", number);
  assert.strictEqual(offered(again), null);
  assert.match(again.text, new RegExp(`已有待决定的同类提请 ${give}`));
  assert.strictEqual((await decide(decider, give)).status, 303);
});

test("what changed in between is not decided, and said", async () => {
  const { firm, client, people, numbers } = await ready(2);
  const proposal = await propose(await staff("reviewer"), "suspend", numbers);
  const side = await items.departure.ready(client, { firm, person: people[0] });
  assert.strictEqual((await side.send()).status, 303);
  const decider = await staff("decision");
  const answer = await decide(decider, proposal);
  assert.strictEqual(answer.status, 409);
  assert.match(answer.text, /情况已经变化/);
  assert.ok(answer.text.includes(`${numbers[0]}：证书状态为办理转出，不能暂扣`), answer.text);
  assert.strictEqual(stateOf(proposal), "waiting");
  assert.strictEqual(certificateOf(numbers[1]).state, "01", "all of it, or none");
  const page = await decider.get(`/staff/proposals/${proposal}`);
  assert.match(page.text, /现在不能同意/);
  const mute = await decide(decider, proposal, { decision: "refuse" });
  assert.strictEqual(mute.status, 422);
  assert.match(mute.text, /请填写决定意见/);
  assert.strictEqual((await decide(decider, proposal, { decision: "refuse", text: "证书已转出" })).status, 303);
  assert.strictEqual(stateOf(proposal), "refused");
  client.close();
});

test("who proposed it takes it back, and nobody else", async () => {
  const number = next();
  const proposal = await propose(await staff("reviewer"), "revoke", number);
  for (const [role, n, status] of [["reviewer", 2, 403], ["decision", 1, 403], ["auditor", 1, 403], ["window", 1, 404]])
    assert.strictEqual((await withdraw(await staff(role, n), proposal)).status, status, role);
  assert.strictEqual((await withdraw(await staff("reviewer"), proposal)).status, 303);
  assert.strictEqual(stateOf(proposal), "withdrawn");
  assert.strictEqual((await decide(await staff("decision"), proposal)).status, 409);
  assert.strictEqual((await withdraw(await staff("reviewer"), proposal)).status, 409);
  assert.strictEqual(certificateOf(number).state, "01");
});

/* A form with a file, as browsers send it. */
function multipart(client, place, fields, file) {
  const boundary = "----e2e";
  const part = (name, value, more = "") => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
  const body = fields.map(([name, value]) => part(name, value)).join("") +
    part("file", file, "; filename=\"list.csv\"\r\nContent-Type: text/csv") + `--${boundary}--\r\n`;
  return client.request("POST", place, { body, headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` } });
}

test("many at once, from a file: exactly what the preview says", async () => {
  const { client, numbers } = await ready(6);
  const reviewer = await staff("reviewer");
  await sanction("suspend", numbers[0]);
  const file = ["reason,number", `,${numbers[0]}`, `"从重，另案",${numbers[1]}`, `,${numbers[2]}`, `,${numbers[3]}`,
    `,${numbers[3]}`, ",沪建安B（2020）9999999", ",乱写"].join("\n");
  const page = await multipart(reviewer, "/staff/sanctions/preview",
    [["_csrf", await csrf(reviewer)], ...Object.entries(proposals.words("suspend"))], file);
  assert.strictEqual(page.status, 200, page.text);
  assert.match(page.text, /可以办理 3 本，不能办理 4 本/);
  for (const words of ["证书状态为暂扣，不能暂扣", "编号重复", "没有这本证书", "不是完整的证书编号", "从重，另案"])
    assert.ok(page.text.includes(words), words);
  const answer = await reviewer.post("/staff/sanctions/", offered(page));
  assert.strictEqual(answer.status, 303, answer.text);
  const proposal = answer.headers.location.split("/").pop();
  assert.strictEqual((await decide(await staff("decision"), proposal)).status, 303);
  assert.deepStrictEqual(numbers.map((number) => certificateOf(number).state), ["02", "02", "02", "02", "01", "01"]);
  const page1 = await client.get(`/certificates/${certificateOf(numbers[1]).id}`);
  assert.match(page1.text, /从重，另案/);
  assert.doesNotMatch((await client.get(`/certificates/${certificateOf(numbers[2]).id}`)).text, /从重/);
  /* And a file that is none, or too much. */
  for (const [bad, words] of [["编号\n1", /第一行须为列名/], [`number\n${"\"x".repeat(3)}`, /格式不正确/]]) {
    const wrong = await multipart(reviewer, "/staff/sanctions/preview",
      [["_csrf", await csrf(reviewer)], ...Object.entries(proposals.words("suspend"))], bad);
    assert.strictEqual(wrong.status, 422);
    assert.match(wrong.text, words);
  }
  const many = await multipart(reviewer, "/staff/sanctions/preview",
    [["_csrf", await csrf(reviewer)], ...Object.entries(proposals.words("revoke"))],
    ["number", ...Array.from({ length: 20001 }, (_, i) => `沪建安B（2020）${1000000 + i}`)].join("\n"));
  assert.strictEqual(many.status, 422);
  assert.match(many.text, /至多提请10000本/);
  client.close();
});

test("more than one transaction holds: one decision, carried out in the background, each once", async () => {
  const COUNT = 1200, FIRST = 900000;
  const firm = await ready(1);
  const numbers = crowd(firm.numbers[0], FIRST, COUNT);
  const reviewer = await staff("reviewer"), decider = await staff("decision");
  const file = ["number,reason", `${numbers[0]},从重`, ...[...numbers.slice(1), "沪建安B（2019）0000001"].map((one) => `${one},`)].join("\n");
  const page = await multipart(reviewer, "/staff/sanctions/preview",
    [["_csrf", await csrf(reviewer)], ...Object.entries(proposals.words("revoke"))], file);
  assert.strictEqual(page.status, 200, page.text);
  assert.match(page.text, /可以办理 1200 本，不能办理 1 本/);
  assert.match(page.text, /有效 → 吊销\s*1200 本/);
  const answer = await reviewer.post("/staff/sanctions/", offered(page));
  assert.strictEqual(answer.status, 303, answer.text);
  const proposal = answer.headers.location.split("/").pop();
  const matter = idOf(proposal);
  /* What the decider looks at: all of it, page by page and as a file. */
  const shown = await decider.get(`/staff/proposals/${proposal}`);
  assert.match(shown.text, /共 1200 本，分页列出/);
  assert.ok(shown.text.includes(numbers[0]) && !shown.text.includes(numbers[100]));
  const second = await decider.get(`/staff/proposals/${proposal}${shown.links.find((link) => link.startsWith("?after="))}`);
  assert.ok(second.text.includes(numbers[100]) && !second.text.includes(numbers[0]));
  const list = await decider.get(`/staff/proposals/${proposal}/certificates`);
  assert.strictEqual(list.headers["content-type"], "text/csv; charset=utf-8");
  assert.strictEqual(list.body.toString().trim().split("\r\n").length, COUNT + 1);
  assert.match(list.body.toString(), new RegExp(`${numbers[0]}.*有效 → 吊销.*从重`));
  const asked = await decide(decider, proposal, { confirmed: false });
  assert.match((await decider.get(asked.headers.location)).text, /将对 1200 本证书作出吊销决定/);
  /* One changes before its turn; the firm may not hold it up otherwise. */
  system.sql(`UPDATE certificate SET state = '05' WHERE number = '${numbers[7]}'`);
  for (const [role, n] of [["reviewer", 1], ["auditor", 1]])
    assert.strictEqual((await decide(await staff(role, n), proposal)).status, 403);
  const decided = await decide(decider, proposal);
  assert.strictEqual(decided.status, 303);
  assert.strictEqual(stateOf(proposal), "applied");
  assert.strictEqual((await decide(await staff("decision", 2), proposal)).status, 409);
  const figures = await system.until("the decision is carried out", 60, async () => {
    const { json } = await decider.get(`/staff/proposals/${proposal}`, { headers: { Accept: "application/json" } });
    return !json.running && json;
  });
  assert.deepStrictEqual([figures.certificates, figures.done, figures.failed], [COUNT, COUNT - 1, 1]);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM certificate WHERE state = '07' AND issue_year = 2019
    AND serial > ${FIRST} AND serial <= ${FIRST + COUNT}`), COUNT - 1);
  assert.deepStrictEqual(system.sql(`SELECT COUNT(*), COUNT(DISTINCT certificate_id) FROM certificate_event
    WHERE matter_id = ${matter}`)[0].map(Number), [COUNT - 1, COUNT - 1]);
  const over = await decider.get(`/staff/proposals/${proposal}`);
  assert.match(over.text, /已办理 1199 本，共 1200 本，没有办理 1 本/);
  assert.ok(over.text.includes("没有办理：证书状态为失效，不能吊销"), over.text);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM matter WHERE id = ${matter} AND state = 'done'`), 1);
  assert.match((await decider.get(`/staff/proposals/${proposal}/certificates`)).body.toString(),
    new RegExp(`${numbers[7]}.*证书状态为失效，不能吊销`));
  /* It is no window clerk's, and no firm's. */
  assert.strictEqual((await (await staff("window")).request("GET", `/staff/proposals/${proposal}/certificates`)).status, 404);
  assert.strictEqual((await firm.client.request("GET", `/staff/proposals/${proposal}/certificates`)).status, 403);
  firm.client.close();
});

test("from a preview back to the form, with all that was typed or sent", async () => {
  const reviewer = await staff("reviewer");
  const reason = "未按规定对从业人员进行安全生产教育和培训".repeat(4);
  const lines = Array.from({ length: 200 }, (_, i) => `乱写${i},${reason}`);
  const page = await multipart(reviewer, "/staff/sanctions/preview",
    [["_csrf", await csrf(reviewer)], ...Object.entries(proposals.words("suspend"))], ["number,reason", ...lines].join("\n"));
  assert.strictEqual(page.status, 200, page.text);
  const back = page.forms.find((one) => one.action === "/staff/sanctions/again");
  const typed = html.decode(back.html.match(/<textarea[^>]*>([\s\S]*?)<\/textarea>/)[1]);
  const form = await reviewer.post("/staff/sanctions/again", [...back.fields, ["numbers", typed]]);
  assert.strictEqual(form.status, 200, form.text.slice(0, 300));
  for (const words of [proposals.BASIS, proposals.REASON, `value="${proposals.day(90)}"`, "乱写199"]) assert.ok(form.html.includes(words), words);
  assert.strictEqual(form.html.split(reason).length - 1, 200);
  /* The same of a hold. */
  const [[id]] = system.sql("SELECT id FROM person WHERE held = 0 ORDER BY id DESC LIMIT 1");
  const hold = await reviewer.post("/staff/holds/preview", [["_csrf", await csrf(reviewer)], ["person", id],
    ["basis", proposals.BASIS], ["reason", "投诉核查"], ["from", proposals.day()], ["until", proposals.day(9)]]);
  const again = hold.forms.find((one) => one.action === "/staff/holds/again");
  const first = await reviewer.post("/staff/holds/again", again.fields);
  assert.strictEqual(first.status, 200, first.text);
  for (const words of [proposals.BASIS, "投诉核查", proposals.day(), proposals.day(9), `name="person" value="${id}"`])
    assert.ok(first.html.includes(words), words);
});

test("a suspension whose period is over waits on the first page, and comes back by two people", async () => {
  const number = next();
  const matter = await sanction("suspend", number, { until: proposals.day() });
  const reviewer = await staff("reviewer");
  const tile = async () => Number((await reviewer.get("/staff/")).html.match(/<b>(\d+)<\/b><span>暂扣期满/)[1]);
  const due = await tile();
  system.sql(`UPDATE proposal SET period_until = period_until - INTERVAL 1 DAY, period_from = period_from - INTERVAL 1 DAY
    WHERE matter_id = ${idOf(matter)}`);
  assert.strictEqual(await tile(), due + 1);
  assert.strictEqual(certificateOf(number).state, "02", "nothing happens by itself");
  const page = await reviewer.get("/staff/sanctions/");
  assert.ok(page.text.includes(number));
  const form = page.forms.find((one) => one.action === "/staff/sanctions/new");
  const filled = await reviewer.submit(page, form, [["certificate", certificateOf(number).id]]);
  assert.match(filled.text, new RegExp(`提请暂扣发还.*${number}`));
  const waiting = async () => Number((await (await staff("decision")).get("/staff/")).html.match(/<b>(\d+)<\/b><span>待我决定/)[1]);
  const before = await waiting();
  const back = await propose(reviewer, "give_back", number);
  assert.strictEqual(await waiting(), before + 1);
  assert.strictEqual((await decide(await staff("decision"), back)).status, 303);
  assert.strictEqual(await tile(), due);
});

test("from what a search has found: some of a person's, or all of a firm's", async () => {
  const { firm, client, numbers } = await ready(3);
  const reviewer = await staff("reviewer");
  const search = async (who, q) => {
    const answer = await who.post("/staff/search/", [["_csrf", await csrf(who)], ["q", q]]);
    return answer.status === 303 ? who.get(answer.headers.location) : answer;
  };
  const found = await search(reviewer, firm.uscc);
  const link = found.links.find((one) => one.startsWith("/staff/sanctions/?firm="));
  assert.ok(link, found.text);
  const kinds = await reviewer.get(link);
  assert.match(kinds.text, /已选定证书/);
  const form = await reviewer.get(kinds.links.find((one) => one.includes("kind=suspend")).replaceAll("&amp;", "&"));
  const listed = form.html.match(/<textarea[^>]*>([\s\S]*?)<\/textarea>/)[1].trim().split("\n");
  assert.deepStrictEqual(listed.map((one) => one.trim()).sort(), [...numbers].sort());
  const one = await search(reviewer, numbers[0]);
  const boxes = one.forms.find((form) => form.action === "/staff/sanctions/");
  assert.deepStrictEqual(boxes.boxes, [["certificate", certificateOf(numbers[0]).id]]);
  const chosen = await reviewer.submit(one, boxes, boxes.boxes);
  const single = await reviewer.get(chosen.links.find((link) => link.includes("kind=revoke")).replaceAll("&amp;", "&"));
  assert.match(single.html, new RegExp(`<textarea[^>]*>${numbers[0]}\\s*</textarea>`));
  /* Who may not propose is not asked to. */
  const seen = await search(await staff("decision"), firm.uscc);
  assert.ok(seen.status === 200 && !seen.links.some((one) => /sanctions\/\?|holds\/new/.test(one)));
  client.close();
});

test("what is left out is asked for", async () => {
  const number = next();
  const reviewer = await staff("reviewer");
  for (const [kind, more, words] of [["suspend", { basis: "" }, /请填写法律依据/], ["suspend", { until: "" }, /截止日期/],
    ["suspend", { from: proposals.day(1) }, /不能晚于今天/], ["suspend", { until: proposals.day(-1) }, /不能早于今天/],
    ["cancel", { code: "77" }, /请选择注销原因/], ["nothing", {}, /请选择种类/]]) {
    const page = await preview(reviewer, kind, number, more);
    assert.strictEqual(page.status, 422, `${kind} ${JSON.stringify(more)}`);
    assert.match(page.text, words);
  }
  assert.match((await preview(reviewer, "revoke", "")).text, /请填写证书编号/);
});

test("held: the firm can do nothing, and is told why; released: it can", async () => {
  const { firm, client, people } = await ready(2);
  const id = system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`);
  const person = { ...people[0], id: certificateOf(people[0].number).person };
  const departure = async (who) => {
    const own = (await client.get("/departure/new")).forms.find((form) => form.action === "/departure/");
    return client.post("/departure/", [...own.fields.filter(([name]) => name.startsWith("_")),
      ["id_type", "111"], ["id_no", who.idNo], ["name", who.name]]);
  };
  const of = await proposals.hold({ person });
  const refused = await departure(person);
  assert.strictEqual(refused.status, 409);
  assert.match(refused.text, /该人员自 .* 起被管理部门锁定，依据：.*依据规则 R21/);
  assert.ok(refused.text.includes(of));
  assert.strictEqual((await departure(people[1])).status, 303, "the other person is free");
  assert.match((await (await staff("auditor")).get("/staff/holds/")).text, new RegExp(`${person.name}.*锁定中`));
  await proposals.release({ person });
  assert.strictEqual((await departure(person)).status, 303);
  await proposals.hold({ firm });
  assert.match((await departure(person)).text, /本企业自 .* 起被管理部门锁定/);
  await proposals.release({ firm: { id } });
  assert.strictEqual((await departure(person)).status, 303);
  assert.strictEqual(system.sqlNumber("SELECT COUNT(*) FROM hold"), 0);
  client.close();
});

test("the audit is whole", () => {
  const audit = system.ctl("audit", "verify");
  assert.strictEqual(audit.status, 0, audit.out + audit.err);
});
