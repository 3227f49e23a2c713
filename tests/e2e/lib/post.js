"use strict";
/* A mail relay and an SMS gateway on loopback, as bad as the tests want them, that keep what they took. */

const fs = require("fs");
const http = require("http");
const net = require("net");
const path = require("path");
const tls = require("tls");
const { freePorts } = require("./ports");
const system = require("./system");

const pair = () => ({
  cert: fs.readFileSync(path.join(system.folder, "demo/tls/server.pem")),
  key: fs.readFileSync(path.join(system.folder, "demo/tls/server.key")),
});

/* What a message says: { id, subject, to, text, raw }. */
function parse(raw) {
  const [head, ...body] = raw.split("\r\n\r\n");
  const field = (name) => (head.replace(/\r\n[ \t]/g, " ").match(new RegExp(`^${name}: (.*)$`, "mi")) || [])[1] || "";
  const decoded = field("Subject").replace(/ ?=\?UTF-8\?B\?([^?]*)\?=/g, (_, word) => Buffer.from(word, "base64").toString());
  return {
    id: field("Message-ID"), to: field("To"), auto: field("Auto-Submitted"), subject: decoded, raw,
    text: Buffer.from(body.join("\r\n\r\n"), "base64").toString(),
  };
}

class Relay {
  /* manner(step, message) may say what is answered to MAIL, RCPT, DATA or END (the message's end)
   * instead of 250; "cut" closes the connection, "hang" says nothing. */
  constructor({ secure = "", auth = null } = {}) {
    this.taken = [];      /* what was answered by 250 */
    this.seen = [];       /* every whole message that came in */
    this.encrypted = 0;   /* of these, how many by TLS */
    this.logins = [];
    this.manner = () => null;
    this.secure = secure; /* "tls": from the start; "starttls": offered */
    this.auth = auth;
    this.sockets = new Set();
    const begin = (socket) => this.converse(socket);
    this.server = secure === "tls" ? tls.createServer(pair(), begin) : net.createServer(begin);
  }

  /* On a port that is free to come back to. */
  async open() {
    [this.port] = await freePorts(1);
    await new Promise((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
    this.server.unref();
    return this;
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(resolve));
  }

  converse(socket) {
    let rest = "", data = null, envelope = "", asked = false;
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => {});
    const say = (line) => socket.writable && socket.write(`${line}\r\n`);
    const answer = (step, usual, message) => {
      const line = this.manner(step, message) || usual;
      if (line === "cut") socket.destroy();
      else if (line !== "hang") say(line);
      return line === usual;
    };
    const logIn = (line) => {
      const [, user, password] = Buffer.from(line, "base64").toString().split("\0");
      this.logins.push(user);
      say(this.auth && user === this.auth.user && password === this.auth.password ? "235 welcome" : "535 5.7.8 no");
    };
    const command = (line) => {
      const word = line.slice(0, 4).toUpperCase();
      if (word === "EHLO") {
        const more = [this.secure === "starttls" && !socket.encrypted && "STARTTLS", this.auth && "AUTH PLAIN"].filter(Boolean);
        say(["250-relay", ...more.map((one) => `250-${one}`), "250 8BITMIME"].join("\r\n"));
      } else if (word === "STAR") {
        say("220 go on");
        socket.removeAllListeners("data");
        const secured = new tls.TLSSocket(socket, { isServer: true, ...pair() });
        secured.encrypted = true;
        this.converse(secured);
      } else if (line === "AUTH PLAIN") {
        asked = true;
        say("334 ");
      } else if (word === "MAIL") answer("MAIL", "250 ok");
      else if (word === "RCPT") {
        envelope = line;
        answer("RCPT", "250 ok", { to: line });
      } else if (word === "DATA") {
        if (answer("DATA", "354 go on")) data = [];
      } else if (word === "QUIT") {
        say("221 bye");
        socket.end();
      } else say("250 ok");
    };
    const end = () => {
      const message = { ...parse(data.join("\r\n")), envelope };
      data = null;
      this.seen.push(message);
      if (socket.encrypted) this.encrypted++;
      if (answer("END", "250 taken", message)) this.taken.push(message);
    };
    socket.on("data", (bytes) => {
      rest += bytes.toString("latin1");
      for (let at; (at = rest.indexOf("\r\n")) >= 0;) {
        const line = rest.slice(0, at);
        rest = rest.slice(at + 2);
        if (asked) {
          asked = false;
          logIn(line);
        } else if (data === null) command(line);
        else if (line === ".") end();
        else data.push(line.replace(/^\.\./, "."));
      }
    });
    if (!(socket instanceof tls.TLSSocket) || this.secure === "tls") say("220 relay");
  }
}

/* Takes each key once, as a gateway that looks at it does. */
class Gateway {
  constructor() {
    this.posts = [];      /* all of them: { key, headers, body } */
    this.keys = new Map(); /* key: how often */
    this.manner = () => null; /* { status, headers, cut, hold } */
    this.server = http.createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", async () => {
        const post = { headers: request.headers, body: Buffer.concat(parts).toString(), key: request.headers["idempotency-key"] };
        this.posts.push(post);
        const { status = 200, headers = {}, cut = false, hold = 0 } = this.manner(post) || {};
        if (status < 300) this.keys.set(post.key, (this.keys.get(post.key) || 0) + 1);
        if (hold) await system.pause(hold);
        if (cut) return request.socket.destroy();
        response.writeHead(status, { "Content-Type": "application/json", ...headers });
        response.end("{}");
      });
    });
  }

  async open() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.port = this.server.address().port;
    this.server.unref();
    return this;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

module.exports = { Relay, Gateway };
