"use strict";
/* Who of the staff may do what, tried over HTTP: every - of tests/modules/staff-roles.tsv, and every line
 * of it with a firm's session and with none. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const test = require("node:test");
const system = require("../lib/system");
const { Client } = require("../lib/client");
const { staff } = require("../lib/staff");
const { firms, loggedIn } = require("../lib/world");

const ROLES = ["window", "reviewer", "decision", "auditor", "administrator"];
const rows = fs.readFileSync(path.join(system.top, "tests/modules/staff-roles.tsv"), "utf8").split("\n")
  .filter((line) => line && !line.startsWith("#")).map((line) => line.split("\t"))
  .map(([method, place, ...cells]) => ({ method, place, open: cells[0] === "open",
    may: Object.fromEntries(ROLES.map((role, i) => [role, cells[i] === "+"])) }));
const guarded = rows.filter((row) => !row.open);

/* Something that could stand there: who may not is told so before anybody looks for it. */
const target = (row) => row.place.replace(/\{[^}]*\}/g, "1");

/* A form that lacks nothing but the right: token and key of a page that the role has. */
async function ask(client, row, token) {
  if (row.method === "GET") return client.request("GET", target(row));
  const fields = { _csrf: token, _key: "k".repeat(22) };
  return client.post(target(row), fields, { headers: { Origin: system.site } });
}

const token = (page) => new Map(page.forms.flatMap((form) => form.fields)).get("_csrf");

for (const role of ROLES)
  test(`what is not for ${role} is refused, by GET and by POST`, async () => {
    const client = await staff(role);
    const csrf = token(await client.get("/staff/"));
    assert.ok(csrf);
    const wrong = [];
    for (const row of guarded.filter((one) => !one.may[role])) {
      const answer = await ask(client, row, csrf);
      if (answer.status !== 403 || !answer.text.includes("不能访问")) wrong.push(`${row.method} ${row.place}: ${answer.status}`);
    }
    assert.deepStrictEqual(wrong, []);
  });

for (const role of ROLES)
  test(`pages that are for ${role} are not refused`, async () => {
    const client = await staff(role);
    const wrong = [];
    for (const row of guarded.filter((one) => one.may[role] && one.method === "GET")) {
      const { status } = await client.request("GET", target(row));
      if (status === 403 || status >= 500) wrong.push(`${row.place}: ${status}`);
    }
    assert.deepStrictEqual(wrong, []);
  });

test("a menu shows what its role may open, and nothing else", async () => {
  for (const role of ROLES) {
    const client = await staff(role);
    const page = await client.get("/staff/");
    const menu = page.html.match(/<nav class="menu".*?<\/nav>/s)[0];
    const links = [...menu.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
    assert.ok(links.length > 0);
    for (const link of links) {
      const row = guarded.find((one) => one.method === "GET" && one.place === link);
      assert.ok(row && row.may[role], `${role}: ${link}`);
    }
  }
});

test("a firm's session opens nothing of the staff", async () => {
  const [firm] = firms(1, 1);
  const clerk = await loggedIn(firm);
  const csrf = token(await clerk.get("/"));
  const wrong = [];
  for (const row of guarded) {
    const answer = await ask(clerk, row, csrf);
    if (answer.status !== 403) wrong.push(`${row.method} ${row.place}: ${answer.status}`);
  }
  assert.deepStrictEqual(wrong, []);
});

test("without a session everything leads to the login of staff", async () => {
  const wrong = [];
  for (const row of guarded) {
    const answer = await ask(new Client(), row, "x");
    if (answer.status !== 303 || !answer.headers.location.startsWith("/staff/login/"))
      wrong.push(`${row.method} ${row.place}: ${answer.status} ${answer.headers.location}`);
  }
  assert.deepStrictEqual(wrong, []);
});

test("a role that was taken away is gone at once", async () => {
  const client = await staff("decision", 2);
  assert.strictEqual((await client.request("GET", "/staff/")).status, 200);
  assert.strictEqual(system.ctl("staff", "role", "decision2", "window").status, 0);
  assert.strictEqual((await client.request("GET", "/staff/")).status, 303);
  assert.strictEqual(system.ctl("staff", "role", "decision2", "decision").status, 0);
});
