"use strict";
/* Many certificates at once: a ZIP of their documents, taken apart with a tool that is not ours, and
 * a table of them, read back; and what becomes of a download that breaks off on its way. */

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const https = require("https");
const path = require("path");
const test = require("node:test");
const { spawnSync } = require("child_process");
const system = require("../lib/system");
const { firms, loggedIn, exchange, made } = require("../lib/world");

const MANY = 1000, MB = 1024 * 1024;
/* Of signatures that were never made; what the system numbers itself stays far below. */
const INTENTS = 4000000000;
const [firm, other] = firms(2, 4);
const idOf = (one) => system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${one.uscc}'`);
const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest("hex");
let client, ids, otherIds;

async function issued(one) {
  const owner = await loggedIn(one);
  const matter = (await exchange(owner)).headers.location;
  assert.strictEqual((await made(owner, matter)).failed, 0);
  return [owner, system.sql(`SELECT id FROM certificate WHERE enterprise_id = ${idOf(one)} ORDER BY id DESC`).map(([id]) => id)];
}

const ticked = (list) => `/certificates/download?ticked=1${list.map((id) => `&certificate=${id}`).join("")}`;

function run(command, ...words) {
  const result = spawnSync(command, words, { env: { ...process.env, LC_ALL: "C.UTF-8" }, maxBuffer: 256 * MB });
  return { status: result.status, out: String(result.stdout), text: String(result.stdout) + result.stderr };
}

/* Name and bytes of each file. */
function unzipped(zip) {
  const folder = fs.mkdtempSync(path.join(system.folder, "unzip-"));
  fs.writeFileSync(`${folder}.zip`, zip);
  const tested = run("unzip", "-tqq", `${folder}.zip`);
  assert.strictEqual(tested.status, 0, tested.text);
  assert.strictEqual(run("unzip", "-q", `${folder}.zip`, "-d", folder).status, 0);
  const names = run("unzip", "-Z1", `${folder}.zip`).out.trim().split("\n");
  assert.deepStrictEqual([...names].sort(), fs.readdirSync(folder).sort(), "every name is a file's own");
  return names.map((name) => [name, fs.readFileSync(path.join(folder, name))]);
}

/* RFC 4180. */
function parse(text) {
  const rows = [[]];
  let at = 0;
  while (at < text.length) {
    const [whole, quoted, plain, end] = text.slice(at).match(/^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/);
    rows[rows.length - 1].push(quoted === undefined ? plain : quoted.replace(/""/g, '"'));
    if (end !== ",") rows.push([]);
    at += whole.length;
  }
  assert.deepStrictEqual(rows.pop(), []);
  return rows;
}

test("two firms have their certificates", async () => {
  [client, ids] = await issued(firm);
  [, otherIds] = await issued(other);
  assert.strictEqual(ids.length, 4);
});

test("the list has a box for each row that can be downloaded, and the links for all", async () => {
  const list = await client.get("/certificates/");
  const form = list.forms.find((one) => one.action === "/certificates/download");
  assert.deepStrictEqual(form.boxes, ids.map((id) => ["certificate", id]));
  assert.ok(form.html.includes("下载所选证书"));
  for (const link of ["/certificates/download", "/certificates/export"]) assert.ok(list.links.includes(link), link);
});

test("a ticked certificate's file is what the single download is", async () => {
  const chosen = ids.slice(0, 3);
  const answer = await client.get(ticked(chosen));
  assert.strictEqual(answer.status, 200);
  assert.strictEqual(answer.headers["content-type"], "application/zip");
  assert.match(answer.headers["content-disposition"], /^attachment; filename="[ -~]*\.zip"; filename\*=UTF-8''[!-~]*\.zip$/);
  const files = unzipped(answer.body);
  assert.strictEqual(files.length, chosen.length);
  for (const [i, id] of chosen.entries()) {
    const [[number, name]] = system.sql(`SELECT number, holder_name FROM certificate WHERE id = ${id}`);
    assert.strictEqual(files[i][0], `${number} ${name}.pdf`);
    assert.strictEqual(sha256(files[i][1]), sha256((await client.get(`/certificates/${id}/document`)).body));
  }
  const listed = run("unzip", "-Zv", fs.readdirSync(system.folder).filter((one) => /^unzip-.*\.zip$/.test(one))
    .map((one) => path.join(system.folder, one))[0]).out;
  assert.match(listed, /compression method:\s+none \(stored\)/);
});

test("all that a search finds comes in one ZIP", async () => {
  assert.strictEqual(unzipped((await client.get("/certificates/download")).body).length, 4);
  const [[name]] = system.sql(`SELECT holder_name FROM certificate WHERE id = ${ids[1]}`);
  const files = unzipped((await client.get(`/certificates/download?name=${encodeURIComponent(name)}&state=01`)).body);
  assert.ok(files.every(([file]) => file.endsWith(`${name}.pdf`)));
});

test("a search that finds nothing answers with a page that says so", async () => {
  for (const query of ["state=04", "from=2099-01-01", "show=failed", "name=%E2%91%A0"]) {
    const answer = await client.get(`/certificates/download?${query}`);
    assert.match(answer.headers["content-type"], /^text\/html/, query);
    assert.ok(answer.text.includes("没有可以下载的电子证书"), query);
  }
});

test("nothing ticked: the list again, with the error in front", async () => {
  const answer = await client.get("/certificates/download?ticked=1");
  assert.strictEqual(answer.status, 422);
  assert.ok(answer.title.startsWith("错误："));
  assert.ok(answer.text.includes("请先勾选要下载的电子证书"));
});

test("another firm's certificate is not there, alone or among own ones", async () => {
  for (const list of [[otherIds[0]], [...ids, otherIds[0]], ["99999999"]])
    assert.strictEqual((await client.get(ticked(list))).status, 404);
  const table = (await client.get("/certificates/export")).html;
  for (const person of other.people) assert.ok(!table.includes(person.number));
});

test("what may not be downloaded is in no ZIP, and in the table", async () => {
  system.sql(`UPDATE certificate SET state = '02' WHERE id = ${ids[0]}`);
  assert.strictEqual((await client.get(ticked([ids[0]]))).status, 404);
  assert.strictEqual(unzipped((await client.get("/certificates/download")).body).length, 3);
  const rows = parse((await client.get("/certificates/export?state=02")).html.slice(1));
  assert.strictEqual(rows.length, 2);
  assert.strictEqual(rows[1][8], "暂扣");
  system.sql(`UPDATE certificate SET state = '01' WHERE id = ${ids[0]}`);
});

test("the table holds every row, and no formula", async () => {
  const evil = '=HYPERLINK("https://evil.example","点击")';
  const [[name]] = system.sql(`SELECT holder_name FROM certificate WHERE id = ${ids[3]}`);
  system.sql(`UPDATE certificate SET holder_name = '${evil}' WHERE id = ${ids[3]}`);
  const answer = await client.get("/certificates/export");
  assert.strictEqual(answer.headers["content-type"], "text/csv; charset=utf-8");
  assert.match(answer.headers["content-disposition"], /\.csv$/);
  assert.deepStrictEqual([...answer.body.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const [header, ...rows] = parse(answer.html.slice(1));
  assert.strictEqual(header.join(), "证书编号,姓名,类别,职务,企业名称,初次领证日期,有效期起,有效期止,证书状态,生成状态");
  const stored = system.sql(`SELECT number, holder_name, class, enterprise_name, first_issued, valid_from, valid_until
    FROM certificate WHERE enterprise_id = ${idOf(firm)} ORDER BY id DESC`);
  assert.deepStrictEqual(rows.map(([number, , kind, , enterprise, first, from, until]) => [number, kind, enterprise, first, from, until]),
    stored.map(([number, , kind, enterprise, first, from, until]) => [number, kind, enterprise, first, from, until]));
  assert.strictEqual(rows[3][1], `'${evil}`);
  for (const row of rows) assert.deepStrictEqual(row.slice(8), ["有效", "生成成功"]);
  system.sql(`UPDATE certificate SET holder_name = '${name}' WHERE id = ${ids[3]}`);
});

test("HEAD is the head alone", async () => {
  for (const [url, type] of [[ticked(ids), "application/zip"], ["/certificates/export", "text/csv; charset=utf-8"]]) {
    const answer = await client.request("HEAD", url);
    assert.strictEqual(answer.status, 200);
    assert.strictEqual(answer.headers["content-type"], type);
    assert.strictEqual(answer.body.length, 0);
  }
});

test("both are in the audit, without a name", async () => {
  const name = firm.people[0].name;
  await client.get(`/certificates/export?name=${encodeURIComponent(name)}`);
  const details = system.sql(`SELECT action, detail FROM audit_event WHERE object_id = ${idOf(firm)}
    AND action IN ('certificate.export', 'certificate.bundle')`);
  assert.ok(details.some(([action, detail]) => action === "certificate.bundle" && JSON.parse(detail).count === 3));
  assert.ok(details.some(([action, detail]) => action === "certificate.export" && JSON.parse(detail).by.includes("name")));
  assert.ok(!JSON.stringify(details).includes(name));
  assert.strictEqual(system.ctl("audit", "verify").status, 0);
});

/* How curl ends over this protocol: 0 for an answer that is whole. */
function curl(protocol, url) {
  return run("curl", "-s", "-S", protocol, "--cacert", system.authorities, "-o", "/dev/null", "-w", "%{http_code}",
    "-H", `Cookie: ${[...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ")}`, system.site + url);
}

test("a document that is not what was sealed breaks the download off, and no client takes it for whole", async (t) => {
  const [[hash]] = system.sql(`SELECT HEX(sha256) FROM document WHERE certificate_id = ${ids[3]}`);
  const restore = () => system.sql(`UPDATE document SET sha256 = UNHEX('${hash}') WHERE certificate_id = ${ids[3]}`);
  t.after(restore);
  system.sql(`UPDATE document SET sha256 = REPEAT('x', 32) WHERE certificate_id = ${ids[3]}`);
  for (const protocol of ["--http1.1", "--http2"]) {
    const cut = curl(protocol, "/certificates/download");
    assert.match(cut.out, /^(200|000)/, "the head may be lost with the rest");
    assert.notStrictEqual(cut.status, 0, `${protocol}: ${cut.text}`);
  }
  await assert.rejects(client.request("GET", "/certificates/download"));
  /* Before the first byte there is still a page. */
  const alone = await client.get(ticked([ids[3]]));
  assert.strictEqual(alone.status, 500);
  assert.ok(alone.text.includes("请求编号"));
  restore();
  for (const protocol of ["--http1.1", "--http2"]) assert.strictEqual(curl(protocol, "/certificates/download").status, 0);
});

/* So that the firm has `count`, the copies with documents of their own. */
function multiply(count) {
  const more = count - ids.length;
  const next = system.sqlNumber("SELECT MAX(id) FROM certificate") + 1;
  system.sql(`INSERT INTO certificate (id, number, issue_year, serial, class, person_id, enterprise_id, state, version,
      holder_name, enterprise_name, post, first_issued, valid_from, valid_until, held_since, generation, created_at, updated_at)
    SELECT ${next} + s.seq, CONCAT('沪建安B（1999）', LPAD(s.seq, 7, '0')), 1999, s.seq, 'B', c.person_id, c.enterprise_id,
      '01', 1, c.holder_name, c.enterprise_name, c.post, c.first_issued, c.valid_from, c.valid_until, c.held_since, 2,
      NOW(3), NOW(3) FROM seq_1_to_${more} s JOIN certificate c ON c.id = ${ids[0]}`);
  system.sql(`INSERT INTO document (kind, certificate_id, version, enterprise_id, intent_id, sha256, size, body, created_at)
    SELECT 'certificate', ${next} + s.seq, 1, d.enterprise_id, ${INTENTS} + s.seq, d.sha256, d.size, d.body, d.created_at
    FROM seq_1_to_${more} s JOIN document d ON d.kind = 'certificate' AND d.certificate_id = ${ids[0]}`);
}

/* Most that a worker ever had in memory, in bytes. */
function peak(pid) {
  return Number(fs.readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]) * 1024;
}

/* Status, milliseconds to the first byte and to the last, and the bytes. */
function timed(url) {
  const began = performance.now();
  let first = 0;
  return new Promise((resolve, reject) => {
    https.get(new URL(url, system.site), { agent: client.agent, ...client.tls,
      headers: { Cookie: [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ") } }, (response) => {
      const parts = [];
      response.on("data", (part) => { first = first || performance.now() - began; parts.push(part); });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode, first, last: performance.now() - began,
        body: Buffer.concat(parts) }));
    }).on("error", reject);
  });
}

test(`${MANY} documents stream through little memory, from the first moment on`, async (t) => {
  multiply(MANY);
  const workers = system.children(system.pid("ecertd"));
  await client.get(ticked([ids[0]]));
  const before = workers.map((pid) => { fs.writeFileSync(`/proc/${pid}/clear_refs`, "5"); return peak(pid); });
  const answer = await timed("/certificates/download");
  const grown = Math.max(...workers.map((pid, i) => peak(pid) - before[i]));
  t.diagnostic(`${(answer.body.length / MB).toFixed(1)} MB; first byte after ${Math.round(answer.first)} ms, ` +
    `last after ${Math.round(answer.last)} ms; the worker grew by ${(grown / MB).toFixed(1)} MB`);
  assert.strictEqual(answer.status, 200);
  assert.strictEqual(unzipped(answer.body).length, MANY);
  assert.ok(grown < 8 * MB, `${grown} bytes`);
  assert.ok(answer.first < Math.max(1000, answer.last / 2), `${answer.first} of ${answer.last} ms`);
});

test("what is more comes in parts, each on a page that leads to the next", async () => {
  const [[[name]], seen] = [system.sql(`SELECT holder_name FROM certificate WHERE id = ${ids[0]}`), new Set()];
  system.sql(`UPDATE certificate SET state = '01' WHERE enterprise_id = ${idOf(firm)}`);
  const extra = system.sqlNumber("SELECT MAX(id) FROM certificate") + 1;
  system.sql(`INSERT INTO certificate SELECT ${extra}, '沪建安B（1998）0000001', 1998, 1, class, person_id, enterprise_id, state,
    version, holder_name, enterprise_name, post, first_issued, valid_from, valid_until, held_since, generation, state_reason,
    pending_matter_id, created_at, updated_at FROM certificate WHERE id = ${ids[0]}`);
  system.sql(`INSERT INTO document (kind, certificate_id, version, enterprise_id, intent_id, sha256, size, body, created_at)
    SELECT kind, ${extra}, 1, enterprise_id, ${INTENTS}, sha256, size, body, created_at FROM document
    WHERE kind = 'certificate' AND certificate_id = ${ids[0]}`);
  let page = await client.get("/certificates/download");
  assert.match(page.headers["content-type"], /^text\/html/);
  for (const count of [MANY, 1]) {
    assert.ok(page.text.includes(`打包下载本批 ${count} 本`), page.text);
    const part = page.links.find((link) => link.includes("part=1"));
    for (const [file] of unzipped((await client.get(part)).body)) seen.add(file);
    const next = page.links.find((link) => /download\?.*after=/.test(link) && !link.includes("part=1"));
    if (next) page = await client.get(next);
  }
  assert.strictEqual(seen.size, MANY + 1);
  assert.ok([...seen].every((file) => file.endsWith(".pdf")) && [...seen].some((file) => file.includes(name)));
});

test("a table of many rows is read page by page", async () => {
  const rows = parse((await client.get("/certificates/export?state=01")).html.slice(1));
  assert.strictEqual(rows.length, MANY + 2);
  assert.strictEqual(new Set(rows.map(([number]) => number)).size, MANY + 2);
});
