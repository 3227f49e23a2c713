/*
 * The firm's key in a page: one small interface, and who stands behind it. This file is the manual
 * for a certificate authority that wants to add a driver for its own key.
 *
 * A driver is a module in this folder that exports by default a function of the tools below, and
 * yields an object:
 *
 *   name         short and unique: "agent"
 *   asks         what the page must ask the clerk before list(): an array of "file", "password"
 *   waits        what the clerk is told while sign() waits, such as which window to look for; may be
 *                missing
 *   available()  a promise of true when the driver can be used on this computer now. May lead to a
 *                question of the browser's own, so it is called only when the clerk has chosen it.
 *                Where it knows why not: KeyError("unavailable", { text })
 *   list({ file, password, signal })
 *                a promise of the certificates that have a key: [{ id, der, chain, label, algorithms }]
 *                  id          whatever the driver knows it by
 *                  der         Uint8Array, the certificate (X.509, DER)
 *                  chain       array of Uint8Array, certificates that lead from it to its authority
 *                  label       text for the clerk, may be ""
 *                  algorithms  of the list below, the preferred first
 *   sign(certificate, { purpose, algorithm, statement, document, range, title, signal })
 *                a promise of a Uint8Array: the signature over exactly the bytes of `statement`
 *                  certificate one of list()
 *                  purpose     "login" or "form"
 *                  algorithm   one of the certificate's
 *                  statement   Uint8Array. Login: three lines, "ecert-login-1", SHA-256 of the site's
 *                              origin, SHA-256 of the nonce. Form: the signed attributes of the CMS
 *                              (DER SET OF, RFC 5652, 5.4) that is put into `document`
 *                  document    Uint8Array or null: the PDF that is signed, with the hole for /Contents
 *                  range       its ByteRange, four numbers
 *                  title       of the document, for a window of the driver's own
 *   `signal` is an AbortSignal: the clerk has closed the dialog.
 *
 * RS256 RS384 RS512 are RSASSA-PKCS1-v1_5, PS256 PS384 PS512 RSASSA-PSS (salt as long as the hash),
 * ES256 ES384 ECDSA on P-256 and P-384 as DER (ECDSA-Sig-Value), SM2SM3 the SM2 signature as DER with
 * the usual distinguishing identifier. The statement is hashed by the driver or the key.
 *
 * All of them fail with tools.KeyError(kind, { triesLeft, text }), of these kinds; anything else that
 * is thrown counts as "failed":
 *   unavailable     what the driver needs on this computer is not there
 *   no_key          no key is there, or none that can sign
 *   wrong_password  triesLeft says how many tries the key leaves, where it tells
 *   cancelled       the clerk did not want to
 *   locked          the key takes no password any more
 *   refused         the driver does not sign this, or not for this site
 *   failed          the rest
 * `text`, for the clerk, is shown for "unavailable" and "failed".
 *
 * A driver keeps no password longer than it needs it, and sends nothing to any site.
 *
 * To add one, beside the module in this folder:
 *   - a line in `modules` below, and a choice in templates/_key.cs, whose value is the driver's name; what
 *     is to be read beside it has data-of="<name>". A button with data-key="<name>" on the page of the
 *     login (templates/login/start.cs) spares its clerks the choice.
 *   - where it speaks to a program on the computer, that program's address in KEY_AGENT of modules/key.h:
 *     the two pages that use keys may connect to no other (Content-Security-Policy, connect-src). Scripts
 *     from elsewhere and inline ones are not run; what the driver needs stands in vendor/.
 *   - the authority itself in the server's configuration: Login.Authorities, where its certificates say
 *     the firm's code (Login.FirmCode), its revocation lists.
 * Where the key has a program that speaks as conf/agent.md has it, there is nothing to add: the driver
 * "agent" finds it. Keys on SM2 log in; a form needs a signature by RSA, P-256 or P-384.
 *
 * A third way, the browser's own certificate dialog, needs no driver: it is TLS on the port of the login,
 * which has no signature to give to a page, and so is for logging in only (modules/login.c).
 */

const modules = { agent: "./key-agent.js", pkcs12: "./key-pkcs12.js" };

export class KeyError extends Error {
  constructor(kind, { triesLeft = null, text = "" } = {}) {
    super(text || kind);
    this.name = "KeyError";
    this.kind = kind;
    this.triesLeft = triesLeft;
    this.text = text;
  }
}

export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/* Throws for what is no base64. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/* Where `part` begins in `whole`, -1 for nowhere. */
export function indexOfBytes(whole, part) {
  for (let at = whole.indexOf(part[0]); at >= 0; at = whole.indexOf(part[0], at + 1))
    if (part.every((byte, i) => whole[at + i] === byte)) return at;
  return -1;
}

const tools = { KeyError, toBase64, fromBase64, indexOfBytes };
const loaded = new Map();

/* A driver by name. It is fetched when it is first wanted, in the version this file has. */
export async function driver(name) {
  if (!loaded.has(name)) {
    const module = await import(modules[name] + new URL(import.meta.url).search);
    loaded.set(name, module.default(tools));
  }
  return loaded.get(name);
}

/* What a certificate says to a clerk who has to choose one: { name, serial, until }, each "" where it
 * can't be read. Not for decisions: the server makes those. */
export function describe(der) {
  try {
    const [certificate] = elements(der);
    const [body] = elements(certificate.content);
    const parts = elements(body.content);
    if (parts[0].tag === 0xa0) parts.shift();
    const [serial, , , validity, subject] = parts;
    return {
      name: attribute(subject, [0x55, 4, 3]) || attribute(subject, [0x55, 4, 10]),
      serial: [...serial.content].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^00/, ""),
      until: time(elements(validity.content)[1]),
    };
  } catch {
    return { name: "", serial: "", until: "" };
  }
}

function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at];
    let size = bytes[at + 1], start = at + 2;
    if (size > 0x80) {
      const digits = bytes.subarray(start, start += size - 0x80);
      size = digits.reduce((sum, byte) => sum * 256 + byte, 0);
    }
    if (!(start + size <= bytes.length)) throw new RangeError("DER");
    found.push({ tag, content: bytes.subarray(start, at = start + size) });
  }
  return found;
}

/* The last value of a kind in a Name (the most specific one). */
function attribute(name, oid) {
  const encodings = { 0x0c: "utf-8", 0x13: "latin1", 0x14: "latin1", 0x16: "latin1", 0x1e: "utf-16be" };
  let text = "";
  for (const set of elements(name.content))
    for (const pair of elements(set.content)) {
      const [type, value] = elements(pair.content);
      if (type.content.length === oid.length && oid.every((byte, i) => type.content[i] === byte))
        text = new TextDecoder(encodings[value.tag] || "utf-8").decode(value.content);
    }
  return text;
}

/* UTCTime and GeneralizedTime (RFC 5280, 4.1.2.5), as yyyy-mm-dd. */
function time({ tag, content }) {
  let text = new TextDecoder().decode(content);
  if (tag === 0x17) text = (text < "5" ? "20" : "19") + text;
  return text.replace(/^(\d{4})(\d\d)(\d\d).*$/, "$1-$2-$3");
}
