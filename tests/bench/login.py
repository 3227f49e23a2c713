#!/usr/bin/env python3
"""A login by challenge, RS256 with RSA-2048 and ES256, against `openssl speed`'s verify of the same
algorithm plus one database transaction, all in turn in one run.

The login: the time that ecertd says it spent on POST /login/key, from the request's head to the answer
("us" of its log): parsing, certificate, chain, revocation list, signature, transaction. nginx and HTTP
are outside of it, and printed beside as the client's time over plain loopback, without TLS. One client
at a time, one worker. The firm's certificate comes straight from an authority with RSA-2048 that has a
current revocation list of REVOKED entries, which is required. CERTIFICATES take turns, more than a worker
remembers, so that each login brings one that is new to it. Keys and signatures are openssl's; the
challenges are signed before the clock starts.

The transaction: tests/bench/bench_login.c, the statements that a login can't do without, in prepared
statements on an open connection to the same schema: BEGIN, mark the ticket, add the session, read the
audit's head for update, add the event, move the head, COMMIT. It has no part of what the login also asks
of the database: the firm by its code.

Medians of each round's median, in time of the clock; in processor's time, means over all rounds: ecertd
and MariaDB against openssl speed, bench_login and MariaDB."""
import base64
import http.client
import json
import os
import re
import statistics
import time
from urllib.parse import urlencode

from ground import Ground, cpu_seconds, figure, program
from served import Nginx, Site

LOGINS, ROUNDS = map(int, os.environ.get("ECERT_BENCH_LOGINS", "200 5").split())
REVOKED, CERTIFICATES, GOAL = 1000, 12, 1.5
KEYS = {"RS256": (["-newkey", "rsa:2048"], "rsa2048"),
        "ES256": (["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "ecdsap256")}
CA = """\
[ca]
default_ca = authority
[authority]
database = {folder}/index.txt
crlnumber = {folder}/crlnumber
default_md = sha256
default_crl_days = 30
[firm]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
"""


class Authority:
    """A CA with a list, and firms' keys, in a folder."""

    def __init__(self, ground, folder):
        self.ground, self.folder = ground, folder
        folder.mkdir(mode=0o700)
        self.key, self.certificate, self.crl = folder / "ca.key", folder / "ca.pem", folder / "crl.pem"
        self.conf = folder / "ca.cnf"
        self.conf.write_text(CA.format(folder=folder), encoding="ascii")
        (folder / "crlnumber").write_text("01\n", encoding="ascii")
        (folder / "index.txt").write_text("".join(
            f"R\t400101000000Z\t250101000000Z\t{0x10000000 + i:X}\tunknown\t/CN={i}\n" for i in range(REVOKED)),
            encoding="ascii")
        ground.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                   "/CN=bench authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                   "-keyout", self.key, "-out", self.certificate)
        ground.run("openssl", "ca", "-config", self.conf, "-cert", self.certificate, "-keyfile", self.key,
                   "-gencrl", "-out", self.crl)

    def firm(self, uscc, algorithm, number):
        """A key of the firm, and its certificate in base64."""
        key, request = self.folder / f"{algorithm}{number}.key", self.folder / f"{algorithm}.csr"
        self.ground.run("openssl", "req", "-new", *KEYS[algorithm][0], "-nodes", "-subj",
                        f"/CN=bench firm/serialNumber={uscc}", "-keyout", key, "-out", request)
        pem = self.ground.run("openssl", "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey",
                              self.key, "-days", "20", "-extfile", self.conf, "-extensions", "firm")
        return key, "".join(line for line in pem.splitlines() if "-----" not in line)

    def sign(self, key, statement):
        to = self.folder / "statement"
        to.write_bytes(statement)
        signature = self.folder / "signature"
        self.ground.run("openssl", "dgst", "-sha256", "-sign", key, "-out", signature, to)
        return base64.b64encode(signature.read_bytes()).decode()


class Browser:
    """One connection to nginx that stays open."""

    def __init__(self, site, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Origin": site.origin, "Content-Type": "application/x-www-form-urlencoded"}

    def post(self, path, fields, cookie=""):
        """The answer's JSON, and the cookie that it set for logins."""
        self.connection.request("POST", path, urlencode(fields), {**self.headers, "Cookie": cookie})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"bench: POST {path} answers {answer.status}: {body.decode(errors='replace')[:400]}")
        cookies = "\n".join(answer.headers.get_all("Set-Cookie", []))
        found = re.search(r"__Host-ecert-login=[\w-]*", cookies)
        return json.loads(body), found.group() if found else ""


class Logins:
    """The server's own account of POST /login/key."""

    def __init__(self, site, server, browser, authority, uscc, algorithm):
        self.site, self.server, self.browser, self.algorithm = site, server, browser, algorithm
        self.authority = authority
        self.keys = [authority.firm(uscc, algorithm, number) for number in range(CERTIFICATES)]
        self.times, self.outside, self.trips, self.cpu = [], [], [], 0.0

    def prepare(self, count):
        made = []
        for i in range(count):
            key, certificate = self.keys[i % CERTIFICATES]
            challenge, cookie = self.browser.post("/login/challenge", {})
            signature = self.authority.sign(key, base64.b64decode(challenge["statement"]))
            made.append(({"nonce": challenge["nonce"], "certificate": certificate,
                          "algorithm": self.algorithm, "signature": signature}, cookie))
        return made

    def said(self):
        """Microseconds and round trips of each login so far, by the log."""
        log = (self.site.ground.folder / f"{self.site.name}.log").read_text(encoding="utf-8")
        lines = [line for line in log.splitlines() if '"login/key"' in line or "route=login/key" in line]
        if any(not re.search(r'status"?[=:]200\b', line) for line in lines):
            raise SystemExit("bench: a login was refused")
        return [tuple(int(re.search(rf'\b{name}"?[=:](\d+)', line).group(1)) for name in ("us", "round_trips"))
                for line in lines]

    def round(self, count):
        made, known, outside = self.prepare(count), len(self.said()), []
        cpu = self.used()
        for fields, cookie in made:
            start = time.monotonic()
            self.browser.post("/login/key", fields, cookie)
            outside.append(1e6 * (time.monotonic() - start))
        self.cpu += self.used() - cpu
        end = time.monotonic() + 10
        while len(self.said()) < known + count and time.monotonic() < end:
            time.sleep(0.05)
        said = self.said()[known:]
        if len(said) != count:
            raise SystemExit(f"bench: the log has {len(said)} of {count} logins")
        self.times.append(statistics.median(us for us, _ in said))
        self.outside.append(statistics.median(outside))
        self.trips.append(statistics.mean(trips for _, trips in said))

    def used(self):
        return cpu_seconds(self.server.pid) + cpu_seconds(self.site.ground.mariadbd.pid)


class Transactions:
    def __init__(self, site):
        self.site, self.times, self.cpu = site, [], 0.0

    def round(self, count):
        ground = self.site.ground
        first = self.site.number("SELECT COUNT(*) FROM login_ticket")
        self.site.sql("INSERT INTO login_ticket SELECT UNHEX(SHA2(seq, 256)), 0, 0, '', NOW(3) + INTERVAL 1 DAY, NULL"
                      f" FROM seq_{first}_to_{first + count}")
        before = cpu_seconds(ground.mariadbd.pid)
        *times, own = map(int, ground.run(program("tests/bench/bench_login"), ground.db_socket, self.site.name,
                                          str(first), str(count)).split())
        self.cpu += own / 1e6 + cpu_seconds(ground.mariadbd.pid) - before
        self.times.append(statistics.median(times))


def verify_us(ground, algorithm):
    """Microseconds of processor that openssl speed takes for a verify."""
    last = ground.run("openssl", "speed", "-seconds", "1", KEYS[algorithm][1]).strip().splitlines()[-1]
    return 1e6 / float(last.split()[-1])


def measure(ground, site, server, browser, authority, uscc, algorithm):
    logins, transactions, verifies = Logins(site, server, browser, authority, uscc, algorithm), Transactions(site), []
    logins.round(20)
    logins.times, logins.outside, logins.cpu = [], [], 0.0
    for _ in range(ROUNDS):
        logins.round(LOGINS)
        transactions.round(LOGINS)
        verifies.append(verify_us(ground, algorithm))
    verify, wall = statistics.median(verifies), statistics.median(logins.times)
    transaction = statistics.median(transactions.times)
    name, count = f"login.{algorithm.lower()}", ROUNDS * LOGINS
    print(f"# {name}: {statistics.mean(logins.trips):.1f} round trips; over HTTP"
          f" {statistics.median(logins.outside):.0f} us; ratios of the rounds "
          + ", ".join(f"{a / (b + c):.2f}" for a, b, c in zip(logins.times, transactions.times, verifies)))
    figure(name, wall, "us", wall / (verify + transaction),
           f"openssl speed {KEYS[algorithm][1]} verify {verify:.1f} us + a transaction {transaction:.0f} us", GOAL,
           at_least=False)
    cpu, bare = 1e6 * logins.cpu / count, 1e6 * transactions.cpu / count
    figure(f"{name}.cpu", cpu, "us of processor", cpu / (verify + bare),
           f"verify {verify:.1f} us + a transaction {bare:.0f} us", GOAL, at_least=False)


def main():
    with Ground() as ground:
        ground.database()
        site = Site(ground, "logins")
        authority = Authority(ground, site.folder / "authority")
        text = re.sub(r"^(Web\.Workers|Login\.Authorities) = .*\n", "", site.config.read_text("utf-8"), flags=re.M)
        site.config.write_text(text + f"""
Web.Workers = 1
Login.Authorities = {authority.certificate}
Login.Revocations = {authority.crl}
Login.RevocationsRequired = 1
""", encoding="utf-8")
        site.ctl("demo", "--certificates", "1000")
        # The transaction alone has chain 0 of the audit for itself.
        uscc = site.sql("SELECT uscc FROM enterprise WHERE id % 16 <> 0 ORDER BY id LIMIT 1").strip()
        nginx = Nginx(ground)
        nginx.fastcgi(site.name, site.socket)
        server = site.web(level="info")
        nginx.start()
        port = nginx.ports[site.name]
        ground.wait(lambda: Browser(site, port).post("/login/challenge", {}))
        browser = Browser(site, port)
        for algorithm in KEYS:
            measure(ground, site, server, browser, authority, uscc, algorithm)


if __name__ == "__main__":
    main()
