"use strict";
/* Firms, people and paper certificates of the tests' own, brought in as an operator does: by CSV.
 * All of them are fictional; check digits are right. */

const fs = require("fs");
const path = require("path");
const system = require("./system");

const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

function weigh(text, weights, value) {
  return [...text].reduce((sum, character, i) => sum + value(character) * weights[i], 0);
}

function uscc(number) {
  const body = "91310115MA" + String(number).padStart(7, "0");
  const sum = weigh(body, USCC_WEIGHTS, (c) => ALPHABET.indexOf(c));
  return body + ALPHABET[(31 - (sum % 31)) % 31];
}

function residentId(number, sex, birth) {
  const order = (number * 2 + (sex === 1 ? 1 : 0)) % 1000;
  const region = 310101 + (Math.floor((number * 2) / 1000) % 100);
  const body = `${region}${birth.replace(/-/g, "")}${String(order).padStart(3, "0")}`;
  return body + "10X98765432"[weigh(body, ID_WEIGHTS, Number) % 11];
}

const surnames = [..."赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"];
const given = [..."伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国志文宇浩欣怡子涵"];

function personName(number) {
  return surnames[number % surnames.length] + given[Math.floor(number / 7) % given.length] +
    given[Math.floor(number / 3) % given.length];
}

const iso = (date) => date.toISOString().slice(0, 10);

function years(date, count) {
  const other = new Date(date);
  other.setUTCFullYear(other.getUTCFullYear() + count);
  return other;
}

function csv(file, header, rows) {
  fs.writeFileSync(file, [header, ...rows].map((row) => row.join(",")).join("\n") + "\n");
}

function importFile(kind, file) {
  const run = system.ctl("import", kind, file);
  if (run.status !== 0) throw new Error(`import ${kind}: ${run.out}${run.err}`);
}

function enterprises(folder, all) {
  csv(`${folder}/enterprises.csv`,
    ["uscc", "name", "region", "province", "legal_rep_name", "legal_rep_id_type", "legal_rep_id_no", "phone"],
    all.map((firm) => [firm.uscc, firm.name, "local", "沪", "测试法人", "111", residentId(99990, 1, "1970-01-01"), ""]));
  importFile("enterprises", `${folder}/enterprises.csv`);
}

const newFolder = () => fs.mkdtempSync(path.join(system.folder, "registers-"));

/* The firm is registered by another name from now on. */
function rename(firm, name) {
  enterprises(newFolder(), [{ ...firm, name }]);
  firm.name = name;
}

/* The firm has paid this month for a person, whoever's person it was. */
function insure(firm, person) {
  const file = `${newFolder()}/insurance.csv`;
  const month = iso(new Date(Date.now() + 8 * 3600 * 1000)).slice(0, 7);
  csv(file, ["id_type", "id_no", "uscc", "month"], [["111", person.idNo, firm.uscc, month]]);
  importFile("insurance", file);
}

let serial = Number(process.hrtime.bigint() % 40000n);

/* Imports firms with `papers` C3 paper certificates each, ready for exchange; `photo: false` leaves
 * the people's photos out. Returns [{ uscc, name, people: [{ name, number, idNo }] }]. */
function firms(count, papers, { photo = true } = {}) {
  const folder = newFolder();
  const today = new Date(Date.now() + 8 * 3600 * 1000);
  const firstIssued = iso(years(today, -1));
  const until = years(new Date(firstIssued), 3);
  until.setUTCDate(until.getUTCDate() - 1);
  const all = [];
  fs.copyFileSync(path.join(__dirname, "photo.jpg"), path.join(folder, "photo.jpg"));
  for (let f = 0; f < count; f++) {
    const number = ++serial;
    const firm = { uscc: uscc(number), name: `上海测试建设${number}有限公司`, people: [] };
    for (let p = 0; p < papers; p++) {
      const person = ++serial;
      const birth = iso(new Date(Date.UTC(1975 + (person % 20), person % 12, 1 + (person % 28))));
      firm.people.push({
        name: personName(person), sex: 1 + (person % 2), birth,
        idNo: residentId(person, 1 + (person % 2), birth),
        number: `沪建安C3（${firstIssued.slice(0, 4)}）${String(5000000 + person).padStart(7, "0")}`,
      });
    }
    all.push(firm);
  }
  const people = all.flatMap((firm) => firm.people.map((person) => ({ ...person, firm })));
  csv(`${folder}/people.csv`,
    ["id_type", "id_no", "name", "sex", "birth", "education", "technical_title", "phone", "photo"],
    people.map((p) => ["111", p.idNo, p.name, p.sex, p.birth, "03", "03", "", photo ? "photo.jpg" : ""]));
  csv(`${folder}/papers.csv`,
    ["number", "class", "id_type", "id_no", "uscc", "enterprise_name", "post", "first_issued", "valid_from",
      "valid_until", "held_since"],
    people.map((p) => [p.number, "C3", "111", p.idNo, p.firm.uscc, p.firm.name, "08", firstIssued, firstIssued,
      iso(until), firstIssued]));
  enterprises(folder, all);
  importFile("people", `${folder}/people.csv`);
  importFile("paper_certificates", `${folder}/papers.csv`);
  return all;
}

module.exports = { firms, rename, insure, uscc };
