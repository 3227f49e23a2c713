"use strict";
/* The service of an authority that tells who is revoked: OCSP by `openssl ocsp`, and the list itself,
 * on a free loopback port. It behaves as `manner` says. */

const fs = require("fs");
const http = require("http");
const path = require("path");
const { execFile } = require("child_process");

const run = (...words) => new Promise((resolve, reject) =>
  execFile("openssl", words, (error, out, said) => error ? reject(new Error(said)) : resolve(out)));

class Responder {
  /* authority: of the certificates; signer: { certificate, key } whose key signs the answers. */
  constructor(authority, signer) {
    Object.assign(this, { authority, signer, manner: "good", asked: 0, count: 0 });
  }

  async open() {
    this.server = http.createServer((request, response) => {
      const parts = [];
      response.on("error", () => {}); /* whoever asked has gone */
      request.on("data", (part) => parts.push(part));
      request.on("end", () => this.answer(request, Buffer.concat(parts), response)
        .catch((error) => response.writeHead(500).end(String(error))));
    });
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
    this.url = `${this.origin}/ocsp`;
    return this;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async answer(request, question, response) {
    this.asked++;
    if (request.url.endsWith(".crl")) {
      if (this.manner === "down") return response.writeHead(503).end();
      return response.writeHead(200, { "Content-Type": "application/pkix-crl" }).end(this.list || this.authority.crl);
    }
    if (this.manner === "silent") return null;
    if (this.manner === "slow") await new Promise((resolve) => setTimeout(resolve, 15000).unref());
    if (this.manner === "down") return response.writeHead(503).end();
    const body = this.manner === "broken" ? Buffer.from("0\x82no answer") : await this.sign(question);
    return response.writeHead(200, { "Content-Type": "application/ocsp-response", "Content-Length": body.length }).end(body);
  }

  async sign(question) {
    const base = path.join(this.authority.folder, `ocsp-${process.pid}-${++this.count}`);
    fs.writeFileSync(`${base}.req`, question);
    await run("ocsp", "-index", `${this.authority.folder}/index.txt`, "-CA", this.authority.file,
      "-rsigner", this.signer.certificate, "-rkey", this.signer.key, "-rmd", "sha256", "-nmin", "10",
      "-reqin", `${base}.req`, "-respout", `${base}.resp`);
    return fs.readFileSync(`${base}.resp`);
  }
}

module.exports = { Responder };
