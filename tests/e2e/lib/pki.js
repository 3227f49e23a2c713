"use strict";
/* An authority of the tests' own, for certificates of firms, good and bad. */

const fs = require("fs");
const path = require("path");
const { execFileSync } = require("child_process");

function openssl(...words) {
  return execFileSync("openssl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

const configuration = (folder) => `
[ca]
default_ca = authority
[authority]
dir = ${folder}
database = ${folder}/index.txt
new_certs_dir = ${folder}/issued
serial = ${folder}/serial
crlnumber = ${folder}/crlnumber
certificate = ${folder}/ca.pem
private_key = ${folder}/ca.key
default_md = sha256
default_days = 365
default_crl_days = 30
policy = anything
unique_subject = no
string_mask = utf8only
[anything]
commonName = supplied
[req]
prompt = no
distinguished_name = subject
[subject]
CN = unused
[ca_certificate]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[firm]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature, nonRepudiation
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
[encryption]
basicConstraints = critical, CA:false
keyUsage = critical, keyEncipherment
authorityKeyIdentifier = keyid
[responder]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid
`;

/* The identity under which SM2 keys sign (GM/T 0009). */
const DISTID = "distid:1234567812345678";
const SM2 = ["-algorithm", "SM2"];
const P256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const stamp = (date) => date.toISOString().replace(/[-:T]/g, "").slice(2, 14) + "Z";
const day = 24 * 3600 * 1000;

class Authority {
  constructor(folder, name) {
    this.folder = folder;
    this.count = 0;
    this.file = path.join(folder, "ca.pem");
    if (fs.existsSync(this.file)) return;
    fs.mkdirSync(path.join(folder, "issued"), { recursive: true });
    for (const [file, text] of [["index.txt", ""], ["serial", "1001\n"], ["crlnumber", "01\n"],
      ["openssl.cnf", configuration(folder)]])
      fs.writeFileSync(path.join(folder, file), text);
    openssl("genpkey", ...P256, "-out", `${folder}/ca.key`);
    openssl("req", "-x509", "-new", "-utf8", "-config", `${folder}/openssl.cnf`, "-extensions", "ca_certificate",
      "-key", `${folder}/ca.key`, "-subj", `/C=CN/O=${name}/CN=${name}`, "-days", "3650", "-out", this.file);
    this.revoke();
  }

  /* The profile with the address of an OCSP responder, in a configuration of its own. */
  naming(responder, profile) {
    const file = path.join(this.folder, `naming-${process.pid}-${this.count}.cnf`);
    fs.writeFileSync(file, configuration(this.folder).replace(`[${profile}]\n`,
      `[${profile}]\nauthorityInfoAccess = OCSP;URI:${responder}\n`));
    return file;
  }

  /* A certificate and its key: { certificate, key }. Days count from now. */
  issue({ uscc, name, from = -1, until = 365, profile = "firm", algorithm = P256, responder = null, digest = null }) {
    const base = path.join(this.folder, `firm-${process.pid}-${++this.count}`);
    const subject = `/C=CN/O=${name}` + (uscc ? `/organizationIdentifier=${uscc}` : "") + `/CN=${name}`;
    const now = Date.now();
    openssl("genpkey", ...algorithm, "-out", `${base}.key`);
    openssl("req", "-new", "-utf8", "-config", `${this.folder}/openssl.cnf`, "-key", `${base}.key`,
      ...(algorithm === SM2 ? ["-sm3", "-sigopt", DISTID] : []), "-subj", subject, "-out", `${base}.csr`);
    const config = responder ? this.naming(responder, profile) : `${this.folder}/openssl.cnf`;
    openssl("ca", ...(algorithm === SM2 ? ["-vfyopt", DISTID] : []), "-batch", "-utf8", "-config", config, "-preserveDN", "-notext",
      ...(digest ? ["-md", digest] : []),
      "-extensions", profile, "-startdate", stamp(new Date(now + from * day)),
      "-enddate", stamp(new Date(now + until * day)), "-in", `${base}.csr`, "-out", `${base}.pem`);
    return { certificate: `${base}.pem`, key: `${base}.key`, name, uscc };
  }

  /* An authority below this one. */
  below(name, constraints = "critical, CA:true") {
    const lower = new Authority(path.join(this.folder, `below-${process.pid}-${++this.count}`), name);
    fs.writeFileSync(`${lower.folder}/below.cnf`, `basicConstraints = ${constraints}\nkeyUsage = critical, keyCertSign, cRLSign\n`
      + "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n");
    openssl("req", "-new", "-utf8", "-config", `${lower.folder}/openssl.cnf`, "-key", `${lower.folder}/ca.key`,
      "-subj", `/C=CN/O=${name}/CN=${name}`, "-out", `${lower.folder}/ca.csr`);
    openssl("x509", "-req", "-in", `${lower.folder}/ca.csr`, "-CA", this.file, "-CAkey", `${this.folder}/ca.key`,
      "-set_serial", `0x${process.pid.toString(16)}${this.count}`, "-days", "3650", "-extfile", `${lower.folder}/below.cnf`, "-out", lower.file);
    return lower;
  }

  selfSigned({ uscc, name }) {
    const base = path.join(this.folder, `self-${process.pid}-${++this.count}`);
    openssl("req", "-x509", "-utf8", "-newkey", "rsa:2048", "-nodes", "-config", `${this.folder}/openssl.cnf`,
      "-extensions", "firm", "-keyout", `${base}.key`, "-days", "30", "-out", `${base}.pem`,
      "-subj", `/C=CN/O=${name}/organizationIdentifier=${uscc}/CN=${name}`);
    return { certificate: `${base}.pem`, key: `${base}.key` };
  }

  /* Revokes if one is given; writes the list anew either way. */
  revoke(firm) {
    const config = ["-config", `${this.folder}/openssl.cnf`];
    if (firm) openssl("ca", ...config, "-revoke", firm.certificate);
    openssl("ca", ...config, "-gencrl", "-out", `${this.folder}/crl.pem`);
  }

  get crl() { return fs.readFileSync(`${this.folder}/crl.pem`, "utf8"); }
}

/* PKCS#12 for a browser; `how` are words for openssl. */
function pkcs12(firm, password, ...how) {
  const file = firm.certificate.replace(/\.pem$/, how.length ? "-so.p12" : ".p12");
  openssl("pkcs12", "-export", "-in", firm.certificate, "-inkey", firm.key, "-passout", `pass:${password}`, "-out", file, ...how);
  return file;
}

module.exports = { Authority, pkcs12, openssl, SM2, DISTID };
