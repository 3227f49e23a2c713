"use strict";
/* The whole path as a firm without a browser's scripts: log in, exchange, wait, download; and what
 * comes out, looked at with other people's tools. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const { spawnSync } = require("child_process");
const system = require("../lib/system");
const { Client } = require("../lib/client");
const { firms, loggedIn, exchange, made } = require("../lib/world");

const [firm] = firms(1, 3);
const person = firm.people[0];
const pdf = path.join(system.folder, "certificate.pdf");
let client, matter, answer, id;

function run(command, ...words) {
  const result = spawnSync(command, words, { encoding: "utf8" });
  return { status: result.status, out: result.stdout, text: result.stdout + result.stderr };
}

test("the list shows the firm's paper certificates", async () => {
  client = await loggedIn(firm);
  const list = await client.get("/exchange/");
  for (const each of firm.people) assert.ok(list.html.includes(each.number) && list.html.includes(each.name));
});

test("nothing ticked: the list again, with the error in front", async () => {
  const list = await client.get("/exchange/");
  const again = await client.submit(list, list.forms.find((form) => form.action === "/exchange/check"));
  assert.strictEqual(again.status, 422);
  assert.ok(again.title.startsWith("错误："));
  assert.ok(again.text.includes("请选择纸质证书"));
});

test("the paper certificate's data and the photo are shown before the exchange", async () => {
  const list = await client.get("/exchange/");
  const row = list.links.find((link) => link.startsWith("/exchange/check?paper="));
  id = row.match(/\d+$/)[0];
  const check = await client.get(row);
  assert.ok(check.text.includes(person.number) && check.text.includes("专职安全生产管理人员"));
  assert.ok(!check.html.includes(person.idNo), "the ID number is masked");
  assert.ok(check.html.includes(person.idNo.slice(0, 6)) && check.html.includes(person.idNo.slice(-4)));
  const photo = await client.get(`/exchange/${id}/photo`);
  assert.strictEqual(photo.headers["content-type"], "image/jpeg");
  assert.strictEqual(photo.body.subarray(0, 3).toString("hex"), "ffd8ff");
});

test("the exchange answers with the matter and its number", async () => {
  answer = await exchange(client, ([, value]) => value === id);
  assert.strictEqual(answer.status, 303);
  matter = answer.headers.location;
  assert.match(matter, /\/matters\/[A-Z]{2}\d{8}-\d{8}$/);
  const page = await client.get(matter);
  assert.ok(page.text.includes(person.number));
});

test("the document is made; the row has left the list; the query offers it", async () => {
  const figures = await made(client, matter);
  assert.deepStrictEqual([figures.done, figures.failed], [1, 0]);
  assert.ok((await client.get(matter)).text.includes("电子证书已生成"));
  assert.ok(!(await client.get("/exchange/")).html.includes(person.number));
  const found = await client.get(`/certificates/?number=${encodeURIComponent(person.number.replace("（", "(").replace("）", ")"))}`);
  assert.ok(found.text.includes("生成成功") && found.text.includes("查看并下载"));
  const byName = await client.get(`/certificates/?name=${encodeURIComponent(person.name)}`);
  assert.ok(byName.html.includes(person.number));
});

test("the document is downloaded under the certificate's number", async () => {
  const list = await client.get(`/certificates/?name=${encodeURIComponent(person.name)}`);
  const link = list.links.find((one) => /\d+\/document$/.test(one));
  answer = await client.get(new URL(link, list.url).href);
  assert.strictEqual(answer.status, 200);
  assert.strictEqual(answer.headers["content-type"], "application/pdf");
  assert.ok(decodeURIComponent(answer.headers["content-disposition"]).includes(person.number));
  fs.writeFileSync(pdf, answer.body);
  const again = await client.get(answer.url, { headers: { "If-None-Match": answer.headers.etag } });
  assert.strictEqual(again.status, 304);
});

test("pdfsig: the signature is valid and covers the whole document", () => {
  const { text } = run("pdfsig", "-nocert", pdf);
  assert.match(text, /Signature Validation: Signature is Valid/);
  assert.match(text, /Total document signed/);
  assert.match(text, /Signature Type: ETSI\.CAdES\.detached/);
  assert.ok(!/Not total/.test(text));
});

test("ecertctl verify: genuine and on record; changed by a byte it is neither", () => {
  const said = system.verify(pdf);
  assert.deepStrictEqual(
    [said.status, said.genuine, said.verdict, said.record, said.signer, said.kind, said.number, said.version, said.current],
    [0, 1, "genuine", "recorded", "authority", "certificate", person.number, 1, 1]);
  assert.ok(Math.abs(Date.parse(said.signed_at) - Date.now()) < 3600000, said.signed_at);
  assert.match(system.ctl("verify", pdf).out, /: GENUINE: .*\n +sealed by .*\n +on record: .* version 1, in force/);
  const changed = `${pdf}.changed`, whole = fs.readFileSync(pdf);
  const refused = (bytes, verdict) => {
    fs.writeFileSync(changed, bytes);
    const { status, genuine, verdict: found, record, cause } = system.verify(changed);
    assert.deepStrictEqual([status, genuine, found, record], [1, 0, verdict, "not_recorded"]);
    assert.ok(cause.length > 5);
  };
  refused(Buffer.concat([whole, Buffer.from("\n")]), "trailing");
  const other = Buffer.from(whole);
  other[whole.indexOf("/MediaBox [ 0 0 595") + 16] += 1;
  refused(other, "objects");
  refused(whole.subarray(0, whole.indexOf("%%EOF") + 6), "unsigned");
  refused(Buffer.from("not a PDF"), "not_pdf");
  assert.strictEqual(system.ctl("verify", `${pdf}.none`).status, 1);
});

test("ecertctl verify does without a database, and says so", () => {
  const apart = system.verify(pdf, "--no-database");
  assert.deepStrictEqual([apart.status, apart.verdict, apart.record], [0, "genuine", "not_asked"]);
  const other = path.join(system.folder, "etc/away.conf");
  const good = fs.readFileSync(path.join(system.folder, "etc/ecert.conf"), "utf8");
  fs.writeFileSync(other, good.replace(/(Socket = ).*\/database\/.*/, "$1/nowhere/sock"));
  try {
    const away = run(`${system.prefix}/bin/ecertctl`, "-c", other, "verify", pdf, "--json");
    const said = JSON.parse(away.out);
    assert.deepStrictEqual([away.status, said.verdict, said.record], [0, "genuine", "not_asked"]);
    assert.match(said.record_note, /nowhere/);
  } finally {
    fs.unlinkSync(other);
  }
});

test("qpdf and mutool find nothing to complain about", () => {
  const qpdf = run("qpdf", "--check", pdf);
  assert.strictEqual(qpdf.status, 0, qpdf.text);
  assert.ok(qpdf.text.includes("No syntax or stream encoding errors found"), qpdf.text);
  const mutool = run("mutool", "clean", pdf, `${pdf}.clean`);
  assert.strictEqual(mutool.status, 0);
  assert.strictEqual(mutool.text, "");
});

test("pdftotext reads the face, every character of it", () => {
  const { text, status } = run("pdftotext", "-layout", pdf, "-");
  assert.strictEqual(status, 0);
  const squeezed = text.replace(/\s+/g, "");
  const sql = system.sql(`SELECT DATE_FORMAT(first_issued, '%Y年%c月%e日'), DATE_FORMAT(valid_until, '%Y年%c月%e日')
    FROM certificate WHERE number = '${person.number}'`)[0];
  for (const expected of ["安全生产考核合格证书", "建筑施工企业综合类专职安全生产管理人员", person.number, person.name,
    person.sex === 2 ? "女" : "男", firm.name, "专职安全生产管理人员", "中华人民共和国住房和城乡建设部监制", ...sql])
    assert.ok(squeezed.includes(expected.replace(/\s+/g, "")), `${expected} is not in ${squeezed}`);
  assert.ok(!squeezed.includes(person.idNo), "no ID number on the face");
  assert.ok(!/[\ufffd\u25a1]/.test(text));
});

test("the QR code on the page leads to a page that agrees with the face", async () => {
  const shot = path.join(system.folder, "page");
  assert.strictEqual(run("pdftoppm", "-r", "150", "-png", "-singlefile", pdf, shot).status, 0);
  fs.mkdirSync(system.shots, { recursive: true });
  fs.copyFileSync(`${shot}.png`, `${system.shots}/certificate.png`);
  const url = run("zbarimg", "-q", "--raw", `${shot}.png`).out.trim();
  assert.ok(url.startsWith(`${system.site}/verify/`), url);
  const page = await new Client().get(url);
  assert.strictEqual(page.status, 200);
  assert.ok(page.text.includes("有效"));
  for (const expected of [person.number, firm.name, "专职安全生产管理人员"]) assert.ok(page.text.includes(expected), expected);
  assert.ok(!page.html.includes(person.idNo) && !page.html.includes(person.idNo.slice(0, 14)));
  assert.ok(!page.html.includes(person.name), "the name is masked");
});

test("two at once: one matter, two documents", async () => {
  answer = await exchange(client);
  assert.strictEqual(answer.status, 303);
  const figures = await made(client, answer.headers.location);
  assert.deepStrictEqual([figures.items, figures.done, figures.failed], [2, 2, 0]);
  assert.ok((await client.get("/exchange/")).text.includes("没有待换领的纸质证书"));
});

test("without a photo on file the refusal is a page that says where to go", async () => {
  const [other] = firms(1, 1, { photo: false });
  const clerk = await loggedIn(other);
  const list = await clerk.get("/exchange/");
  const page = await clerk.get(list.links.find((link) => link.startsWith("/exchange/check?paper=")));
  assert.strictEqual(page.status, 409);
  assert.ok(page.text.includes("受理服务窗口") && page.text.includes("R2"), page.text);
});

test("the audit of all that is whole", () => {
  const result = system.ctl("audit", "verify");
  assert.strictEqual(result.status, 0, result.out + result.err);
});
