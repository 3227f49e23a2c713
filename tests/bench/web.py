#!/usr/bin/env python3
"""The signed-in query page: session check and list, 20 rows.

In a database of 1,000,000 certificates against three peers behind the same nginx, all of which
run the same two statements as ecertd sends them: PHP-FPM written by hand, Django under gunicorn,
and the floor, a bare libfcgi loop that prints a constant page of the same size. Then ecertd alone
with a small and a large database. Sizes by ECERT_BENCH_SIZES="10000 1000000 10000000".
"""
import os
import re
import shutil
import urllib.request
from pathlib import Path

from ground import Ground, figure, program, rounds, wrk
from peers import Page
from served import Nginx, Site

HERE = Path(__file__).resolve().parent
ROWS, PATH = 20, "/certificates/"
SMALL, MIDDLE, LARGE = map(int, os.environ.get("ECERT_BENCH_SIZES",
                                               "10000 1000000 10000000").split())


def get(url, cookie):
    request = urllib.request.Request(url, headers={"Cookie": f"__Host-ecert={cookie}"})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode(), answer.headers


def statements(ground, url, cookie):
    """The two statements as ecertd sends them, read from the server's own log before any page was asked for."""
    ground.sql("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1", "mysql")
    for _ in range(32):  # a worker prepares them on its first use, and one may answer all
        get(url, cookie)
    ground.sql("SET GLOBAL general_log = 0", "mysql")
    text = ground.sql("SELECT DISTINCT argument FROM general_log WHERE command_type = 'Prepare'",
                      "mysql").strip().split("\n")
    session = [t for t in text if " FROM session" in t]
    listing = [t for t in text if " FROM certificate" in t]
    assert len(session) == len(listing) == 1, text
    return session[0], listing[0]


def largest_firm(site):
    """A firm with a full page of certificates in force, all with their documents made."""
    return site.number("SELECT enterprise_id FROM certificate GROUP BY enterprise_id"
                       " HAVING COUNT(*) >= 21 ORDER BY MIN(state <> '01' OR generation <> 2"
                       " OR valid_until < CURDATE()), COUNT(*) LIMIT 1")


def reference(site, firm, body):
    """The page cut into what is constant and what is not."""
    rows = [dict(zip(("id", "number", "name", "class", "until"), line.split("\t")))
            for line in site.sql(
                "SELECT id, number, holder_name, class, valid_until FROM certificate"
                f" WHERE enterprise_id = {firm} ORDER BY id DESC LIMIT {ROWS}").strip().split("\n")]
    csrf = re.search(r'name="_csrf" value="([^"]+)"', body).group(1)
    label = site.sql(f"SELECT name FROM enterprise WHERE id = {firm}").strip()
    secrets = {"csrf": csrf, "label": label, "next": f"after={rows[-1]['id']}"}
    return Page(body, rows, secrets)


def php_peer(ground, site, page, session, listing, headers):
    folder = ground.folder / "php"
    folder.mkdir()
    shutil.copy(HERE / "peers" / "query.php", folder)
    template = page.php({
        "id": "$row[0]", "class": "$row[1]", "number": "$row[2]", "name": "$row[3]",
        "until": "$row[5]", "csrf": "$csrf", "label": "$session[2]",
        "next": "'after=' . $rows[19][0]"})
    sends = "".join(f"    header({quote(f'{k}: {v}')});\n" for k, v in headers)
    (folder / "page.php").write_text(f"""<?php
const DB_SOCKET = {quote(ground.db_socket)};
const DB_SCHEMA = {quote(site.name)};
const SESSION_SQL = {quote(session)};
const LIST_SQL = {quote(listing)};
function page_headers(): void
{{
{sends}}}
function page(array $session, array $rows, string $csrf): void
{{
?>{template}<?php }}
""", encoding="utf-8")
    user = "user = root\ngroup = root\n" if os.getuid() == 0 else ""
    (folder / "fpm.conf").write_text(f"""\
[global]
error_log = {folder}/fpm.log
daemonize = no
[www]
{user}listen = {folder}/fpm.sock
listen.backlog = 1024
pm = static
pm.max_children = 8
php_admin_value[opcache.enable] = 1
php_admin_value[opcache.validate_timestamps] = 0
php_admin_value[opcache.jit_buffer_size] = 64M
php_admin_value[opcache.jit] = tracing
""")
    ground.start("/usr/sbin/php-fpm8.2", "-F", "-y", folder / "fpm.conf",
                 *(["-R"] if os.getuid() == 0 else []), log="php.log")
    ground.wait((folder / "fpm.sock").exists)
    return folder


def django_peer(ground, site, page, session, listing, headers):
    folder = ground.folder / "django"
    folder.mkdir()
    shutil.copy(HERE / "peers" / "django_peer.py", folder)
    (folder / "page.html").write_text(page.django({
        "id": "row.0", "class": "row.1", "number": "row.2", "name": "row.3",
        "until": 'row.5|date:"Y-m-d"', "csrf": "csrf", "label": "session.2", "next": "next"}),
        encoding="utf-8")
    (folder / "sql.py").write_text(
        f"SOCKET = {str(ground.db_socket)!r}\nSCHEMA = {site.name!r}\n"
        f"SESSION = {session.replace('%', '%%').replace('?', '%s')!r}\n"
        f"LIST = {listing.replace('%', '%%').replace('?', '%s')!r}\n"
        f"HEADERS = {headers!r}\n", encoding="utf-8")
    ground.start("gunicorn", "--workers=5", f"--bind=unix:{folder}/sock", f"--chdir={folder}",
                 "--keep-alive=60", "django_peer:application",
                 env={"PYTHONPATH": str(folder)}, log="django.log")
    ground.wait((folder / "sock").exists)
    return folder


def quote(text):
    """A PHP literal."""
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def same_bytes(name, body, peer):
    token = re.compile(r'(?<=name="_csrf" value=")[\w-]+')
    hide = lambda text: token.sub(lambda m: "x" * len(m.group()), text)
    assert hide(body) == hide(peer), f"{name} prints another page"


def compare(ground, site, nginx):
    firm = largest_firm(site)
    cookie = site.login(firm)
    url = nginx.url(site.name, PATH)
    session, listing = statements(ground, url, cookie)
    body, headers = get(url, cookie)
    assert body.count("<tr>") == ROWS + 1, "the firm has no full page"
    kept = [(k, v) for k, v in headers.items() if k.lower() not in
            ("server", "date", "connection", "transfer-encoding", "content-length")]
    page = reference(site, firm, body)
    php = php_peer(ground, site, page, session, listing, kept)
    django = django_peer(ground, site, page, session, listing, kept)
    peers = Nginx(ground)
    peers.fastcgi("php", php / "fpm.sock", f"fastcgi_param SCRIPT_FILENAME {php}/query.php;")
    peers.proxy("django", django / "sock")
    floor = ground.folder / "floor.sock"
    ground.start(program("tests/bench/floor"),
                 floor, ground.db_socket, site.name, "8", len(body.encode()))
    ground.wait(floor.exists)
    peers.fastcgi("floor", floor)
    peers.start()
    urls = {"ecert": url, **{n: peers.url(n, PATH) for n in peers.ports}}
    for name in ("php", "django"):
        ground.wait(lambda: get(urls[name], cookie))
        same_bytes(name, body, get(urls[name], cookie)[0])
    taken = rounds({n: lambda u=u: wrk(u, cookie) for n, u in urls.items()})
    rate, late = taken["ecert"]
    print(f"# page {len(body.encode())} bytes, {MIDDLE} certificates; requests/s and p99 ms: {taken}")
    figure("query.php", rate, "requests/s", rate / taken["php"][0], "PHP-FPM", 2.0)
    figure("query.php.p99", late, "ms", late / taken["php"][1], "PHP-FPM", 0.6, at_least=False)
    figure("query.django", rate, "requests/s", rate / taken["django"][0], "Django and gunicorn", 8.0)
    figure("query.floor", rate, "requests/s", rate / taken["floor"][0], "a bare libfcgi loop", 0.8)
    peers.ground.end(peers.process)


def sizes(sites, nginx):
    """The same page however many certificates there are."""
    runs = {}
    for site in sites:
        cookie = site.login(largest_firm(site))
        runs[site.name] = lambda u=nginx.url(site.name, PATH), c=cookie: wrk(u, c)
    taken = rounds(runs)
    small, large = (taken[s.name][0] for s in sites)
    figure("query.size", large, "requests/s", large / small,
           f"{SMALL} certificates instead of {LARGE}", 0.8)


def main():
    with Ground() as ground:
        ground.database("6G")
        nginx = Nginx(ground)
        made = {}
        for count in (SMALL, MIDDLE, LARGE):
            site = made[count] = Site(ground, f"size{count}")
            site.ctl("demo", "--certificates", str(count))
            site.web()
            nginx.fastcgi(site.name, site.socket)
        nginx.start()
        ground.wait(lambda: get(nginx.url(made[MIDDLE].name, "/login"), ""))
        compare(ground, made[MIDDLE], nginx)
        sizes([made[SMALL], made[LARGE]], nginx)


if __name__ == "__main__":
    main()
