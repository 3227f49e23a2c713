"use strict";
/* Changes of names and corrections as clerks make them, form by form; and papers to scan. */

const assert = require("assert");
const { jpeg } = require("./jpeg");
const { multipart } = require("./multipart");
const { form, filled } = require("./people");
const system = require("./system");

const REQUIRED = ["statement", "identity", "certificate"];

/* A PDF of one empty page. */
function sheet(words = "scan") {
  const objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /PieceInfo << >> >> % ${words}`];
  let text = "%PDF-1.4\n";
  const places = objects.map((body, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return String(at).padStart(10, "0");
  });
  const start = text.length;
  return Buffer.from(`${text}xref\n0 4\n0000000000 65535 f \n${places.map((at) => `${at} 00000 n \n`).join("")}` +
    `trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
}

/* Files of a form: a PDF for the firm's letter, pictures for the rest. */
const scans = (kinds = REQUIRED) => kinds.map((kind, i) => (kind === "statement"
  ? { name: `file_${kind}`, file: "情况说明.pdf", type: "application/pdf", bytes: sheet() }
  : { name: `file_${kind}`, file: `${kind}.jpg`, bytes: jpeg(800, 1120, (x, y) => [230, 230, (x + y + i * 16) % 200]) }));
const ticks = (kinds = REQUIRED) => Object.fromEntries(kinds.map((kind) => [`seen_${kind}`, "1"]));

/* Sends the form on a page with values and files, as a browser does. */
function sendForm(clerk, page, action, values, files = []) {
  const fields = filled(form(page, action), values).filter(([name]) => !name.startsWith("file_"));
  return clerk.request("POST", action, multipart(fields, files));
}

/* Finds the person by the document; the page of the form. */
async function namePage(clerk, person) {
  const page = await clerk.get("/staff/name-change/new");
  const found = await clerk.post("/staff/name-change/find", filled(form(page, "/staff/name-change/find"),
    { id_type: person.idType || "111", id_no: person.idNo }));
  assert.strictEqual(found.status, 303, found.text);
  return clerk.get(found.headers.location);
}

/* Up to the page on which the answers are checked. */
async function nameCheck(clerk, person, values, files = scans()) {
  const page = await namePage(clerk, person);
  const action = new URL(page.url).pathname;
  return sendForm(clerk, page, action, { reason: "公安机关变更姓名", ...ticks(), ...values }, files);
}

/* The form that proposes, ready to be sent; null where there is none. */
const proposing = (page) => page.forms.find((one) => one.action.endsWith("/propose")) || null;

/* Proposes it: the number. */
async function nameChange(clerk, person, name) {
  const check = await nameCheck(clerk, person, { name });
  assert.ok(proposing(check), `${check.status} ${check.text}`);
  return proposed(await clerk.submit(check, proposing(check)));
}

function proposed(answer) {
  assert.strictEqual(answer.status, 303, answer.text);
  return answer.headers.location.split("/").pop();
}

/* The form of a correction: of { person } by the document or { certificate } by its number. */
async function correctionPage(clerk, { person, certificate }) {
  const page = await clerk.get("/staff/corrections/new");
  const [byPerson, byNumber] = page.forms.filter((one) => one.action === "/staff/corrections/find");
  const found = await clerk.post("/staff/corrections/find", person
    ? filled(byPerson, { id_type: person.idType || "111", id_no: person.idNo })
    : filled(byNumber, { certificate }));
  assert.strictEqual(found.status, 303, found.text);
  return clerk.get(found.headers.location);
}

async function correctionCheck(clerk, about, values, files = []) {
  const page = await correctionPage(clerk, about);
  return sendForm(clerk, page, new URL(page.url).pathname, { reason: "登记有误", ...values }, files);
}

async function correction(clerk, about, values, files) {
  const check = await correctionCheck(clerk, about, values, files);
  assert.ok(proposing(check), `${check.status} ${check.text}`);
  return proposed(await clerk.submit(check, proposing(check)));
}

/* What is in force of a certificate. */
function certificate(number) {
  const [[id, person, firm, state, version, name, token, generation]] = system.sql(`SELECT c.id, c.person_id, c.enterprise_id,
    c.state, c.version, HEX(v.holder_name), HEX(v.verify_token), c.generation FROM certificate c JOIN certificate_version v
    ON v.certificate_id = c.id AND v.version = c.version WHERE c.number = '${number}'`);
  return { id: Number(id), person: Number(person), firm: Number(firm), state, version: Number(version),
    name: Buffer.from(name, "hex").toString(), token: Buffer.from(token, "hex").toString("base64url"), generation: Number(generation) };
}

module.exports = { REQUIRED, sheet, scans, ticks, sendForm, namePage, nameCheck, nameChange, proposing, proposed,
  correctionPage, correctionCheck, correction, certificate };
