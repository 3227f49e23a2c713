"use strict";
/* The card reader's real driver, with a program behind it that answers in every way it may. */

const assert = require("assert");
const http = require("http");
const test = require("node:test");
const { load } = require("../lib/modules");

const card = { id_type: "111", id_no: "11010519491231002X", name: "张三", sex: "2", birth: "1949-12-31",
  photo: Buffer.from("\xff\xd8\xff\xd9", "latin1").toString("base64"), signature: "c2lnbmVk" };

/* A program that answers as its script says; what it was asked is noted. */
async function program(script) {
  const asked = [];
  const server = http.createServer((request, response) => {
    let sent = "";
    const [status, body] = script[request.url] || [404, "{}"];
    request.on("data", (piece) => { sent += piece; });
    request.on("end", () => {
      asked.push(`${request.method} ${request.url} ${request.headers.cookie || ""}${sent}`.trim());
      if (status === 0) return request.socket.destroy();
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(body);
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { port: server.address().port, asked, close: () => { server.closeAllConnections(); server.close(); } };
}

async function driver(script) {
  const { agentAt } = await load("reader.js");
  const behind = await program(script);
  return { ...behind, agent: agentAt(behind.port) };
}

test("is there, or is not", async () => {
  const rows = [[{ "/v1/status": [200, '{"reader":"Reader 100"}'] }, true], [{ "/v1/status": [200, "{}"] }, false],
    [{ "/v1/status": [200, "not JSON"] }, false], [{ "/v1/status": [500, '{"reader":"x"}'] }, false], [{ "/v1/status": [0] }, false], [{}, false]];
  for (const [script, there] of rows) {
    const { agent, close } = await driver(script);
    assert.strictEqual(await agent.available(), there, JSON.stringify(script));
    close();
  }
});

test("reads a card, and no more of the answer than it needs", async () => {
  const { agent, asked, close } = await driver({ "/v1/read": [200, JSON.stringify({ ...card, address: "secret" })] });
  const { photo, ...said } = await agent.read(undefined, "challenge");
  assert.deepStrictEqual(said, { id_type: "111", id_no: card.id_no, name: "张三", sex: "2", birth: "1949-12-31", signature: "c2lnbmVk" });
  assert.deepStrictEqual(Buffer.from(await photo.arrayBuffer()), Buffer.from([0xff, 0xd8, 0xff, 0xd9]));
  assert.deepStrictEqual(asked, ['POST /v1/read {"challenge":"challenge"}']);
  close();
});

test("a card without a photo, from a reader that does not sign", async () => {
  const { agent, close } = await driver({ "/v1/read": [200, JSON.stringify({ ...card, photo: null, signature: undefined })] });
  const { photo, signature } = await agent.read();
  assert.deepStrictEqual([photo, signature], [null, ""]);
  close();
});

test("what is signed are five lines", async () => {
  const { statement } = await load("reader.js");
  assert.strictEqual(Buffer.from(statement("abc", { ...card })).toString(), "ecert-card 1\nabc\n111\n11010519491231002X\n张三\n");
});

test("says why not", async () => {
  const { words } = await load("reader.js");
  const rows = [[[404, '{"kind":"no_card"}'], "no_card"], [[422, '{"kind":"unreadable"}'], "unreadable"],
    [[503, '{"kind":"unavailable"}'], "unavailable"], [[500, '{"kind":"constructor"}'], "failed"], [[500, "x"], "failed"],
    [[200, "x"], "failed"], [[200, "{}"], "failed"], [[200, JSON.stringify({ ...card, name: 7 })], "failed"],
    [[200, JSON.stringify({ ...card, signature: 7 })], "failed"], [[0], "unavailable"]];
  for (const [answer, kind] of rows) {
    const { agent, close } = await driver({ "/v1/read": answer });
    await assert.rejects(agent.read(), (error) => {
      assert.strictEqual(error.name, "ReaderError", error.stack);
      assert.strictEqual(error.kind, kind, JSON.stringify(answer));
      assert.ok(words[error.kind]);
      return true;
    });
    close();
  }
});

test("waits no longer than it is told", async () => {
  const { agentAt } = await load("reader.js");
  const server = http.createServer(() => {});
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  await assert.rejects(agentAt(server.address().port).read(AbortSignal.timeout(100)));
  server.closeAllConnections();
  server.close();
});
