"use strict";
/* Every item that concerns a person's certificate, as one side of a race: all that comes before the
 * form which decides, and that form, ready to be sent. */

const assert = require("assert");
const key = require("./key");
const proposals = require("./proposals");
const registers = require("./registers");
const { staff } = require("./staff");
const system = require("./system");

const tokens = (form) => form.fields.filter(([name]) => name === "_csrf" || name === "_key");

function formTo(answer, action) {
  const form = answer.forms.find((one) => one.method === "POST" && one.action === action);
  assert.ok(form, `${answer.url}: ${answer.status}, no form to ${action}: ${answer.text.slice(0, 400)}`);
  return form;
}

/* Names the person; the page that shows what was found. */
async function found(client, item, person, more = []) {
  const own = tokens(formTo(await client.get(`/${item}/new`), `/${item}/`));
  const answer = await client.post(`/${item}/`, [...own, ["id_type", person.idType], ["id_no", person.idNo],
    ["name", person.name], ...more]);
  assert.strictEqual(answer.status, 303, `${item}: ${answer.text.slice(0, 400)}`);
  return client.get(answer.headers.location);
}

const placeOf = (page) => new URL(page.url).pathname;

/* One that is drafted: its certificates ticked, with these fields besides. */
async function drafted(client, item, person, more = []) {
  const check = await found(client, item, person);
  const place = placeOf(check);
  const ids = [...new Set([...check.html.matchAll(/name="certificate" value="(\d+)"/g)].map(([, id]) => id))];
  const choice = [...ids.map((id) => ["certificate", id]), ["seen", check.html.match(/name="seen" value="([0-9a-f]{64})"/)[1]], ...more];
  const form = formTo(item === "transfer" ? check : await client.get(`${place}/confirm?${new URLSearchParams(choice)}`), place);
  return { matter: place.split("/").pop(), send: () => client.post(place, [...tokens(form), ...choice]) };
}

async function applied(client, person, wish) {
  const check = await found(client, "apply", person, [["wish", wish]]);
  const form = formTo(check, placeOf(check));
  return { matter: placeOf(check).split("/").pop(), send: () => client.submit(check, form) };
}

/* The one cancellation of this person that waits for its signature, made by whoever asks first: its
 * number, and what the firm's key makes of its form. */
function signing(client, one) {
  one.signing ||= (async () => {
    const draft = await drafted(client, "cancel", one.person, [["reason", "01"]]);
    assert.strictEqual((await draft.send()).status, 303);
    await system.until("the form", 60, async () => (await client.get(`/cancel/${draft.matter}/form`)).status === 200);
    const prepared = await key.prepare(client, draft.matter, one.firm);
    assert.strictEqual(prepared.status, 200, prepared.html);
    const statement = Buffer.from(prepared.json.statement, "base64");
    return { matter: draft.matter, signature: key.sign(one.firm.key, key.algorithmOf(one.firm), statement).toString("base64") };
  })();
  return one.signing;
}

/* The B certificate on paper that the registers bring only now, after others had a look. */
function latePaper(one) {
  one.paper ||= (() => {
    const { person, firm } = one;
    const number = registers.paperNumber("B", person.from, 7000000 + registers.next());
    registers.papers([{ person, firm: { ...firm, name: one.printed }, kind: "B", post: "07", number, from: person.from, until: person.until }]);
    return system.sqlNumber(`SELECT id FROM paper_certificate WHERE number = '${number}'`);
  })();
  return one.paper;
}

/* By which firm, and how. What is `late` changes what others would be shown: it comes last. */
const items = {
  exchange: { by: "here", late: true, ready: async (client, one) => {
    const page = await client.get(`/exchange/confirm?paper=${latePaper(one)}`);
    const form = formTo(page, "/exchange/");
    return { send: () => client.submit(page, form) };
  } },
  apply: { by: "here", ready: (client, one) => applied(client, one.person, "B") },
  renew: { by: "here", ready: (client, one) => applied(client, one.person, "C") },
  transfer: { by: "there", ready: (client, one) => drafted(client, "transfer", one.person) },
  rename: { by: "here", ready: async (client) => {
    const page = await client.get("/rename/confirm");
    const form = formTo(page, "/rename/");
    return { send: () => client.submit(page, form) };
  } },
  cancel: { by: "here", ready: (client, one) => drafted(client, "cancel", one.person, [["reason", "01"]]) },
  departure: { by: "here", ready: (client, one) => drafted(client, "departure", one.person) },
  sign: { by: "here", late: true, ready: async (client, one) => {
    const { matter, signature } = await signing(client, one);
    const place = `/cancel/${matter}/sign`;
    const fields = [...tokens(formTo(await client.get(place), place)), ["signature", signature]];
    return { matter, send: () => client.post(place, fields) };
  } },
  abandon: { by: "here", late: true, ready: async (client, one) => {
    const { matter } = await signing(client, one);
    const page = await client.get(`/cancel/${matter}/sign`);
    const form = formTo(page, `/cancel/${matter}/abandon`);
    return { matter, send: () => client.submit(page, form) };
  } },
  /* The authority's decision on the one proposal about this certificate: whoever asks first makes it. */
  suspend: { by: "staff", ready: async (client, one) => {
    one.proposed ||= staff("reviewer").then((reviewer) => proposals.propose(reviewer, "suspend", one.person.number));
    const page = await client.get(`/staff/proposals/${await one.proposed}`);
    const form = formTo(page, `/staff/proposals/${await one.proposed}/decide`);
    return { send: () => client.post(form.action, [...tokens(form), ["decision", "approve"]]) };
  } },
};

module.exports = { items };
