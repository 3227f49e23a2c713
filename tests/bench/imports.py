#!/usr/bin/env python3
"""Exam results, insurance and education as `ecertctl import` takes them: rows a second, and the most
memory it ever had, for a file of 100,000 and of 1,000,000 rows (ECERT_BENCH_ROWS)."""
import os
import re
import time
from datetime import date, timedelta

import registers
from ground import Ground, figure, program
from served import Site

SMALL, LARGE = map(int, os.environ.get("ECERT_BENCH_ROWS", "100000 1000000").split())
PEOPLE, FIRMS = 10000, 100
FIRST_PERSON = 1000
MEMORY, SPEED = 1.05, 0.7


def months(count):
    """The first `count` months before this one, the newest first."""
    today = date.today()
    number = today.year * 12 + today.month - 1
    return [f"{(number - i) // 12}-{(number - i) % 12 + 1:02d}" for i in range(1, count + 1)]


def past(n):
    return date.today() - timedelta(days=n % 700)


def exam_results(who, n):
    return f"KS{n:09d},{who(n)},C3,08,{past(n)},{60 + n % 40},1"


def insurance(who, n, paid=months(LARGE // PEOPLE + 1)):
    return f"{who(n)},{paid[n // PEOPLE]}"


def education(who, n):
    return f"XS{n:09d},{who(n)},C3,{1 + n % 8},{past(n)},测速继续教育中心"


KINDS = {
    "exam_results": ("exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed", exam_results),
    "insurance": ("id_type,id_no,uscc,month", insurance),
    "education": ("record_no,id_type,id_no,uscc,class,hours,completed_on,provider", education),
}


def register(site):
    """Firms and people; of each row who it is about: document and firm."""
    numbers = range(FIRST_PERSON, FIRST_PERSON + PEOPLE)
    site.ctl("import", "enterprises", registers.firms_file(site.folder / "firms.csv", range(FIRMS)))
    site.ctl("import", "people", registers.people_file(site.folder / "people.csv", numbers))
    ids = [f"111,{registers.id_no(n)},{registers.uscc(n % FIRMS)}" for n in numbers]
    return lambda n: ids[n % PEOPLE]


def most_memory(process):
    """Watches a program until it ends: the most memory it ever had, in KiB. (What wait4 says of it
    would not be less than what this very process had when it started it.)"""
    most = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as f:
                most = max([most, *map(int, re.findall(r"^VmHWM:\s+(\d+) kB", f.read(), re.M))])
        except OSError:
            pass
        time.sleep(0.02)
    return most


def take(site, kind, count, who):
    """Rows a second, and the most memory in KiB."""
    header, row = KINDS[kind]
    path = registers.write(site.folder / f"{kind}.csv", header, (row(who, n) for n in range(count)))
    site.sql(f"TRUNCATE {'exam_result' if kind == 'exam_results' else kind}")
    start = time.monotonic()
    process = site.ground.start(program("ecertctl"), "-c", site.config, "import", kind, path, log=f"{kind}.log")
    most = most_memory(process)
    seconds = time.monotonic() - start
    path.unlink()
    said = (site.ground.folder / f"{kind}.log").read_text(encoding="utf-8")
    if process.returncode != 0 or f"{count} added" not in said:
        raise SystemExit(f"bench: import {kind}: {said[-500:]}")
    return count / seconds, most


def main():
    with Ground() as ground:
        ground.database("4G")
        site = Site(ground, "imports")
        who = register(site)
        for kind in KINDS:
            small_rate, small_kib = take(site, kind, SMALL, who)
            rate, kib = take(site, kind, LARGE, who)
            peer = f"{SMALL} rows instead of {LARGE}"
            figure(f"import.{kind}", rate, "rows/s", rate / small_rate, peer, SPEED)
            figure(f"import.{kind}.memory", kib, "KiB", kib / small_kib, peer, MEMORY, at_least=False)


if __name__ == "__main__":
    main()
