/*
 * Driver: a PKCS#12 file (.p12, .pfx) that the clerk chooses. File and password stay in the page: the
 * file is opened here, by node-forge, and the key signs here, by WebCrypto, which does not give it out
 * again. Both old files (RC2, 3DES) and new ones (PBES2: AES, PBKDF2) open; RSA and P-256, P-384.
 */

const SIZE_MAX = 256 * 1024;
const RSA = "1.2.840.113549.1.1.1", EC = "1.2.840.10045.2.1";
const OLD = { "1.2.840.113549.1.12.1.4": "3DES-2", "1.2.840.113549.1.12.1.5": "RC2-128" };
const CURVES = { "1.2.840.10045.3.1.7": ["ES256"], "1.3.132.0.34": ["ES384"] };

export default function ({ KeyError, indexOfBytes }) {
  const keys = new WeakMap(); /* of a certificate as list() gave it, its CryptoKeys, by algorithm */
  const subtle = crypto.subtle;

  async function library() {
    await import("./vendor/forge.min.js" + new URL(import.meta.url).search);
    const { forge } = globalThis;
    /* forge would rebuild certificates and keys from what it understood of them, and knows RSA only.
     * Wanted are the very bytes, which it leaves alone where it can not read them. */
    forge.pki.certificateFromAsn1 = forge.pki.privateKeyFromAsn1 = () => { throw new Error("left as it is"); };
    if (forge.complete) return forge;
    forge.complete = true;
    /* PBES2 takes the password in UTF-8 (RFC 8018, 3); PKCS#12's own way is UTF-16, which forge does. */
    const derive = forge.pkcs5.pbkdf2, cipher = forge.pki.pbe.getCipher;
    forge.pkcs5.pbkdf2 = (password, ...rest) => derive(forge.util.encodeUtf8(password), ...rest);
    /* Of PKCS#12's own ciphers (RFC 7292, appendix C) forge knows 3DES by three keys and RC2 by 40 bits. */
    forge.pki.pbe.getCipher = (oid, parameters, password) =>
      oid in OLD ? oldCipher(forge, OLD[oid], parameters, password) : cipher(oid, parameters, password);
    return forge;
  }

  function oldCipher(forge, name, { value: [salt, count] }, password) {
    const rounds = forge.util.createBuffer(count.value).getInt(count.value.length * 8);
    const derive = (purpose, size) => forge.pki.pbe.generatePkcs12Key(password, forge.util.createBuffer(salt.value), purpose, rounds, size);
    const key = derive(1, 16), iv = derive(2, 8);
    if (name === "RC2-128") return forge.rc2.startDecrypting(key, iv, null);
    const [first, second] = [key.getBytes(8), key.getBytes(8)];
    return forge.des.startDecrypting(first + second + first, iv, null, "CBC");
  }

  function open(forge, bytes, password) {
    let asn1;
    const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    try {
      asn1 = forge.asn1.fromDer(binary, { strict: true, parseAllBytes: false });
    } catch {
      throw new KeyError("failed", { text: "这不是证书文件，或者文件不完整。请选择 .p12 或 .pfx 文件。" });
    }
    try {
      return forge.pkcs12.pkcs12FromAsn1(asn1, false, password);
    } catch (error) {
      /* Without a MAC a wrong password may pass for right now and then, and yields nonsense. */
      const nonsense = asn1.value.length < 3 && !/unsupported/i.test(error.message);
      if (nonsense || /password|MAC could not|Failed to decrypt/i.test(error.message)) throw new KeyError("wrong_password");
      throw new KeyError("failed", { text: `无法打开这个证书文件（${error.message}）。` });
    }
  }

  const bytesOf = (forge, asn1) => Uint8Array.from(forge.asn1.toDer(asn1).getBytes(), (c) => c.charCodeAt(0));
  const fromUrl64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

  const ways = {
    RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
    ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
    ES384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  };

  /* The algorithms of a key; none for a kind that WebCrypto does not know. */
  function algorithmsOf(forge, { value: [, { value: [kind, parameters] }] }) {
    const oid = forge.asn1.derToOid(kind.value);
    return oid === RSA ? ["RS256", "PS256"] : oid === EC ? CURVES[forge.asn1.derToOid(parameters.value)] || [] : [];
  }

  /* A key that can sign: { mark: what its certificate holds of it, signers: by algorithm }. */
  async function take(pkcs8, algorithms) {
    const take = (algorithm, exportable) => subtle.importKey("pkcs8", pkcs8, ways[algorithm], exportable, ["sign"]);
    const { n, x, y } = await subtle.exportKey("jwk", await take(algorithms[0], true));
    const signers = {};
    for (const algorithm of algorithms) signers[algorithm] = await take(algorithm, false);
    pkcs8.fill(0);
    return { mark: n ? fromUrl64(n) : Uint8Array.of(4, ...fromUrl64(x), ...fromUrl64(y)), signers };
  }

  async function list({ file, password }) {
    if (!file || file.size > SIZE_MAX) throw new KeyError("failed", { text: file ? "文件过大，不是证书文件。" : "请先选择证书文件。" });
    const forge = await library();
    const pfx = open(forge, new Uint8Array(await file.arrayBuffer()), password);
    const bags = pfx.safeContents.flatMap((content) => content.safeBags).filter((bag) => bag.asn1);
    const ofKind = (...names) => bags.filter((bag) => names.some((name) => bag.type === forge.pki.oids[name])).map((bag) => bag.asn1);
    const ders = ofKind("certBag").map((asn1) => bytesOf(forge, asn1));
    const found = [];
    for (const asn1 of ofKind("keyBag", "pkcs8ShroudedKeyBag")) {
      const algorithms = algorithmsOf(forge, asn1);
      if (algorithms.length === 0) continue;
      const { mark, signers } = await take(bytesOf(forge, asn1), algorithms);
      const der = ders.find((one) => indexOfBytes(one, mark) >= 0);
      if (!der) continue;
      const certificate = { id: String(found.length), der, chain: ders.filter((one) => one !== der), label: "", algorithms };
      keys.set(certificate, signers);
      found.push(certificate);
    }
    if (found.length === 0) throw new KeyError("no_key");
    return found;
  }

  /* WebCrypto gives r and s side by side; X.509's world wants a SEQUENCE of two INTEGERs. */
  function ecdsaDer(raw) {
    const integers = [raw.subarray(0, raw.length / 2), raw.subarray(raw.length / 2)].flatMap((half) => {
      const digits = half.subarray(Math.max(0, Math.min(half.length - 1, half.findIndex((byte) => byte !== 0))));
      const content = digits[0] & 0x80 ? [0, ...digits] : [...digits];
      return [2, content.length, ...content];
    });
    return Uint8Array.of(0x30, integers.length, ...integers);
  }

  async function sign(certificate, { algorithm, statement }) {
    const signature = new Uint8Array(await subtle.sign(ways[algorithm], keys.get(certificate)[algorithm], statement));
    return ways[algorithm].name === "ECDSA" ? ecdsaDer(signature) : signature;
  }

  return { name: "pkcs12", asks: ["file", "password"], available: async () => true, list, sign };
}
