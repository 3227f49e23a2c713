#!/usr/bin/env python3
"""Every form, list and refusal of the items, and what they print of a person, against the query page
of the same firm: the time a request takes with all cores at work.

A schema of 10,000 certificates; people brought in by CSV, their matters opened over HTTP.
"""
import os
import re
import shutil
from datetime import date, timedelta
from urllib.parse import urlencode

import registers
from clerk import Clerk, hidden
from ground import TOP, Ground, figure, rounds, wrk
from imports import months
from served import Nginx, Site

CERTIFICATES, ROWS, SECONDS = 10000, 20, 3
PEER, GOAL = "/certificates/", 1.5
# People: APPLIES has an exam that counts and a B here, COMES is elsewhere, LEAVES is here with a B and a
# C3, WAITS is here and waits for a signature, NOBODY has nothing to show.
APPLIES, COMES, LEAVES, WAITS, NOBODY = PEOPLE = range(5)
PHOTO = TOP / "tests" / "e2e" / "lib" / "photo.jpg"


def people_of(site, here, there):
    """What the registers say of them: exams, insurance, and education."""
    folder = site.folder
    shutil.copy(PHOTO, folder / "photo.jpg")
    who = {n: f"111,{registers.id_no(n)}" for n in PEOPLE}
    exams = [(APPLIES, here, "B", "07"), (APPLIES, here, "C3", "08"), (COMES, there, "B", "07"),
             (COMES, there, "C3", "08"), (LEAVES, here, "B", "07"), (LEAVES, here, "C3", "08"), (WAITS, here, "B", "07")]
    day = date.today() - timedelta(days=60)
    site.ctl("import", "people", registers.people_file(folder / "people.csv", PEOPLE, "photo.jpg"))
    site.ctl("import", "exam_results", registers.write(
        folder / "exams.csv", "exam_no,id_type,id_no,uscc,class,post,exam_date,score,passed",
        (f"KS{i},{who[n]},{uscc},{kind},{post},{day},88,1" for i, (n, uscc, kind, post) in enumerate(exams))))
    site.ctl("import", "insurance", registers.write(
        folder / "insurance.csv", "id_type,id_no,uscc,month",
        (f"{who[n]},{uscc},{month}" for n in PEOPLE for uscc in (here, there) for month in months(2))))
    site.ctl("import", "education", registers.write(
        folder / "education.csv", "record_no,id_type,id_no,uscc,class,hours,completed_on,provider",
        (f"XS{n}-{i},{who[n]},{here},B,8,{day},测速继续教育中心" for n in PEOPLE for i in range(3))))


def query(clerk, item, person, wish=None, status=303):
    """Names the person; where the draft is, or the matter of a refusal."""
    fields = [("id_type", "111"), ("id_no", registers.id_no(person)), ("name", registers.name(person))]
    answer = clerk.submit(clerk.page(f"/{item}/new"), f"/{item}/",
                          fields + ([("wish", wish)] if wish else []), status)
    return answer if status == 303 else refused(answer)


def refused(body):
    """The first matter that a page names."""
    return "/matters/" + re.search(r"\b[A-Z]{2}\d{8}-\d{8}\b", body).group()


def apply(clerk, person, wish):
    draft = query(clerk, "apply", person, wish)
    clerk.submit(clerk.page(draft), draft)


def warning(clerk, draft):
    """Where the check page leads with every certificate ticked."""
    body = clerk.page(draft)
    ids = sorted(set(re.findall(r'name="certificate" value="(\d+)"', body)))
    seen = re.search(r'name="seen" value="(\w+)"', body).group(1)
    reason = [("reason", "01")] if draft.startswith("/cancel/") else []
    return f"{draft}/confirm?" + urlencode([("certificate", i) for i in ids] + [("seen", seen)] + reason)


def matters(site, here, there):
    """Opens them; the pages by name."""
    for wish in ("B", "C"):
        apply(there, COMES, wish)
        apply(here, LEAVES, wish)
    apply(here, APPLIES, "B")
    apply(here, WAITS, "B")
    draft = query(here, "cancel", WAITS)
    here.submit(here.page(warning(here, draft)), draft)
    pages = {"apply.refused": query(here, "apply", NOBODY, "C", 409),
             "renew.refused": query(here, "apply", LEAVES, "B", 409),
             "transfer.refused": query(here, "transfer", COMES, status=409),
             "cancel.refused": query(here, "cancel", WAITS, status=409),
             "departure.refused": query(here, "departure", WAITS, status=409)}
    form = re.search(r'<form\b[^>]*action="/apply/".*?</form>', here.page("/apply/new"), re.S).group()
    here.ask("/rename/", hidden(form))
    pages["rename.refused"] = refused(here.page("/transfer/"))
    site.sql("UPDATE certificate SET held_since = held_since - INTERVAL 1 YEAR")
    for item, person, wish in (("apply", APPLIES, "C"), ("transfer", COMES, None), ("cancel", LEAVES, None),
                               ("departure", LEAVES, None)):
        for _ in range(ROWS + 1):
            pages[f"{item}.check"] = query(here, item, person, wish)
        pages[f"{item}.new"] = f"/{item}/new"
        pages[f"{item}.list"] = f"/{item}/"
    for item in ("cancel", "departure"):
        pages[f"{item}.confirm"] = warning(here, pages[f"{item}.check"])
    pages["cancel.sign"] = f"{draft}/sign"
    site.sql(f"UPDATE enterprise SET name = CONCAT('新', name) WHERE id = {here.firm}")
    return {**pages, "rename": "/rename/", "rename.confirm": "/rename/confirm"}


def local_firms(site):
    """Two firms of this city, the first with more than a page of certificates: id and code."""
    return [line.split("\t") for line in site.sql(
        "SELECT e.id, e.uscc FROM enterprise e JOIN certificate c ON c.enterprise_id = e.id WHERE e.region = 'local'"
        f" GROUP BY e.id HAVING COUNT(*) > {ROWS} ORDER BY e.id LIMIT 2").strip().split("\n")]


def clerk_of(site, origin, firm):
    clerk = Clerk(origin, site.login(firm))
    clerk.firm = firm
    return clerk


def statements(site, clerk, path):
    """How many one request of this page executes."""
    status = lambda: int(site.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'").split()[1])
    before = status()
    clerk.page(path)
    return status() - before


def main():
    with Ground() as ground:
        ground.database()
        site = Site(ground, "pages")
        site.ctl("demo", "--certificates", str(CERTIFICATES))
        (firm, here), (other, there) = local_firms(site)
        people_of(site, here, there)
        nginx = Nginx(ground)
        nginx.fastcgi(site.name, site.socket)
        site.web()
        nginx.start()
        origin = nginx.url(site.name, "")
        ground.wait(lambda: clerk_of(site, origin, firm).page("/apply/new"))
        clerk = clerk_of(site, origin, firm)
        paths = {"query": PEER, **matters(site, clerk, clerk_of(site, origin, other))}
        only = os.environ.get("ECERT_BENCH_PAGES", "").split()
        paths = {n: p for n, p in paths.items() if not only or n in ["query", *only]}
        taken = rounds({n: lambda p=p: wrk(origin + p, clerk.cookie, seconds=SECONDS) for n, p in paths.items()})
        time_of = {n: 1e6 / rate for n, (rate, _) in taken.items()}
        for name, path in paths.items():
            if name == "query":
                continue
            print(f"# {name}: {len(clerk.page(path).encode())} bytes, {statements(site, clerk, path)} statements")
            figure(f"page.{name}", time_of[name], "us a request", time_of[name] / time_of["query"],
                   f"{PEER}, {len(clerk.page(PEER).encode())} bytes, {statements(site, clerk, PEER)} statements",
                   GOAL, at_least=False)


if __name__ == "__main__":
    main()
