#!/usr/bin/env python3
"""Pages of the authority against the query page of a firm: the time a request takes with all cores at
work. Staff are few, and their pages look at the whole register: these figures are watched for a page
that grows with it, not raced.

A schema of 10,000 certificates and 200 proposals. Reading somebody's history is put on record in the
audit's chain, a durable transaction each, one after the other: those pages cost more by their nature.
"""
from urllib.parse import urlencode

from clerk import Clerk
from ground import Ground, figure, rounds, wrk
from pages import CERTIFICATES, PEER, SECONDS, clerk_of, local_firms, statements
from served import Nginx, Site

GOAL, RECORDED = 2, 15
PROPOSALS = 200


def member(site, origin, login, name, role, bit):
    site.ctl("staff", "add", login, name, role)
    number = site.sql(f"SELECT id FROM staff WHERE login = '{login}'").strip()
    return Clerk(origin, site.login_staff(number, bit))


def propose(site, reviewer):
    """Suspensions, one a certificate, that wait; as many as some pages hold."""
    numbers = site.sql("SELECT number FROM certificate WHERE state = '01' AND valid_until > CURDATE()"
                       f" ORDER BY id LIMIT {PROPOSALS}").split()
    today, until = site.sql("SELECT CURDATE(), CURDATE() + INTERVAL 60 DAY").split()
    for number in numbers:
        form = reviewer.page("/staff/sanctions/new?kind=suspend")
        preview = reviewer.submit(form, "/staff/sanctions/preview", [
            ("basis", "《测速条例》第一条"), ("reason", "测速"), ("from", today), ("until", until),
            ("numbers", number)], status=200)
        reviewer.submit(preview, "/staff/sanctions/", [("numbers", number)])


def pages(site):
    """By name: the path, and the goal."""
    person, number = site.sql("SELECT person_id, number FROM certificate ORDER BY id LIMIT 1").split()
    firm = site.sql("SELECT e.uscc FROM enterprise e JOIN certificate c ON c.enterprise_id = e.id LIMIT 1").strip()
    certificate = site.sql(f"SELECT id FROM certificate WHERE number = '{number}'").strip()
    search = lambda q: "/staff/search/?" + urlencode({"q": q})
    return {
        "search.number": (search(number), GOAL),
        "search.firm": (search(firm), GOAL),
        "search.name": (search("张"), GOAL),
        "history.person": (f"/staff/history/people/{person}", RECORDED),
        "history.certificate": (f"/staff/history/certificates/{certificate}", RECORDED),
        "statistics": ("/staff/statistics/", GOAL),
        "statistics.expiring": ("/staff/statistics/expiring", GOAL),
        "proposals.decide": ("/staff/proposals/?show=decide", GOAL),
        "proposals.waiting": ("/staff/proposals/?show=waiting", GOAL),
    }


def main():
    with Ground() as ground:
        ground.database()
        site = Site(ground, "staff")
        site.ctl("demo", "--certificates", str(CERTIFICATES))
        site.ctl("stats")
        (firm, _), _ = local_firms(site)
        nginx = Nginx(ground)
        nginx.fastcgi(site.name, site.socket)
        site.web()
        nginx.start()
        origin = nginx.url(site.name, "")
        ground.wait(lambda: clerk_of(site, origin, firm).page("/certificates/"))
        clerk = clerk_of(site, origin, firm)
        decider = member(site, origin, "decider", "测速决定", "decision", 4)
        propose(site, member(site, origin, "reviewer", "测速审核", "reviewer", 2))
        paths = pages(site)
        runs = {n: lambda p=p: wrk(origin + p, decider.cookie, seconds=SECONDS) for n, (p, _) in paths.items()}
        taken = rounds({"query": lambda: wrk(origin + PEER, clerk.cookie, seconds=SECONDS), **runs})
        time_of = {n: 1e6 / rate for n, (rate, _) in taken.items()}
        for name, (path, goal) in paths.items():
            print(f"# {name}: {len(decider.page(path).encode())} bytes, {statements(site, decider, path)} statements")
            figure(f"staff.{name}", time_of[name], "us a request", time_of[name] / time_of["query"],
                   f"{PEER} of a firm, {len(clerk.page(PEER).encode())} bytes", goal, at_least=False)


if __name__ == "__main__":
    main()
