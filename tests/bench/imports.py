#!/usr/bin/env python3
"""Exam results, insurance and education as `ecertctl import` takes them: rows a second and core (of
program and database together), beside LOAD DATA of the same rows, whose people and firms are looked
up already, into the same table; and the most memory it ever had, for a file of 100,000 and of
1,000,000 rows (ECERT_BENCH_ROWS). Then the large file with 50 faults spread in it: all of them are
named, and nothing is taken."""
import os
import re
import time
from datetime import date, timedelta

import registers
from ground import Ground, cpu_seconds, figure, program
from served import Site

SMALL, LARGE = map(int, os.environ.get("ECERT_BENCH_ROWS", "100000 1000000").split())
PEOPLE, FIRMS = 10000, 100
FIRST_PERSON = 1000
MEMORY, SPEED, AGAINST_LOAD = 1.05, 50000, 4
FAULTS = 50


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


# Header, row, table, and its columns but the id.
KINDS = {
    "exam_results": ("exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed", exam_results, "exam_result",
                     "exam_no,person_id,enterprise_id,class,post,exam_date,score,passed,created_at,import_id"),
    "insurance": ("id_type,id_no,uscc,month", insurance, "insurance",
                  "person_id,enterprise_id,month,created_at,import_id"),
    "education": ("record_no,id_type,id_no,uscc,class,hours,completed_on,provider", education, "education",
                  "record_no,person_id,enterprise_id,class,hours,completed_on,provider,created_at,import_id"),
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


def write(site, kind, rows):
    return registers.write(site.folder / f"{kind}.csv", KINDS[kind][0], rows)


def run(site, kind, path):
    """Exit status, what it said, seconds, CPU seconds with the database's, and the most memory in KiB."""
    log = site.ground.folder / f"{kind}.log"
    log.unlink(missing_ok=True)
    server, own = cpu_seconds(site.ground.mariadbd.pid), os.times()
    start = time.monotonic()
    process = site.ground.start(program("ecertctl"), "-c", site.config, "import", kind, path, log=f"{kind}.log")
    most = most_memory(process)
    seconds, ended = time.monotonic() - start, os.times()
    cpu = (cpu_seconds(site.ground.mariadbd.pid) - server + ended.children_user + ended.children_system
           - own.children_user - own.children_system)
    return process.returncode, log.read_text(encoding="utf-8"), seconds, cpu, most


def take(site, kind, count, who):
    """Seconds, CPU seconds, and the most memory in KiB."""
    path = write(site, kind, (KINDS[kind][1](who, n) for n in range(count)))
    site.sql(f"TRUNCATE {KINDS[kind][2]}")
    status, said, seconds, cpu, most = run(site, kind, path)
    path.unlink()
    if status != 0 or f"{count} added" not in said:
        raise SystemExit(f"bench: import {kind}: {said[-500:]}")
    return seconds, cpu, most


def load(site, kind, count):
    """CPU seconds of LOAD DATA of what was just taken."""
    table, columns = KINDS[kind][2:]
    path = site.ground.folder / "db" / f"{kind}.load"
    # In the order of the file.
    order = "id" if table != "insurance" else "month DESC, person_id"
    site.sql(f"SELECT {columns} FROM {table} ORDER BY {order} INTO OUTFILE '{path}' FIELDS TERMINATED BY ','")
    site.sql(f"TRUNCATE {table}")
    before = cpu_seconds(site.ground.mariadbd.pid)
    site.sql(f"LOAD DATA INFILE '{path}' INTO TABLE {table} FIELDS TERMINATED BY ',' ({columns})")
    cpu = cpu_seconds(site.ground.mariadbd.pid) - before
    path.unlink()
    if site.number(f"SELECT COUNT(*) FROM {table}") != count:
        raise SystemExit(f"bench: LOAD DATA of {kind} left rows out")
    return cpu


def faults(site, kind, count, who, clean):
    """Wrong cells of many columns, spread evenly: how many of them are named, by line."""
    step = count // FAULTS
    wrong = {step * i + i % 7: i for i in range(FAULTS)}

    def row(n):
        cells = KINDS[kind][1](who, n).split(",")
        if n in wrong:
            cells[wrong[n] % len(cells)] = "\x01"
        return ",".join(cells)

    path = write(site, kind, (row(n) for n in range(count)))
    before = site.number(f"SELECT COUNT(*) FROM {KINDS[kind][2]}")
    status, said, _, _, most = run(site, kind, path)
    path.unlink()
    named = {int(line) for line in re.findall(rf"{kind}\.csv:(\d+): ", said)}
    if status == 0 or site.number(f"SELECT COUNT(*) FROM {KINDS[kind][2]}") != before:
        raise SystemExit(f"bench: import {kind} took a file with faults")
    found = len(named & {n + 2 for n in wrong})
    figure(f"import.{kind}.faults", found, "lines", found / FAULTS, f"{FAULTS} faults in {count} rows", 1)
    figure(f"import.{kind}.faults.memory", most, "KiB", most / clean, f"{SMALL} rows without", MEMORY, at_least=False)


def main():
    with Ground() as ground:
        ground.database("4G")
        site = Site(ground, "imports")
        who = register(site)
        for kind in KINDS:
            _, _, small_kib = take(site, kind, SMALL, who)
            seconds, cpu, kib = take(site, kind, LARGE, who)
            peer = load(site, kind, LARGE)
            figure(f"import.{kind}", LARGE / cpu, "rows/s and core", LARGE / seconds / (LARGE / cpu),
                   "its wall clock", SPEED, absolute=True)
            figure(f"import.{kind}.load", cpu, "CPU s", cpu / peer, f"LOAD DATA of the same {LARGE} rows, {peer:.3g} CPU s",
                   AGAINST_LOAD, at_least=False)
            figure(f"import.{kind}.memory", kib, "KiB", kib / small_kib, f"{SMALL} rows instead of {LARGE}", MEMORY,
                   at_least=False)
            site.sql(f"TRUNCATE {KINDS[kind][2]}")
            faults(site, kind, LARGE, who, small_kib)


if __name__ == "__main__":
    main()
