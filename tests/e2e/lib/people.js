"use strict";
/* People for the window: residents nobody knows yet, and how a clerk makes and captures them. */

const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const { portrait } = require("./jpeg");
const { multipart } = require("./multipart");
const registers = require("./registers");
const system = require("./system");

/* A resident's number of that birth and sex (1, 2), new each time. */
function residentNumber(birth = "19800131", sex = 1) {
  return registers.residentId(registers.next(), sex, birth);
}

/* A Chinese passport's, likewise. */
const passportNumber = () => `E${10000000 + registers.next()}`;

const form = (answer, action) => {
  const found = answer.forms.find((one) => one.action.split("?")[0] === action);
  if (!found) throw new Error(`no form ${action} on ${answer.url}: ${answer.title}`);
  return found;
};

/* The fields of a form with some of them set. */
function filled(found, values) {
  const fields = found.fields.filter(([name]) => !(name in values));
  return [...fields, ...Object.entries(values)];
}

/* Makes a person; his id. */
async function create(clerk, data) {
  const page = await clerk.get("/staff/people/new");
  const answer = await clerk.post("/staff/people/", filled(form(page, "/staff/people/"),
    { education: "03", title: "", phone: "", ...data }));
  if (answer.status !== 303) throw new Error(`${answer.status}: ${answer.text}`);
  return Number(answer.headers.location.match(/^\/staff\/capture\/(\d+)$/)[1]);
}

/* What the demonstration's reader signs of a card. */
function signed(challenge, { card_no, card_name }, id_type = "111") {
  const key = crypto.createPrivateKey({ key: Buffer.from(fs.readFileSync(path.join(system.folder, "demo/reader/reader.key"), "utf8"), "base64"),
    format: "der", type: "pkcs8" });
  const lines = ["ecert-card 1", challenge, id_type, card_no, card_name, ""].join("\n");
  return crypto.sign("sha256", Buffer.from(lines), key).toString("base64");
}

/* Sends a photo; values are more fields (origin, card_no, card_name). A card was read by the reader, unless
 * its signature is given. */
async function send(clerk, id, bytes, values = {}, file = {}) {
  const page = await clerk.get(`/staff/capture/${id}`);
  const blank = form(page, `/staff/capture/${id}`);
  const read = values.card_no ? { card_signature: signed(new Map(blank.fields).get("card_challenge"), values), ...values } : values;
  const fields = filled(blank, read).filter(([name]) => name !== "photo");
  return clerk.request("POST", `/staff/capture/${id}`, multipart(fields, [{ name: "photo", bytes, ...file }]));
}

/* With the card read and the photo from it: in use at once. */
async function capture(clerk, id, { id_no, name }, seed = id) {
  const answer = await send(clerk, id, portrait(seed), { origin: "reader", card_no: id_no, card_name: name });
  if (answer.status !== 303) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
}

module.exports = { residentNumber, passportNumber, create, signed, send, capture, form, filled };
