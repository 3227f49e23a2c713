#!/usr/bin/env python3
"""A firm changes its name: each certificate gets a new version and identifier, and its document is
rendered, sealed, stored and audited, from the clerk's click to the last document.

One ecert-issuerd with a worker for each core and MariaDB on the same machine, so that all cores
count. Firms of 1,000 certificates before and after one of 10,000 (ECERT_BENCH_RENAME="1000 10000"),
all with photos; beside it the same issuer making the documents of the same certificates alone.
"""
import os
import re
import statistics
import time

from clerk import Clerk
from documents import DUE, EXCHANGE
from ground import CORES, Ground, cpu_seconds, figure
from served import Nginx, Site

SMALL, LARGE = map(int, os.environ.get("ECERT_BENCH_RENAME", "1000 10000").split())
WARM = 200
SIZES = [WARM, SMALL, LARGE, SMALL, SMALL]
SECONDS = 1800


def firms(site):
    """A firm of each size, all their certificates and documents made; the ids."""
    ids = site.sql("SELECT id FROM enterprise ORDER BY id").split()[:len(SIZES)]
    first = site.number("SELECT MIN(id) FROM paper_certificate")
    for firm, size in zip(ids, SIZES):
        site.sql(f"UPDATE paper_certificate p JOIN enterprise e ON e.id = {firm} SET p.enterprise_id = e.id,"
                 f" p.enterprise_name = e.name WHERE p.id BETWEEN {first} AND {first + size - 1}")
        first += size
    site.sql(EXCHANGE)
    site.sql(DUE)
    return ids


def await_documents(site, issuer, where):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and issuer.poll() is None:
        failed, left = map(int, site.sql(
            f"SELECT IFNULL(SUM(state = 'failed'), 0), IFNULL(SUM(state <> 'done'), 0) FROM job WHERE {where}").split())
        if failed:
            raise SystemExit("bench: " + site.sql("SELECT DISTINCT cause FROM job LIMIT 3"))
        if left == 0:
            return
        time.sleep(0.2)
    raise SystemExit("bench: the documents were not made in time")


def load(site, issuer):
    """What has been spent so far: of processor in seconds, the issuer's and the database's, and
    statements."""
    executed = site.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'").split()[1]
    return cpu_seconds(issuer.pid), cpu_seconds(site.ground.mariadbd.pid), int(executed)


def rename(site, origin, issuer, firm, size):
    """Seconds from the start to the last document, and what it took."""
    site.sql(f"UPDATE enterprise SET name = CONCAT('更名之后的', name) WHERE id = {firm}")
    clerk = Clerk(origin, site.login(firm))
    before = load(site, issuer)
    where = clerk.submit(clerk.page("/rename/confirm"), "/rename/")
    matter = int(re.search(r"-(\d+)$", where).group(1))
    end = time.monotonic() + SECONDS
    while site.sql(f"SELECT state FROM matter WHERE id = {matter}").strip() != "done":
        if time.monotonic() > end or issuer.poll() is not None:
            raise SystemExit("bench: the rename did not end")
        time.sleep(0.1)
    await_documents(site, issuer, f"matter_id = {matter}")
    after = load(site, issuer)
    made, seconds = site.sql(
        f"SELECT COUNT(*), TIMESTAMPDIFF(MICROSECOND, m.opened_at, MAX(j.done_at)) / 1e6 FROM matter m"
        f" JOIN job j ON j.matter_id = m.id JOIN document d ON d.kind = j.kind"
        f"   AND d.certificate_id = j.certificate_id AND d.version = j.version"
        f" WHERE m.id = {matter} AND j.version = 2").split()
    if int(made) != size:
        raise SystemExit(f"bench: {made} of {size} certificates were renamed")
    return float(seconds), [(b - a) / size for a, b in zip(before, after)]


def alone(site):
    """Documents a second and core, without a change of name."""
    made, seconds = site.sql("SELECT COUNT(*), TIMESTAMPDIFF(MICROSECOND, MIN(done_at), MAX(done_at)) / 1e6"
                             " FROM job").split()
    return int(made) / float(seconds) / CORES


def main():
    with Ground() as ground:
        ground.database("4G")
        site = Site(ground, "renames")
        site.ctl("demo", "--papers", str(sum(SIZES)))
        ids = firms(site)
        nginx = Nginx(ground)
        nginx.fastcgi(site.name, site.socket)
        site.web()
        nginx.start()
        issuer = site.issuer()
        await_documents(site, issuer, "1 = 1")
        peer = alone(site)
        taken = [rename(site, nginx.url(site.name, ""), issuer, firm, size)
                 for firm, size in zip(ids, SIZES)]
        small = statistics.median(taken[i][0] for i in (1, 3, 4))
        large, (issuer_s, base_s, statements) = taken[2]
        each = LARGE / large / CORES
        print(f"# {LARGE} certificates renamed in {large:.1f} s, {SMALL} in"
              f" {', '.join(f'{taken[i][0]:.2f}' for i in (1, 3, 4))} s; processor time a certificate: issuer"
              f" {issuer_s * 1000:.2f} ms, MariaDB {base_s * 1000:.2f} ms; {statements:.1f} statements")
        figure("rename.rate", each, "certificates/s and core", each / peer,
               f"their documents alone ({peer:.0f} a second and core)", 120, absolute=True)
        figure("rename.linear", large, "s", large / (LARGE / SMALL * small),
               f"{LARGE / SMALL:g} times a firm of {SMALL}", 1.1, at_least=False)


if __name__ == "__main__":
    main()
