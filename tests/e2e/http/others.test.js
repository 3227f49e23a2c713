"use strict";
/* A firm can not see, guess, download, exchange or count anything of another: every route that
 * names something is tried with the other firm's, and answers as if it were not there. */

const assert = require("assert");
const test = require("node:test");
const system = require("../lib/system");
const { firms, loggedIn, exchange, made } = require("../lib/world");
const { Client } = require("../lib/client");

const [victim, attacker] = firms(2, 2);
const things = {};
let client;

const idOf = (firm) => system.sqlNumber(`SELECT id FROM enterprise WHERE uscc = '${firm.uscc}'`);

/* What each outsider's answer may hold of the victim: nothing. */
function holdsNothing(answer, where) {
  for (const secret of [victim.name, ...victim.people.flatMap((p) => [p.name, p.number, p.idNo])])
    assert.ok(!answer.html.includes(secret), `${where}: ${secret}`);
}

test("the victim has a certificate, its document, a matter, a job and a paper certificate", async () => {
  const owner = await loggedIn(victim);
  const first = (await owner.get("/exchange/")).links.find((link) => link.startsWith("/exchange/check?paper=")).match(/\d+$/)[0];
  const answer = await exchange(owner, ([, value]) => value === first);
  things.matter = new URL(answer.headers.location, system.site).pathname;
  await made(owner, things.matter);
  const enterprise = idOf(victim);
  things.certificate = system.sqlNumber(`SELECT id FROM certificate WHERE enterprise_id = ${enterprise}`);
  things.job = system.sqlNumber(`SELECT id FROM job WHERE enterprise_id = ${enterprise}`);
  things.paper = system.sqlNumber(`SELECT id FROM paper_certificate WHERE enterprise_id = ${enterprise} AND certificate_id IS NULL`);
  things.done = first;
  for (const path of [`/certificates/${things.certificate}`, `/certificates/${things.certificate}/document`,
    `/certificates/${things.certificate}/photo`, things.matter, `/jobs/${things.job}`, `/exchange/${things.paper}/photo`,
    `/exchange/check?paper=${things.paper}`])
    assert.strictEqual((await owner.get(path)).status, 200, `${path}, for its owner`);
  client = await loggedIn(attacker);
});

const routes = [
  () => `/certificates/${things.certificate}`,
  () => `/certificates/${things.certificate}/document`,
  () => `/certificates/${things.certificate}/photo`,
  () => things.matter,
  () => `/jobs/${things.job}`,
  () => `/exchange/${things.paper}/photo`,
  () => `/exchange/check?paper=${things.paper}`,
  () => `/exchange/confirm?paper=${things.paper}`,
];
const names = ["certificate", "document", "photo", "matter", "job", "photo of a paper certificate", "check", "confirm"];

routes.forEach((route, i) => {
  test(`the other's ${names[i]} is not there`, async () => {
    const foreign = await client.get(route());
    assert.strictEqual(foreign.status, 404);
    holdsNothing(foreign, route());
    const never = await client.get(route().replace(/\d+(?=\D*$)/, "99999999"));
    assert.strictEqual(never.status, 404, "a thing that never was");
    const strip = (answer) => answer.text.replace(/请求编号.*/, "");
    assert.strictEqual(strip(foreign), strip(never), "both answers read the same");
    const json = await client.get(route(), { headers: { Accept: "application/json" } });
    assert.strictEqual(json.status, 404);
    const nobody = await new Client().request("GET", system.site + route());
    assert.strictEqual(nobody.status, 303);
    assert.match(nobody.headers.location, /\/login/);
  });
});

test("the other's paper certificate can not be exchanged, alone or among own ones", async () => {
  const list = await client.get("/exchange/");
  const own = list.forms.find((form) => form.action === "/exchange/check").boxes.map(([, value]) => value);
  for (const papers of [[things.paper], [...own, things.paper]]) {
    const confirm = await client.get(`/exchange/confirm?paper=${own[0]}`);
    const form = confirm.forms.find((one) => one.method === "POST" && one.action === "/exchange/");
    const fields = form.fields.filter(([name]) => name !== "paper").concat(papers.map((id) => ["paper", String(id)]));
    const answer = await client.post("/exchange/", fields);
    assert.ok([404, 409].includes(answer.status), String(answer.status));
    holdsNothing(answer, "exchange");
  }
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM certificate WHERE enterprise_id = ${idOf(attacker)}`), 0);
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM paper_certificate WHERE id = ${things.paper} AND certificate_id IS NULL`), 1);
});

test("searching, listing and counting show own things only", async () => {
  const person = victim.people[0];
  for (const path of ["/", "/exchange/", "/certificates/", "/certificates/?after=0", "/exchange/?after=0",
    `/certificates/?name=${encodeURIComponent(person.name)}`, `/certificates/?number=${encodeURIComponent(person.number)}`,
    `/certificates/?name=%25`, `/certificates/?name=${encodeURIComponent("' OR 1=1 -- ")}`,
    `/certificates/?after=${things.certificate - 1}`, `/exchange/?after=${things.paper - 1}`, `/exchange/?after=1`]) {
    const answer = await client.get(path);
    const own = answer.html.replace(new RegExp(`value="[^"]*"`, "g"), "");
    for (const secret of [victim.name, ...victim.people.flatMap((p) => [p.number, p.idNo])])
      assert.ok(!own.includes(secret), `${path}: ${secret}`);
  }
  assert.match((await client.get("/")).text, /\b2\s+本\s+纸质证书待换领/);
  assert.match((await client.get("/")).text, /\b0\s+本\s+电子证书有效/);
});

test("a form of another session is refused", async () => {
  const owner = await loggedIn(victim);
  const confirm = await owner.get(`/exchange/confirm?paper=${things.paper}`);
  const form = confirm.forms.find((one) => one.method === "POST" && one.action === "/exchange/");
  assert.strictEqual((await client.post("/exchange/", form.fields)).status, 403);
  const own = new Map(form.fields);
  const other = own.get("_csrf").replace(/^./, (first) => (first === "A" ? "B" : "A"));
  for (const token of ["", "x", other, null]) {
    const fields = form.fields.filter(([name]) => name !== "_csrf").concat(token === null ? [] : [["_csrf", token]]);
    assert.ok([400, 403].includes((await owner.post("/exchange/", fields)).status), String(token));
  }
  assert.strictEqual(system.sqlNumber(`SELECT COUNT(*) FROM paper_certificate WHERE id = ${things.paper} AND certificate_id IS NULL`), 1);
});
