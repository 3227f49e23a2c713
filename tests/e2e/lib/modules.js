"use strict";
/* The scripts of the pages, in node: a copy of the folder that node takes for ES modules, and the
 * few things of a browser that they use. */

const fs = require("fs");
const os = require("os");
const path = require("path");
const { pathToFileURL } = require("url");

const source = path.resolve(__dirname, "../../../templates/static");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecert-js-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
fs.cpSync(source, folder, { recursive: true });
fs.writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');

globalThis.window = globalThis.self = globalThis;
if (!globalThis.crypto) globalThis.crypto = require("crypto").webcrypto;
if (!globalThis.File) globalThis.File = require("buffer").File;

module.exports = { folder, load: (name) => import(pathToFileURL(path.join(folder, name)).href + "?1") };
