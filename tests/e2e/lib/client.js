"use strict";
/* An HTTP client with a cookie jar, such as curl would be: no scripts, one form at a time. */

const fs = require("fs");
const http = require("http");
const https = require("https");
const html = require("./html");
const system = require("./system");

const authorities = fs.readFileSync(system.authorities);

class Answer {
  constructor(response, body, url) {
    this.status = response.statusCode;
    this.headers = response.headers;
    this.body = body;
    this.url = url;
  }
  get html() { return this.body.toString("utf8"); }
  get text() { return html.text(this.html); }
  get title() { return html.title(this.html); }
  get forms() { return html.forms(this.html); }
  get links() { return html.links(this.html); }
  get json() { return JSON.parse(this.html); }
}

class Client {
  /* firm: { certificate, key } as file names, or nothing for somebody without a certificate. */
  constructor(firm, options = {}) {
    this.cookies = new Map();
    this.tls = { ca: authorities, family: 4, servername: "localhost" };
    if (firm) {
      this.tls.cert = fs.readFileSync(firm.certificate);
      this.tls.key = fs.readFileSync(firm.key);
    }
    /* From another address of this computer, 127.0.0.0/8. */
    if (options.from) this.tls.localAddress = options.from;
    this.options = options;
    this.agent = new https.Agent({ keepAlive: options.keepAlive || false, maxSockets: options.sockets || Infinity });
  }

  close() { this.agent.destroy(); }

  keepCookies(response) {
    for (const line of response.headers["set-cookie"] || []) {
      const [pair, ...rest] = line.split(";");
      const at = pair.indexOf("=");
      const name = pair.slice(0, at).trim();
      if (rest.some((part) => /^\s*max-age=0\s*$/i.test(part))) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(at + 1).trim());
    }
  }

  /* One request, no redirect followed. */
  request(method, url, { headers = {}, body = null } = {}) {
    const target = new URL(url, system.site);
    const all = { ...headers };
    if (this.cookies.size > 0 && !("Cookie" in all))
      all.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (body !== null) all["Content-Length"] = Buffer.byteLength(body);
    return new Promise((resolve, reject) => {
      const request = https.request(target, { method, headers: all, agent: this.agent, ...this.tls }, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("error", reject);
        response.on("aborted", () => reject(new Error(`${method} ${target.pathname}: cut off`)));
        response.on("end", () => {
          this.keepCookies(response);
          resolve(new Answer(response, Buffer.concat(parts), target.href));
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  async get(url, options = {}) {
    let answer = await this.request("GET", url, options);
    for (let i = 0; i < 10 && [301, 302, 303].includes(answer.status); i++)
      answer = await this.request("GET", new URL(answer.headers.location, answer.url).href, options);
    return answer;
  }

  /* Sends fields as a form does; the redirect is not followed. */
  post(url, fields, options = {}) {
    return this.request("POST", url, {
      ...options,
      body: new URLSearchParams(fields).toString(),
      headers: { "Content-Type": "application/x-www-form-urlencoded", ...options.headers },
    });
  }

  /* Fills in and sends one of the answer's forms as it stands, with more fields if given. */
  submit(answer, form, more = []) {
    const url = new URL(form.action, answer.url);
    const fields = [...form.fields, ...more];
    if (form.method === "POST") return this.post(url.href, fields);
    url.search = new URLSearchParams(fields).toString();
    return this.get(url.href);
  }

  /* Logs in by certificate; the answer is the first page of the site. */
  async login(next = "") {
    const answer = await this.get(`${system.login}/login/certificate${next}`);
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.title}`);
    return answer;
  }
}

/* A request on the operations socket. */
function operations(path) {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: system.operations, path, method: "GET" }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve(new Answer(response, Buffer.concat(parts), path)));
    });
    request.on("error", reject);
    request.end();
  });
}

module.exports = { Client, Answer, operations };
