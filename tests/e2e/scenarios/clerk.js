"use strict";
/* What a firm's clerk does for an item, with any HTTP client: each yields how it came out, as
 * { status, page, number }: the redirect's or refusal's status, the page, the matter's number. */

const assert = require("assert");
const crypto = require("crypto");
const html = require("../lib/html");
const keys = require("../lib/key");
const system = require("../lib/system");
const { loggedIn, made } = require("../lib/world");

const clients = new Map();

async function clientOf(firm) {
  if (!clients.has(firm.uscc)) clients.set(firm.uscc, await loggedIn(firm, { keepAlive: true }));
  return clients.get(firm.uscc);
}

function close() {
  for (const client of clients.values()) client.close();
}

/* The findings of a page that failed, in its order. */
function findings(page) {
  const part = (block, pattern) => html.decode((block.match(pattern) || ["", ""])[1]);
  return page.html.split('<div class="finding">').slice(1).map((block) => ({
    rule: part(block, /依据规则 (R\d+)/),
    fact: part(block, /核对结果：([^<]*)/),
    advice: part(block, /<b>请这样办理<\/b>([^<]*)/),
  }));
}

const formTo = (page, action) => page.forms.find((one) => one.method === "POST" && one.action === action);
const key = () => ["_key", crypto.randomBytes(16).toString("base64url")];

/* What a form carries against forgery, and a key of its own. */
function hidden(page) {
  const form = page.forms.find((one) => one.fields.some(([name]) => name === "_csrf"));
  return [...form.fields.filter(([name]) => name === "_csrf"), key()];
}

const outcome = (answer, number) => ({ status: answer.status, page: answer, number });
const lastOf = (place) => place.split("/").pop();

/* The matter that a refusal says it has recorded. */
const recorded = (page) => (page.html.match(/href="\/matters\/([\w-]+)"/) || [])[1];

/* Names the person, up to the page of what was found. */
async function query(client, item, person, wish) {
  const box = await client.get(`/${item}/new`);
  const own = formTo(box, `/${item}/`).fields.filter(([name]) => name.startsWith("_"));
  const answer = await client.post(`/${item}/`, [...own, ["id_type", person.idType], ["id_no", person.idNo],
    ["name", person.name], ...(wish ? [["wish", wish]] : [])]);
  if (answer.status !== 303) return outcome(answer, recorded(answer));
  return { ...outcome(await client.get(answer.headers.location), lastOf(answer.headers.location)), found: true };
}

/* The certificates offered, each once, of these classes where some are named. */
function offered(page, tick) {
  const ids = [...new Set([...page.html.matchAll(/name="certificate" value="(\d+)"/g)].map(([, id]) => id))];
  const classes = new Map(system.sql(`SELECT id, class FROM certificate WHERE id IN (${ids.join(",") || 0})`));
  return ids.filter((id) => !tick || tick.includes(classes.get(id))).map((id) => ["certificate", id]);
}

const seen = (page) => ["seen", page.html.match(/name="seen" value="([0-9a-f]{64})"/)[1]];

/* Sends what was found on its way; the answer is a redirect, or a refusal. */
async function confirm(client, item, check, fields) {
  const place = `/${item}/${check.number}`;
  const answer = await client.post(place, [...hidden(check.page), seen(check.page), ...fields]);
  return { ...outcome(answer, check.number), check: check.page };
}

async function apply(cast, firm, wish) {
  const client = await clientOf(firm);
  const check = await query(client, "apply", cast.person, wish);
  return check.found ? confirm(client, "apply", check, []) : check;
}

async function choose(cast, firm, item, more = []) {
  const client = await clientOf(firm);
  const check = await query(client, item, cast.person);
  return check.found ? confirm(client, item, check, [...offered(check.page, cast.row.tick), ...more]) : check;
}

/* The firm's signature on a form that waits for it. What the rules refuse then stands in the record. */
async function sign(firm, number, signer) {
  const client = await clientOf(firm);
  await system.until("the form", 60, async () => (await client.get(`/cancel/${number}/form`)).status === 200);
  const prepared = await keys.prepare(client, number, signer);
  const answer = prepared.status !== 200 ? prepared : await keys.send(client, number,
    keys.sign(signer.key, keys.algorithmOf(signer), Buffer.from(prepared.json.statement, "base64")));
  if (answer.status === 200) assert.strictEqual(answer.json.location, `/matters/${number}`);
  const page = answer.status === 409 ? await client.get(`/matters/${number}`) : answer;
  return { status: answer.status === 200 ? 303 : answer.status, page, number };
}

async function cancel(cast, firm, reason, { signer = firm, signed = true } = {}) {
  const prepared = await choose(cast, firm, "cancel", [["reason", reason]]);
  if (prepared.status !== 303 || !signed) return prepared;
  return { ...await sign(firm, prepared.number, signer), check: prepared.check };
}

async function abandon(firm, number) {
  const client = await clientOf(firm);
  const page = await client.get(`/cancel/${number}/sign`);
  return outcome(await client.post(`/cancel/${number}/abandon`, hidden(page)), number);
}

/* Paper certificates of the firm, by their ids. What is refused is so on the page that checks, too. */
async function exchange(firm, ids) {
  const client = await clientOf(firm);
  const papers = ids.map((id) => ["paper", id]);
  const check = await client.get(`/exchange/check?${new URLSearchParams(papers)}`);
  const home = await client.get("/exchange/");
  const answer = await client.post("/exchange/", [...hidden(home), ...papers]);
  if (ids.length === 1) assert.strictEqual(check.status === 200, answer.status === 303, check.text.slice(0, 300));
  if (check.status === 409) assert.deepStrictEqual(findings(check), findings(answer));
  return outcome(answer, answer.status === 303 ? lastOf(answer.headers.location) : undefined);
}

async function rename(firm) {
  const client = await clientOf(firm);
  const page = await client.get("/rename/confirm");
  const form = formTo(page, "/rename/");
  const answer = form ? await client.submit(page, form)
    : await client.post("/rename/", hidden(page));
  return outcome(answer, answer.status === 303 ? lastOf(answer.headers.location) : recorded(answer));
}

module.exports = { clientOf, close, findings, query, apply, choose, cancel, sign, abandon, exchange, rename, made };
