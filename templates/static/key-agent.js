/*
 * Driver: ecert-agent on the clerk's own computer, which reaches the key by PKCS#11. It shows what is
 * signed and asks for the password in a window of its own; neither passes through the page.
 */

const PORTS = [17432, 17433, 17434, 17435];
/* The browser's question whether this site may reach the computer waits for the clerk. */
const FIND_MS = 120000;
/* A question that was taken back, and the agent's pause behind each one, pass by themselves: so long they
 * are waited for. */
const PATIENCE_MS = 6000, AGAIN_MS = 500;
const kinds = { no_key: "no_key", wrong_pin: "wrong_password", cancelled: "cancelled", locked: "locked", refused: "refused" };

export default function ({ KeyError, toBase64, fromBase64 }, ports = PORTS, patience = PATIENCE_MS) {
  let place = null;

  async function status(port) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/status`, { signal: AbortSignal.timeout(FIND_MS), credentials: "omit" });
    if ((await answer.json()).agent !== "ecert-agent") throw new Error("another program");
    return `http://127.0.0.1:${port}`;
  }

  /* Has the clerk said no to the browser's question? Its name has changed once already. */
  async function forbidden() {
    const asks = ["loopback-network", "local-network-access"].map((name) => navigator.permissions.query({ name }));
    return (await Promise.allSettled(asks)).some(({ value }) => value && value.state === "denied");
  }

  async function find() {
    place = null;
    /* The first port alone: several requests at once would be several questions of the browser. */
    for (const some of [ports.slice(0, 1), ports.slice(1)])
      place = place || await Promise.any(some.map(status)).catch(() => null);
    if (!place && globalThis.navigator && navigator.permissions && await forbidden())
      throw new KeyError("unavailable", { text: "浏览器禁止本网站访问本机上的应用。请点击地址栏左侧的图标，把“本地网络”（此设备上的应用）改为允许，再试一次。" });
    return place !== null;
  }

  /* Asks again while the agent has too much to do. */
  async function send(path, body, signal) {
    for (const end = performance.now() + patience; ;) {
      const answer = await fetch(place + path, {
        method: "POST", headers: { "Content-Type": "application/json" }, body, signal, credentials: "omit",
      });
      const json = await answer.json();
      if (answer.status !== 429 || performance.now() > end) return [answer, json];
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async function ask(path, body, signal) {
    let answer, json;
    if (!place && !await find()) throw new KeyError("unavailable");
    try {
      [answer, json] = await send(path, JSON.stringify(body), signal);
    } catch (error) {
      if (signal && signal.aborted) throw new KeyError("cancelled");
      place = null;
      throw new KeyError("failed", { text: `与本机助手的连接中断（${error.message}）。请再试一次。` });
    }
    if (answer.ok) return json;
    const { kind, tries_left: triesLeft = null, text = "" } = json.error || {};
    if (answer.status === 429)
      throw new KeyError("failed", { text: "本机助手正在处理另一次签名，或者刚才输错了密码、没有同意签名。请稍候几秒再试。" });
    if (!(kind in kinds)) throw new KeyError("failed", { text: `本机助手没有完成签名（${text || answer.status}）。请重新插入法人一证通后再试。` });
    throw new KeyError(kinds[kind], { triesLeft, text });
  }

  async function list({ signal } = {}) {
    const { certificates } = await ask("/v1/certificates", {}, signal);
    if (certificates.length === 0) throw new KeyError("no_key");
    return certificates.map(({ id, certificate, chain = [], label = "", algorithms }) => (
      { id, der: fromBase64(certificate), chain: chain.map(fromBase64), label, algorithms }));
  }

  async function sign(certificate, { purpose, algorithm, statement, document, range, title, signal }) {
    const form = document && { document: toBase64(document), range, title };
    const { signature } = await ask("/v1/sign",
      { id: certificate.id, purpose, algorithm, statement: toBase64(statement), ...form }, signal);
    return fromBase64(signature);
  }

  return { name: "agent", asks: [], waits: "请在本机助手的窗口中核对内容，并输入密码…", available: find, list, sign };
}
