/*
 * The two pages that use the firm's key, login and the signing of a form: a dialog that asks which key,
 * and the way between server and driver (key.js). The words about the server's refusals come from it.
 */
const version = new URL(import.meta.url).search;
const { driver, describe, toBase64, fromBase64, indexOfBytes, KeyError } = await import("./key.js" + version);

const dialog = document.getElementById("key");
const find = (selector) => dialog.querySelector(selector);
const [error, status, choices] = ["#key-error", "#key-status", "#key-certificates"].map(find);
const [file, password, go] = ["#key-file", "#key-password", "button.button"].map(find);
let form = null;    /* whose button was pressed */
let found = null;  /* certificates to choose among, as the driver gave them */
let running = null; /* AbortController of what is under way */

const network = "请确认本机助手已经启动，再试一次。浏览器询问是否允许访问本机上的应用时，请点击“允许”；曾经点过“禁止”的，请点击地址栏左侧的图标，改为允许。也可以改用其他方式。";
const advice = {
  unavailable: ["没有连接到本机助手", network],
  no_key: ["没有找到可用的证书", "请插入本企业的法人一证通后再试；使用证书文件的，请选择含有密钥的文件。"],
  cancelled: ["已经取消", "没有签名。需要继续时，请再试一次。"],
  locked: ["法人一证通已锁定", "密码输错次数过多。请联系法人一证通的发证机构解锁。"],
  refused: ["本机助手没有同意签名", "本网站不在本机助手允许的名单中，或者要签名的内容与本网站不符。请联系管理部门。"],
  failed: ["没有完成", "请再试一次。仍然如此时，请重新插入法人一证通，或者改用其他方式。"],
};

/* What the server refuses with: { title, text, advice }. */
class Refusal extends Error {
  constructor(told) {
    super(told.title);
    this.told = told;
  }
}

function tell(what) {
  if (what instanceof Refusal) return [what.told.title, [what.told.text, what.told.advice].join("")];
  if (what.kind === "wrong_password") {
    const left = what.triesLeft === null ? "请核对后重新输入。" : `还可以再试 ${what.triesLeft} 次，连续输错将会锁定。`;
    return ["密码不正确", left];
  }
  const [title, text] = advice[what.kind] || advice.failed;
  return [title, ["failed", "unavailable"].includes(what.kind) && what.text ? what.text : text];
}

function show(what) {
  [error.firstElementChild.textContent, error.lastElementChild.textContent] = tell(what);
  error.hidden = false;
  error.focus();
}

/* One step at the server. What is no JSON comes from before it: an old page, too much to do. */
async function post(place, fields, signal) {
  const body = new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "_key"));
  let answer, told;
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  try {
    answer = await fetch(place, { method: "POST", body, signal, headers: { Accept: "application/json" } });
    told = await answer.json().catch(() => ({}));
  } catch (cause) {
    if (signal.aborted) throw new KeyError("cancelled");
    throw new Refusal({ title: "网络连接中断", text: "没有收到服务器的答复。", advice: "请检查网络后再试。" });
  }
  if (answer.ok) return told;
  throw new Refusal(told.error && told.error.title ? told.error : answer.status === 403 || answer.status === 401
    ? { title: "页面已失效", text: "登录已经结束，或者页面打开的时间过长。", advice: "请刷新页面后再试。" }
    : { title: "系统暂时无法处理", text: "", advice: "请稍后再试。" });
}

/* The document that is signed, once it is known to be the one that the statement speaks of, by the
 * algorithm's own hash. */
async function fetchDocument({ document: place, digest, range: [start, before, behind, after] }, statement, algorithm, signal) {
  const answer = await fetch(place, { signal });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const signed = new Uint8Array([...bytes.subarray(start, start + before), ...bytes.subarray(behind, behind + after)]);
  const hash = async (name) => new Uint8Array(await crypto.subtle.digest(name, signed));
  const told = [...await hash("SHA-256")].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const own = await hash(`SHA-${algorithm.slice(-3)}`);
  if (!answer.ok || start !== 0 || behind + after !== bytes.length || told !== digest || indexOfBytes(statement, own) < 0)
    throw new KeyError("failed", { text: "收到的申请表与要签名的内容不一致，没有签名。请刷新页面后再试。" });
  return bytes;
}

/* The driver's step. The clerk is told of a window of its own no sooner than it can be there. */
function signBy(by, certificate, order) {
  order.signal.throwIfAborted();
  status.textContent = by.waits || "正在签名…";
  return by.sign(certificate, order);
}

async function logIn(by, certificate, key, signal) {
  const { nonce, statement } = await post(form.dataset.first, {}, signal);
  const signature = await signBy(by, certificate, { purpose: "login", algorithm: key.algorithm, statement: fromBase64(statement), document: null, signal });
  return post(form.action, { nonce, ...key, signature: toBase64(signature) }, signal);
}

async function signForm(by, certificate, key, signal) {
  const prepared = await post(form.dataset.first, key, signal);
  const statement = fromBase64(prepared.statement);
  const document = await fetchDocument(prepared, statement, key.algorithm, signal);
  const { range, title } = prepared;
  const signature = await signBy(by, certificate, { purpose: "form", algorithm: key.algorithm, statement, document, range, title, signal });
  status.textContent = "正在提交签名…";
  return post(form.action, { signature: toBase64(signature) }, signal);
}

function offer(certificates) {
  found = certificates;
  choices.hidden = certificates.length < 2;
  choices.querySelectorAll("label").forEach((label) => label.remove());
  certificates.forEach((certificate, i) => {
    const { name, serial, until } = describe(certificate.der);
    const label = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, { type: "radio", name: "certificate", value: String(i), checked: i === 0 });
    label.className = "pick";
    const words = document.createElement("span"), more = document.createElement("small");
    words.textContent = name || certificate.label;
    more.textContent = `序列号 ${serial}，有效期至 ${until}`;
    words.append(document.createElement("br"), more);
    label.append(input, words);
    choices.append(label);
  });
}

async function step(signal) {
  const by = await driver(find("[name=driver]:checked").value);
  if (!found) {
    status.textContent = by.asks.includes("file") ? "正在打开证书文件…" : "正在查找法人一证通…";
    if (!await by.available()) throw new KeyError("unavailable");
    const certificates = await by.list({ file: file.files[0], password: password.value, signal });
    signal.throwIfAborted(); /* the clerk went on to another key meanwhile */
    offer(certificates);
    if (found.length > 1) {
      status.textContent = `找到 ${found.length} 张证书，请选择后继续。`;
      choices.querySelector("input").focus();
      return;
    }
  }
  const certificate = found[choices.hidden ? 0 : choices.querySelector(":checked").value];
  const key = { certificate: toBase64(certificate.der), chain: certificate.chain.slice(0, 4).map(toBase64).join(), algorithm: certificate.algorithms[0] };
  status.textContent = "正在准备签名…";
  const login = form.dataset.purpose === "login";
  const { location: place } = await (login ? logIn : signForm)(by, certificate, key, signal);
  status.textContent = login ? "登录成功，正在打开页面…" : "证书注销申请表已完成电子签名，正在打开页面…";
  password.value = "";
  location.assign(place);
}

async function run() {
  if (running) return;
  const { signal } = running = new AbortController();
  error.hidden = true;
  go.setAttribute("aria-disabled", "true");
  await step(signal).catch((what) => {
    if (signal.aborted) return;
    if (["unavailable", "no_key", "failed"].includes(what.kind)) found = null;
    status.textContent = "";
    show(what);
  });
  if (running && running.signal === signal) stop();
}

function stop() {
  if (running) running.abort();
  running = null;
  go.removeAttribute("aria-disabled");
}

/* What this driver asks, and a new beginning. */
async function change() {
  const name = find("[name=driver]:checked").value;
  const { asks } = await driver(name);
  stop();
  error.hidden = true;
  offer([]);
  found = null;
  status.textContent = "";
  dialog.querySelectorAll("[data-asks]").forEach((part) => { part.hidden = !asks.includes(part.dataset.asks); });
  dialog.querySelectorAll("[data-of]").forEach((part) => { part.hidden = part.dataset.of !== name; });
}

/* A button that names a driver leaves nothing to choose, and perhaps nothing to ask. */
async function begin(button) {
  const name = button.dataset.key;
  form = button.form;
  if (name) find(`[name=driver][value=${name}]`).checked = true;
  find("#key-drivers").hidden = Boolean(name);
  await change();
  dialog.showModal();
  if (name && (await driver(name)).asks.length === 0) await run();
}

/* The page may renew its content (site.js), but not the dialog. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("form.key [data-key]");
  if (button) begin(button);
});
dialog.querySelectorAll("[name=driver]").forEach((choice) => choice.addEventListener("change", change));
for (const input of [file, password]) input.addEventListener("input", () => { found = null; });
find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
find("[data-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  password.value = "";
  stop();
});
document.documentElement.classList.add("keys"); /* what needs this script is to be seen */
