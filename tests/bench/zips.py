#!/usr/bin/env python3
"""A firm downloads all its certificates as one ZIP: when the first byte arrives, and what a worker
holds at most while it streams, against the same documents packed in memory by Python's zipfile.

A firm of 1,000 certificates (ECERT_BENCH_ZIP), their documents made by the issuer; over HTTP through
nginx, several times.
"""
import hashlib
import http.client
import io
import os
import re
import statistics
import time
import zipfile

from documents import DUE, EXCHANGE
from ground import Ground, children, figure
from rename import await_documents
from served import Nginx, Site

MANY = int(os.environ.get("ECERT_BENCH_ZIP", "1000"))
ROUNDS, MB = 5, 1 << 20
START_MS, MOST_MB = 200, 8
PATH = "/certificates/download"


def firm_of(site):
    """A firm that has all of them, with documents."""
    firm = site.number("SELECT MIN(id) FROM enterprise")
    site.sql(f"UPDATE paper_certificate SET enterprise_id = {firm}")
    site.sql(EXCHANGE)
    site.sql(DUE)
    issuer = site.issuer()
    await_documents(site, issuer, "1 = 1")
    site.ground.end(issuer)
    return firm


def high_water(pid, reset=False):
    """The most that a process ever had in memory, in bytes; from now on, with `reset`."""
    if reset:
        with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as f:
            f.write("5")
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) * 1024


def download(port, cookie):
    """Milliseconds to the first byte of the body and to the last, and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    connection.request("GET", PATH, headers={"Cookie": f"__Host-ecert={cookie}"})
    answer = connection.getresponse()
    body = answer.read(1)
    first = time.perf_counter()
    body += answer.read()
    last = time.perf_counter()
    connection.close()
    if answer.status != 200 or answer.getheader("Content-Type") != "application/zip":
        raise SystemExit(f"bench: {PATH} answers {answer.status} {answer.getheader('Content-Type')}")
    return (first - began) * 1000, (last - began) * 1000, body


def unpacked(site, body):
    """The documents, each as it is stored."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = [archive.read(name) for name in archive.namelist()]
    stored = sorted(site.sql("SELECT LOWER(HEX(sha256)) FROM document").split())
    if len(files) != MANY or sorted(hashlib.sha256(f).hexdigest() for f in files) != stored:
        raise SystemExit("bench: the ZIP does not hold what is stored")
    return files


def packed(files):
    """Milliseconds until Python has them in a ZIP, and how large that is: it holds both."""
    began = time.perf_counter()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for i, content in enumerate(files):
            archive.writestr(f"{i}.pdf", content)
    return (time.perf_counter() - began) * 1000, len(out.getvalue()) + sum(map(len, files))


def grown(workers, download_once):
    """What the worker that answers holds at most beyond what it held before."""
    before = {pid: high_water(pid, reset=True) for pid in workers}
    taken = download_once()
    return max(high_water(pid) - before[pid] for pid in workers), taken


def main():
    with Ground() as ground:
        ground.database()
        site = Site(ground, "zips")
        site.ctl("demo", "--papers", str(MANY))
        cookie = site.login(firm_of(site))
        nginx = Nginx(ground)
        nginx.fastcgi(site.name, site.socket)
        web = site.web()
        nginx.start()
        port = nginx.ports[site.name]
        ground.wait(lambda: download(port, cookie))
        runs = [grown(children(web.pid), lambda: download(port, cookie)) for _ in range(ROUNDS)]
        files = unpacked(site, runs[-1][1][2])
        peer_ms, peer_bytes = map(statistics.median, zip(*(packed(files) for _ in range(ROUNDS))))
        first = statistics.median(taken[0] for _, taken in runs)
        last = statistics.median(taken[1] for _, taken in runs)
        most = max(memory for memory, _ in runs) / MB
        print(f"# {MANY} documents, {len(runs[-1][1][2]) / MB:.1f} MB: first byte after {first:.1f} ms, last after"
              f" {last:.0f} ms; a worker grew by {most:.2f} MB at most")
        figure("zip.start", first, "ms", first / peer_ms, f"Python's zipfile in memory ({peer_ms:.0f} ms)",
               START_MS, at_least=False, absolute=True)
        figure("zip.memory", most, "MB", most / (peer_bytes / MB),
               f"Python's zipfile in memory ({peer_bytes / MB:.1f} MB)", MOST_MB, at_least=False, absolute=True)


if __name__ == "__main__":
    main()
