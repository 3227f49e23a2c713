"use strict";
/* Who takes part in the tests: an authority the system trusts, firms with certificates of it, and
 * clients that are logged in. */

const path = require("path");
const { Authority } = require("./pki");
const { Client } = require("./client");
const registers = require("./registers");
const system = require("./system");

const trusted = new Authority(path.join(system.folder, "authority-trusted"), "测试电子认证机构");
const foreign = new Authority(path.join(system.folder, "authority-foreign"), "外部电子认证机构");

/* Firms with paper certificates to exchange, and a certificate each. */
function firms(count, papers, options) {
  return registers.firms(count, papers, options)
    .map((firm) => ({ ...firm, ...trusted.issue({ uscc: firm.uscc, name: firm.name }) }));
}

async function loggedIn(firm, options) {
  const client = new Client(firm, options);
  await client.login();
  return client;
}

/* Goes through the pages of an exchange of these rows (all without `choose`); the answer is the
 * redirect to the matter. */
async function exchange(client, choose = () => true) {
  const list = await client.get("/exchange/");
  const form = list.forms.find((one) => one.action === "/exchange/check");
  const check = await client.submit(list, form, form.boxes.filter(choose));
  const confirm = await client.submit(check, check.forms.find((one) => one.action === "/exchange/confirm"));
  return client.submit(confirm, confirm.forms.find((one) => one.method === "POST" && one.action === "/exchange/"));
}

/* Waits until all documents of a matter are made. */
function made(client, matter, seconds = 60) {
  return system.until(`documents of ${matter}`, seconds, async () => {
    const figures = (await client.get(matter, { headers: { Accept: "application/json" } })).json;
    return !figures.running && figures;
  });
}

module.exports = { trusted, foreign, firms, loggedIn, exchange, made };
