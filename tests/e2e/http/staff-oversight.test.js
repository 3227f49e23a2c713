"use strict";
/* Oversight over HTTP: search, histories with void versions, the audit's log and its own traces,
 * statistics, the board of jobs, notices to all firms. */

const assert = require("assert");
const test = require("node:test");
const system = require("../lib/system");
const { Client } = require("../lib/client");
const { staff } = require("../lib/staff");
const { firms, loggedIn, exchange, made } = require("../lib/world");

const [firm] = firms(1, 2);
let clerk, certificate;

const token = (page) => new Map(page.forms.flatMap((form) => form.fields)).get("_csrf");
const formTo = (page, action) => {
  const form = page.forms.find((one) => one.action.endsWith(action));
  assert.ok(form, `${page.url} has no form to ${action}: ${page.text}`);
  return form;
};
/* What the one box of the search answers. */
async function search(client, text) {
  const page = await client.get("/staff/search/");
  const answer = await client.submit(page, { ...formTo(page, "/staff/search/"), fields: [["_csrf", token(page)], ["q", text]] });
  return answer.status === 303 ? client.get(new URL(answer.headers.location, answer.url).href) : answer;
}
const events = (where) => system.sqlNumber(`SELECT COUNT(*) FROM audit_event WHERE ${where}`);

test("a firm exchanges two papers", async () => {
  clerk = await loggedIn(firm);
  const matter = (await exchange(clerk)).headers.location;
  await made(clerk, matter);
  const rows = system.sql(`SELECT c.id, c.number, c.person_id, p.name, v.identifier FROM certificate c
    JOIN person p ON p.id = c.person_id JOIN enterprise e ON e.id = c.enterprise_id
    JOIN certificate_version v ON v.certificate_id = c.id WHERE e.uscc = '${firm.uscc}' ORDER BY c.id`);
  assert.strictEqual(rows.length, 2);
  const [id, number, person, name, identifier] = rows[0];
  certificate = { id, number, person, name, identifier, matter: matter.split("/").pop() };
});

test("one box finds a certificate, a person, a firm and a matter, however they are written", async () => {
  const reviewer = await staff("reviewer");
  const [, year, serial] = certificate.number.match(/（(\d{4})）(\d{7})/);
  for (const text of [certificate.number, certificate.number.replace("（", "(").replace("）", " ) "),
    `${year}${serial}`, certificate.identifier, certificate.identifier.toLowerCase()]) {
    const page = await search(reviewer, text);
    assert.ok(page.text.includes(certificate.number), `${text}: ${page.text}`);
    assert.ok(page.links.includes(`/staff/history/certificates/${certificate.id}`));
  }
  assert.ok((await search(reviewer, certificate.name)).links.includes(`/staff/history/people/${certificate.person}`));
  assert.ok((await search(reviewer, firm.name)).text.includes(firm.uscc));
  assert.ok((await search(reviewer, firm.uscc.toLowerCase())).text.includes(firm.name));
  const page = await search(reviewer, certificate.matter.toLowerCase().replace("-", " "));
  assert.ok(page.links.includes(`/staff/history/matters/${certificate.matter}`));
  const matter = await reviewer.get(`/staff/history/matters/${certificate.matter}`);
  assert.ok(matter.text.includes(certificate.number) && matter.text.includes(firm.name));
  assert.ok((await search(reviewer, "查无此人此企业")).text.includes("没有查到"));
});

test("a document's number is looked up by POST, stands in no address, and is on record", async () => {
  const reviewer = await staff("reviewer");
  const number = firm.people[0].idNo;
  const before = events("action = 'search.document'");
  const page = await search(reviewer, number);
  assert.strictEqual(page.url, `${system.site}/staff/search/`);
  assert.ok(page.text.includes(firm.people[0].name), page.text);
  assert.ok(!page.html.includes(number), "the number is on the page");
  assert.strictEqual(events("action = 'search.document'"), before + 1);
  assert.strictEqual(events(`detail LIKE '%${number.slice(6, 14)}%'`), 0);
  const asked = await reviewer.request("GET", `/staff/search/?q=${number}`);
  assert.strictEqual(asked.status, 422);
  assert.ok(!asked.text.includes(firm.people[0].name));
});

test("a history shows what happened, and gives the document of every version to who reviews", async () => {
  const [reviewer, auditor, windowClerk] = [await staff("reviewer"), await staff("auditor"), await staff("window")];
  const place = `/staff/history/certificates/${certificate.id}`;
  for (const client of [reviewer, auditor, windowClerk]) {
    const page = await client.get(place);
    for (const words of ["换领：证书产生，状态为有效", "第 001 版", "导入纸质证书", certificate.matter])
      assert.ok(page.text.includes(words), `${words}: ${page.text}`);
    assert.strictEqual(page.text.includes("certificate.exchange"), client === auditor);
  }
  const person = await auditor.get(`/staff/history/people/${certificate.person}`);
  assert.ok(person.text.includes("人员信息进入登记库") && person.text.includes("采集照片"));
  assert.match(person.text, /链 \d+ 序号 \d+/);
  const before = events("action = 'document.read'");
  for (const client of [reviewer, auditor]) {
    const pdf = await client.get(`${place}/versions/1/document`);
    assert.strictEqual(pdf.status, 200);
    assert.strictEqual(pdf.body.subarray(0, 5).toString(), "%PDF-");
    assert.match(pdf.headers["content-disposition"], /^attachment/);
  }
  assert.strictEqual(events("action = 'document.read'"), before + 2);
  assert.strictEqual((await windowClerk.get(`${place}/versions/1/document`)).status, 403);
  assert.strictEqual((await reviewer.get(`${place}/versions/2/document`)).status, 404);
  assert.strictEqual((await reviewer.get("/staff/history/people/999999999")).status, 404);
  assert.strictEqual((await reviewer.get(`${place}?after=1.99.1`)).status, 404);
  const all = await reviewer.get(`${place}?print=1`);
  assert.match(all.html, /打印时间 \d{4}-\d\d-\d\d/);
});

test("who read whose history is on record, once for each reading", async () => {
  const [windowClerk, auditor] = [await staff("window"), await staff("auditor")];
  const read = (more) => events(`action = 'history.read' AND object_kind = 'person' AND object_id = ${certificate.person}
    AND actor_kind = 2 AND actor_id = (SELECT id FROM staff WHERE login = 'window1')${more}`);
  const [whole, one, print] = ["", ` AND JSON_VALUE(detail, '$.certificate') = ${certificate.id}`,
    ` AND detail LIKE '%"print":true%'`].map((more) => () => read(more));
  const before = [whole(), one(), print()];
  const first = await windowClerk.get(`/staff/history/people/${certificate.person}`);
  assert.strictEqual(first.status, 200);
  assert.deepStrictEqual([whole(), one(), print()], [before[0] + 1, before[1], before[2]]);
  await windowClerk.get(`/staff/history/certificates/${certificate.id}?print=1`);
  assert.deepStrictEqual([whole(), one(), print()], [before[0] + 2, before[1] + 1, before[2] + 1]);
  /* Whoever begins at a further page has read, too; nobody's is no reading. */
  assert.strictEqual((await windowClerk.get(`/staff/history/people/${certificate.person}?after=1.1.1`)).status, 200);
  assert.strictEqual(whole(), before[0] + 3);
  assert.strictEqual(read(" AND JSON_VALUE(detail, '$.further') = 1"), 1);
  const all = events("action = 'history.read'");
  assert.strictEqual((await windowClerk.get("/staff/history/people/999999999")).status, 404);
  assert.strictEqual((await windowClerk.get("/staff/history/matters/HZ20200101-00000001")).status, 404);
  assert.strictEqual(events("action = 'history.read'"), all);
  assert.strictEqual(whole(), before[0] + 3);
  assert.ok((await auditor.get("/staff/audit/?action=history.read&object=person:" + certificate.person)).text.includes("history.read"));
});

test("who read a firm's matter, and whose evidence, is on record", async () => {
  const windowClerk = await staff("window");
  const read = () => events(`action = 'history.read' AND object_kind = 'matter' AND actor_kind = 2
    AND object_id = ${Number(certificate.matter.split("-")[1])}`);
  const looked = () => events(`action = 'evidence.read' AND object_kind = 'person' AND object_id = ${certificate.person}`);
  const before = [read(), looked()];
  assert.strictEqual((await windowClerk.get(`/staff/history/matters/${certificate.matter}`)).status, 200);
  assert.strictEqual((await windowClerk.get(`/staff/history/matters/${certificate.matter}?after=1`)).status, 200);
  assert.strictEqual((await windowClerk.get(`/staff/evidence/${certificate.person}`)).status, 200);
  assert.strictEqual((await windowClerk.get("/staff/evidence/999999999")).status, 404);
  assert.deepStrictEqual([read(), looked()], [before[0] + 2, before[1] + 1]);
});

test("the audit's log is filtered, paged and exported, and reading it is on record", async () => {
  const auditor = await staff("auditor");
  const before = events("action = 'audit.read'");
  const page = await auditor.get(`/staff/audit/?by=firm&who=${firm.uscc}&action=certificate.exchange`);
  assert.ok(page.text.includes(firm.name), page.text);
  assert.strictEqual((page.html.match(/<tr><th scope="row">\d{4}/g) || []).length >= 2, true);
  assert.strictEqual(events("action = 'audit.read'"), before + 1);
  const object = await auditor.get(`/staff/audit/?object=${encodeURIComponent(certificate.number)}`);
  assert.ok(object.text.includes("certificate.exchange"));
  assert.ok((await auditor.get(`/staff/audit/?object=${certificate.matter}`)).text.includes(certificate.matter));
  let all = await auditor.get("/staff/audit/");
  const actions = all.html.match(/<select id="f-action"[^]*?<\/select>/)[0];
  for (const choice of ["certificate.exchange\">证书：换领", "history.read\">历史记录：查看", "audit.read\">审计日志：查看"])
    assert.ok(actions.includes(choice), choice);
  const seen = new Set();
  for (let i = 0; i < 3; i++) {
    const keys = [...all.html.matchAll(/data-as="链与序号">(\d+ - \d+)/g)].map(([, key]) => key);
    assert.ok(keys.length > 0 && keys.every((key) => !seen.has(key)));
    keys.forEach((key) => seen.add(key));
    const next = all.links.find((link) => link.startsWith("?after="));
    if (!next) break;
    all = await auditor.get(new URL(next, all.url).href);
  }
  const csv = await auditor.get("/staff/audit/export?action=certificate.exchange");
  assert.strictEqual(csv.headers["content-type"], "text/csv; charset=utf-8");
  const lines = csv.html.trim().split("\r\n");
  assert.strictEqual(lines.length - 1, events("action = 'certificate.exchange'"));
  assert.ok(events("action = 'audit.export'") > 0);
  for (const query of ["by=firm&who=x", "by=staff&who=nobody.here", "who=window1", "object=what", "from=2026-02-02&until=2026-02-01"])
    assert.strictEqual((await auditor.request("GET", `/staff/audit/?${query}`)).status, 422, query);
  for (const query of ["after=x", "from=2026-13-01"])
    assert.ok([404, 422].includes((await auditor.request("GET", `/staff/audit/?${query}`)).status), query);
});

test("the auditor has the chains verified by the issuer", async () => {
  const auditor = await staff("auditor");
  const page = await auditor.get("/staff/audit/");
  const answer = await auditor.submit(page, formTo(page, "/staff/audit/verify"));
  assert.strictEqual(answer.status, 303);
  await system.until("the verification", 60, async () => {
    const now = await auditor.get("/staff/audit/");
    return !now.text.includes("核验正在进行") && now.text.includes("完整，没有被改动");
  });
  assert.ok(system.sqlNumber("SELECT counted FROM errand WHERE kind = 'audit' ORDER BY id DESC LIMIT 1") > 0);
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
  assert.ok((await auditor.get("/staff/audit/")).text.includes("运维"));
});

test("statistics are counted by an issuer and shown as charts, tables and CSV; the operator sees the same", async () => {
  const decision = await staff("decision");
  /* An issuer did not wait for the night. */
  await system.until("the first count", 60, () => system.sqlNumber(`SELECT COUNT(*) FROM errand WHERE kind = 'statistics'
    AND state = 'done' AND actor_kind = 3`) === 1);
  system.sql("DELETE FROM errand WHERE kind = 'statistics'");
  const page = await decision.get("/staff/statistics/");
  assert.ok(page.text.includes("尚未统计") && !/<svg class="chart"|<table/.test(page.html), page.text);
  assert.ok(!page.links.some((link) => link.includes("/export")));
  assert.strictEqual((await decision.request("GET", "/staff/statistics/certificates/export")).status, 409);
  assert.strictEqual((await decision.submit(page, formTo(page, "/staff/statistics/count"))).status, 303);
  await system.until("the count", 60, async () => {
    const now = await decision.get("/staff/statistics/");
    return now.text.includes("以下数字统计于") && !now.text.includes("正在");
  });
  for (const view of ["certificates", "expiring", "events", "issued", "firms", "pending", "matters", "documents", "refusals"]) {
    const shown = await decision.get(`/staff/statistics/${view}`);
    assert.strictEqual(shown.status, 200, view);
    assert.ok(!/ style=/.test(shown.html), view);
    /* Wherever there are figures, a chart stands before their table. */
    const [drawn, table] = [shown.html.indexOf("<svg class=\"chart\""), shown.html.indexOf("<table")];
    assert.strictEqual(drawn >= 0, table >= 0, view);
    assert.ok(drawn <= table, view);
    const csv = await decision.get(`/staff/statistics/${view}/export`);
    assert.strictEqual(csv.headers["content-type"], "text/csv; charset=utf-8", view);
  }
  const chart = await decision.get("/staff/statistics/certificates");
  assert.match(chart.html, /<svg class="chart"[^>]*role="img" aria-labelledby="chart-title chart-desc"/);
  const valid = system.sqlNumber("SELECT COUNT(*) FROM certificate WHERE state = '01' AND valid_until >= CURDATE()");
  const [, sum] = chart.html.match(/<th scope="row"[^>]*>有效(?:<td[^>]*>\d+)*<td[^>]*>(\d+)\n/);
  assert.ok(Math.abs(Number(sum) - valid) < 50, `${sum} and ${valid}`);
  const months = await decision.get("/staff/statistics/issued");
  const month = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 7);
  const [, all] = months.html.match(new RegExp(`<th scope="row"[^>]*>${month}(?:<td[^>]*>\\d+){5}<td[^>]*>(\\d+)\n`));
  assert.ok(Number(all) >= 2, `${all} certificates came into being`);
  assert.match((await decision.get("/staff/statistics/firms")).html, /<rect class="c0"/);
  const told = system.ctl("stats", "--kept", "--json");
  const rows = told.out.trim().split("\n").map((line) => JSON.parse(line));
  const same = rows.filter((row) => row.figure === "certificates" && row.part === "01").reduce((all, row) => all + row.value, 0);
  assert.strictEqual(same, Number(sum));
  const issued = rows.filter((row) => row.figure === "issued" && row.bucket === month);
  assert.strictEqual(issued.reduce((count, row) => count + row.value, 0), Number(all));
  const happened = rows.filter((row) => row.figure === "events" && row.bucket === month);
  assert.ok(happened.some((row) => row.part === "exchange" && row.value >= 2));
  assert.strictEqual((await decision.get("/staff/statistics/nothing")).status, 404);
  assert.strictEqual((await decision.get("/staff/statistics/expiring?months=36")).html.match(/<th scope="row"[^>]*>\d{4}-\d\d/g).length, 36);
  assert.strictEqual((await decision.request("GET", "/staff/statistics/expiring?months=37")).status, 422);
});

test("the administrator lets failed documents run again, one or all of a cause", async () => {
  const [administrator, auditor] = [await staff("administrator"), await staff("auditor")];
  const jobs = system.sql(`SELECT j.id FROM job j JOIN enterprise e ON e.id = j.enterprise_id WHERE e.uscc = '${firm.uscc}'`)
    .map(([id]) => id);
  assert.strictEqual(jobs.length, 2);
  system.sql(`UPDATE job SET state = 'failed', cause = 'a cause "of" the test', attempts = 8 WHERE id IN (${jobs})`);
  const board = await administrator.get("/staff/jobs/?state=failed");
  assert.ok(board.html.includes("a cause &quot;of&quot; the test") || board.html.includes("a cause &#34;of&#34; the test"), board.html);
  const watched = await auditor.get("/staff/jobs/");
  assert.ok(watched.text.includes("文件生成失败"));
  assert.ok(!watched.forms.some((form) => form.action.endsWith("/retry")));
  const before = events("action IN ('job.retry', 'job.retry_cause')");
  const one = await administrator.submit(board, formTo(board, `/staff/jobs/${jobs[0]}/retry`));
  assert.strictEqual(one.headers.location, "/staff/jobs/?retried=1");
  /* One key is good for one form: the page is loaded again. */
  const again = await administrator.get("/staff/jobs/?state=failed");
  const form = again.forms.find((each) => each.action === "/staff/jobs/retry" && each.fields.some(([, value]) => value.includes("of the test") || value.includes("\"of\" the test")));
  const all = await administrator.submit(again, form);
  assert.strictEqual(all.status, 303);
  assert.strictEqual(events("action IN ('job.retry', 'job.retry_cause')"), before + 2);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM job WHERE id IN (${jobs}) AND state = 'failed'`), 0);
  await system.until("the documents", 60, () =>
    system.sqlNumber(`SELECT COUNT(*) FROM job WHERE id IN (${jobs}) AND state = 'done'`) === 2);
});

const day = (offset) => new Date(Date.now() + 8 * 3600e3 + offset * 86400e3).toISOString().slice(0, 10);

/* Writes a notice, looks at it and publishes it; its page. */
async function publish(client, words) {
  const form = await client.get("/staff/notices/new");
  const preview = await client.submit(form, { ...formTo(form, "/staff/notices/preview"), fields: [["_csrf", token(form)],
    ...Object.entries(words)] });
  assert.strictEqual(preview.status, 200, preview.text);
  assert.ok(preview.text.includes(words.title));
  const send = preview.forms.find((one) => one.action === "/staff/notices/");
  const answer = await client.submit(preview, send, [["body", words.body]]);
  assert.strictEqual(answer.status, 303, answer.text);
  return client.get(answer.headers.location);
}

test("a notice is seen by every firm and by visitors while it is valid, and gone when it is ended", async () => {
  const reviewer = await staff("reviewer");
  const title = `系统维护 <b>${process.pid}</b>`;
  const page = await publish(reviewer, { title, body: "第一行\n第二行\n\n另一段 <script>alert(1)</script>", from: day(0), until: day(1), important: "1" });
  const visitor = new Client();
  for (const client of [clerk, visitor]) {
    const home = await client.get("/");
    assert.ok(home.text.includes(`重要公告：${title}`), home.text);
    assert.ok(/第一行<br>第二行<\/p>\s*<p>另一段 &lt;script&gt;/.test(home.html), home.html);
  }
  assert.ok(!page.links.some((link) => link.endsWith("/edit")), "it has begun");
  const ask = await reviewer.get(page.links.find((link) => link.endsWith("/end")));
  assert.strictEqual((await reviewer.submit(ask, formTo(ask, "/end"))).status, 303);
  for (const client of [clerk, visitor]) assert.ok(!(await client.get("/")).text.includes(title));
  const again = await reviewer.submit(ask, { ...formTo(ask, "/end"), fields: [["_csrf", token(ask)], ["_key", "k".repeat(22)]] });
  assert.strictEqual(again.status, 409);
  assert.ok((await reviewer.get("/staff/notices/")).text.includes(title));
});

test("a notice that has not begun can be changed, with every wording kept", async () => {
  const administrator = await staff("administrator");
  const page = await publish(administrator, { title: "将来的公告", body: "初稿", from: day(5), until: day(6) });
  assert.ok(!(await clerk.get("/")).text.includes("将来的公告"));
  const edit = await administrator.get(page.links.find((link) => link.endsWith("/edit")));
  assert.ok(edit.html.includes("初稿"));
  const revision = new Map(formTo(edit, "/preview").fields).get("revision");
  const words = [["_csrf", token(edit)], ["revision", revision], ["title", "改过的公告"], ["body", "二稿"], ["from", day(5)], ["until", day(7)]];
  const preview = await administrator.submit(edit, { ...formTo(edit, "/preview"), fields: words });
  const send = preview.forms.find((one) => /\/staff\/notices\/\d+$/.test(one.action));
  assert.strictEqual((await administrator.submit(preview, send, [["body", "二稿"]])).status, 303);
  const shown = await administrator.get(page.url);
  assert.ok(shown.text.includes("改过的公告") && shown.text.includes("初稿"), shown.text);
  /* Somebody else's form of the first wording. */
  const late = await administrator.submit(preview, { ...send, fields: [...words, ["_key", "l".repeat(22)]] });
  assert.strictEqual(late.status, 409);
  const wrong = await administrator.submit(edit, { ...formTo(edit, "/preview"), fields: [["_csrf", token(edit)], ["revision", "2"],
    ["title", ""], ["body", " \n "], ["from", day(-1)], ["until", day(-2)]] });
  assert.strictEqual(wrong.status, 422);
  const end = await administrator.get(shown.links.find((link) => link.endsWith("/end")));
  assert.strictEqual((await administrator.submit(end, formTo(end, "/end"))).status, 303);
});
