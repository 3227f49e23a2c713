#!/usr/bin/env python3
"""The issuer at work: certificates with photos rendered, sealed, stored and committed.

One ecert-issuerd with a worker for each core and MariaDB on the same machine, so that all cores
count; beside it WeasyPrint, which prints the same page from HTML, without QR code, seal and
database. Documents by ECERT_BENCH_DOCUMENTS (20000); the issuer's memory is watched over all of
them.
"""
import base64
import html
import json
import os
import statistics
import time

from ground import CORES, Ground, children, cpu_seconds, figure, private_kib
from served import Site

DOCUMENTS = int(os.environ.get("ECERT_BENCH_DOCUMENTS", "20000"))
WARM = 0.1  # of the documents: what comes first meets empty caches
PEER_ROUNDS = 10

# An electronic certificate with its version for each paper certificate, and a job for each.
EXCHANGE = """
INSERT INTO certificate (number, issue_year, serial, class, person_id, enterprise_id, state, version,
    holder_name, enterprise_name, post, first_issued, valid_from, valid_until, held_since,
    generation, created_at, updated_at)
  SELECT p.number, SUBSTRING_INDEX(SUBSTRING_INDEX(p.number, '（', -1), '）', 1),
    RIGHT(p.number, 7), p.class, p.person_id, p.enterprise_id, '01', 1, x.name, p.enterprise_name,
    p.post, p.first_issued, p.valid_from, p.valid_until, p.held_since, 0, NOW(3), NOW(3)
  FROM paper_certificate p JOIN person x ON x.id = p.person_id;
INSERT INTO certificate_version (certificate_id, version, identifier, verify_token, enterprise_id,
    class, holder_name, sex, birth, enterprise_name, post, first_issued, valid_from, valid_until,
    issued_on, issuer_name, capture_id, made_at)
  SELECT c.id, 1, CONCAT('1.2.156.3005.2.11100000000013338W011.11310000MB00000009.', c.issue_year,
    LPAD(c.serial, 7, '0'), '.001.U'), UNHEX(MD5(CONCAT('bench', c.id))), c.enterprise_id, c.class,
    c.holder_name, x.sex, x.birth, c.enterprise_name, c.post, c.first_issued, c.valid_from,
    c.valid_until, c.valid_from, '示范市建设行政主管部门（演示）', x.capture_id, NOW(3)
  FROM certificate c JOIN person x ON x.id = c.person_id;
INSERT INTO job (kind, certificate_id, version, enterprise_id, state, run_at, created_at)
  SELECT 'certificate', id, 1, enterprise_id, 'waiting', NOW(3) + INTERVAL 1 YEAR, NOW(3)
  FROM certificate;
"""

DUE = "UPDATE job SET run_at = NOW(3) - INTERVAL 1 SECOND"
STATES = "SELECT state, COUNT(*) FROM job GROUP BY state"


def counts(site):
    rows = [line.split("\t") for line in site.sql(STATES).strip().split("\n")]
    return {state: int(count) for state, count in rows}


def issuer_memory(parent):
    return sum(private_kib(child) for child in children(parent))


def watch(site, issuer):
    """Runs until all is done; memory after the warm part and at the end, in KiB."""
    warm = None
    while issuer.poll() is None:
        now = counts(site)
        if now.get("failed", 0) > 0:
            raise SystemExit("bench: " + site.sql("SELECT DISTINCT cause FROM job LIMIT 3"))
        done = now.get("done", 0)
        if warm is None and done >= WARM * DOCUMENTS:
            warm = issuer_memory(issuer.pid)
        if done == DOCUMENTS:
            return warm, issuer_memory(issuer.pid)
        time.sleep(0.5)
    raise SystemExit("bench: ecert-issuerd ended\n" + log_of(site)[-2000:])


def log_of(site):
    return (site.ground.folder / f"{site.name}.log").read_text(encoding="utf-8")


def batches(site):
    """Milliseconds of each full batch, divided by its documents."""
    lines = [json.loads(line) for line in log_of(site).splitlines() if '"batch"' in line]
    most = max(line["made"] for line in lines)
    return [line["ms"] / line["made"] for line in lines if line["made"] == most]


def rate(site):
    """Documents committed a second, behind the warm part."""
    skip = int(WARM * DOCUMENTS)
    first, last = map(float, site.sql(
        "SELECT UNIX_TIMESTAMP(MIN(done_at)), UNIX_TIMESTAMP(MAX(done_at)) FROM"
        f" (SELECT done_at FROM job ORDER BY done_at LIMIT {DOCUMENTS} OFFSET {skip}) j").split())
    return (DOCUMENTS - skip) / (last - first)


def size(site):
    """The median size of a document, in bytes."""
    return site.number(f"SELECT size FROM document ORDER BY size LIMIT 1 OFFSET {DOCUMENTS // 2}")


def peer_page(row, photo):
    """The certificate's page as HTML."""
    number, holder, enterprise, birth, first, start, until = map(html.escape, row)
    facts = "".join(f"<tr><th>{label}：<td>{fact}" for label, fact in (
        ("姓名", holder), ("性别", "男"), ("出生年月", birth), ("企业名称", enterprise),
        ("职务", "专职安全生产管理人员"), ("初次领证日期", first), ("有效期", f"{start} 至 {until}"),
        ("发证机关", "示范市建设行政主管部门（演示）"), ("发证日期", start)))
    return f"""<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>{number}</title><style>
@page {{ size: A4; margin: 10mm }}
body {{ font-family: "AR PL UKai CN"; font-size: 15pt; border: 2pt solid #145753; padding: 20mm }}
h1, h2, th, footer {{ font-family: "AR PL UMing CN"; text-align: center }}
h1 {{ font-size: 38pt }} h2 {{ font-size: 18pt }}
th {{ text-align: right; font-weight: normal }} td, th {{ padding: 6pt 0 }}
img {{ float: right; width: 77pt; height: 98pt; border: 0.4pt solid #9e9e99 }}
svg {{ width: 116pt; height: 116pt; float: right }}
</style><p style="color: #d91717; text-align: center">演示样本 · 由演示密钥签发，不具法律效力
<h2>建筑施工企业综合类专职安全生产管理人员</h2><h1>安全生产考核合格证书</h1><p>编号：{number}
<img src="data:image/jpeg;base64,{photo}"><table>{facts}</table>
<svg viewBox="-58 -58 116 116"><circle r="56" fill="none" stroke="#d91717" stroke-width="2.6"/>
<path fill="#d91717" d="M0-17 4-5 16-5 6 2 10 14 0 7-10 14-6 2-16-5-4-5Z"/></svg>
<footer>中华人民共和国住房和城乡建设部 监制</footer></html>"""


def weasyprint(site):
    """Median milliseconds of the processor and median bytes of a page, one process, warmed up."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
    fonts = FontConfiguration()
    photo = base64.b64encode(sample_photo(site)).decode()
    rows = [line.split("\t") for line in site.sql(
        "SELECT c.number, c.holder_name, c.enterprise_name, x.birth, c.first_issued, c.valid_from,"
        " c.valid_until FROM certificate c JOIN person x ON x.id = c.person_id"
        f" ORDER BY c.id LIMIT {PEER_ROUNDS + 2}").strip().split("\n")]
    taken, sizes = [], []
    for row in rows:
        start = time.process_time()
        pdf = HTML(string=peer_page(row, photo)).write_pdf(font_config=fonts)
        taken.append((time.process_time() - start) * 1000)
        sizes.append(len(pdf))
    return statistics.median(taken[2:]), statistics.median(sizes[2:])


def sample_photo(site):
    """The photo out of a finished document: what libharu embeds is the JPEG as it is."""
    body = bytes.fromhex(site.sql("SELECT HEX(body) FROM document LIMIT 1").strip())
    start = body.index(b"\xff\xd8\xff")
    return body[start:body.index(b"\nendstream", start)]


def main():
    with Ground() as ground:
        ground.database("4G")
        site = Site(ground, "documents")
        site.ctl("demo", "--papers", str(DOCUMENTS))
        site.sql(EXCHANGE)
        site.sql(DUE)
        before = cpu_seconds(ground.mariadbd.pid)
        issuer = site.issuer()
        warm, last = watch(site, issuer)
        work = cpu_seconds(issuer.pid) * 1000 / DOCUMENTS
        base = (cpu_seconds(ground.mariadbd.pid) - before) * 1000 / DOCUMENTS
        ground.end(issuer)
        peer_ms, peer_bytes = weasyprint(site)
        each = rate(site) / CORES
        peer = "WeasyPrint without seal and database"
        print(f"# {DOCUMENTS} documents on {CORES} cores; processor time a document: issuer {work:.2f} ms,"
              f" MariaDB {base:.2f} ms, a core of its own would do {1000 / (work + base):.0f} a second;"
              f" WeasyPrint {peer_ms:.0f} ms, {peer_bytes:.0f} bytes")
        figure("documents.rate", each, "documents/s and core", each * peer_ms / 1000, peer, 200,
               absolute=True)
        median = statistics.median(batches(site))
        figure("documents.time", median, "ms", median / peer_ms, peer, 5, at_least=False,
               absolute=True)
        figure("documents.size", size(site), "bytes", size(site) / peer_bytes, peer, 61440,
               at_least=False, absolute=True)
        figure("documents.memory", last, "KiB", last / warm,
               f"the same issuer after {WARM:.0%} of {DOCUMENTS}", 1.05, at_least=False)


if __name__ == "__main__":
    main()
