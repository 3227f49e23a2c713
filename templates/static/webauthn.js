/*
 * Security keys (Web Authentication): a form of class "key" with data-webauthn, "get" or "create", and
 * data-first, the place of the first step; its action is the place of the last. What is refused is said
 * in the form's own place for it; without this script the form is not shown.
 */
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const words = {
  NotAllowedError: "没有完成：已经取消，或者等待的时间过长。请再试一次。",
  InvalidStateError: "这个安全密钥已经登记过，请换一个。",
  NotSupportedError: "这个安全密钥不能用于本系统，请换一个。",
  SecurityError: "浏览器不允许在这个网址使用安全密钥，请联系系统管理员。",
};

/* One step at the server. */
async function post(form, place, fields) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  let answer;
  try {
    answer = await fetch(place, { method: "POST", body, headers: { Accept: "application/json" } });
  } catch {
    throw new Error("网络连接中断，请检查网络后再试。");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok && !answer.redirected) return told;
  throw new Error((told.error || told.text || "登录已超时，请刷新页面后再试。").replace(/^错误：/, ""));
}

const listed = (keys) => keys.map((id) => ({ type: "public-key", id: decode(id) }));

async function create(form, first) {
  const { response } = await navigator.credentials.create({ publicKey: {
    challenge: decode(first.challenge),
    rp: { id: first.rpId, name: document.title },
    user: { id: decode(first.user), name: first.login, displayName: first.name },
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: listed(first.keys),
    authenticatorSelection: { residentKey: "discouraged", userVerification: first.verification },
    attestation: "none",
    timeout: 120000,
  } });
  return post(form, form.action, { challenge: first.challenge, client: encode(response.clientDataJSON),
    attestation: encode(response.attestationObject) });
}

async function get(form, first) {
  const { rawId, response } = await navigator.credentials.get({ publicKey: {
    challenge: decode(first.challenge),
    rpId: first.rpId,
    allowCredentials: listed(first.keys),
    userVerification: first.verification,
    timeout: 120000,
  } });
  return post(form, form.action, { challenge: first.challenge, id: encode(rawId),
    client: encode(response.clientDataJSON), data: encode(response.authenticatorData), signature: encode(response.signature) });
}

async function run(event) {
  event.preventDefault();
  const form = event.target, button = form.querySelector("button"), error = form.querySelector("[role=alert]");
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  error.hidden = true;
  try {
    const first = await post(form, form.dataset.first, {});
    const last = await (form.dataset.webauthn === "create" ? create : get)(form, first);
    location.assign(last.location);
  } catch (cause) {
    error.textContent = words[cause.name] || cause.message;
    error.hidden = false;
    error.focus();
    button.removeAttribute("aria-disabled");
  }
}

if (window.PublicKeyCredential) {
  document.documentElement.classList.add("keys");
  for (const form of document.querySelectorAll("form[data-webauthn]")) form.addEventListener("submit", run);
}
