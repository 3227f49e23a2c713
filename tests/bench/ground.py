"""What the benchmarks stand on: a private MariaDB, ecertd and ecert-issuerd on ports and folders of
their own, an nginx in front, wrk, and the one form in which figures are printed."""
import os
import re
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ECERT_BUILD", TOP / "var" / "build"))
CORES = os.cpu_count() or 1


def program(name):
    """A program as it was built."""
    path = BUILD / name
    if not path.exists():
        sys.exit(f"bench: {path} is not built; run this by `make bench`")
    return str(path)


def figure(name, value, unit, ratio, peer, goal, at_least=True, absolute=False):
    """Prints one figure; says whether the goal is met, and never fails for it. The goal is one of
    the ratio, or an absolute one, of the value itself."""
    held = value if absolute else ratio
    met = held >= goal if at_least else held <= goal
    sign = ">=" if at_least else "<="
    print(f"bench {name} {value:.6g} {unit} ratio {ratio:.3f} against {peer} "
          f"goal {sign}{goal:g} {'ok' if met else 'short'}", flush=True)
    return met


class Ground:
    """A folder with everything in it; ends what it started, whatever happens."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="ecert-bench-"))
        self.folder.chmod(0o755)
        self.running = []
        self.db_socket = str(self.folder / "db.sock")

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            self.end(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *command, env=None, log="log"):
        with open(self.folder / log, "ab") as out:
            process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=out,
                                       stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        self.running.append(process)
        return process

    def end(self, process, seconds=60):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.running:
            self.running.remove(process)

    def run(self, *command, env=None, text=None):
        return subprocess.run([str(c) for c in command], check=True, capture_output=True,
                              text=True, input=text, env={**os.environ, **(env or {})}).stdout

    # --- MariaDB -------------------------------------------------------------------------------
    def database(self, buffer_pool="2G"):
        data, scratch = self.folder / "db", self.folder / "tmp"
        scratch.mkdir()
        me = ["--user=root"] if os.getuid() == 0 else []
        self.run("mariadb-install-db", "--no-defaults", f"--datadir={data}",
                 "--auth-root-authentication-method=normal", *me)
        self.mariadbd = self.start(
            shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", *me,
            f"--datadir={data}", f"--tmpdir={scratch}", f"--socket={self.db_socket}", "--skip-networking",
            f"--innodb-buffer-pool-size={buffer_pool}", "--innodb-log-file-size=1G",
            "--innodb-flush-log-at-trx-commit=1", "--innodb-flush-method=O_DIRECT",
            "--max-connections=300", log="mariadbd.log")
        self.wait(lambda: Path(self.db_socket).exists() and self.sql("SELECT 1", schema="mysql"))

    def sql(self, text, schema):
        return self.run("mariadb", "--no-defaults", f"--socket={self.db_socket}", "-uroot", "-N", "-B",
                        "--default-character-set=utf8mb4", schema, text=text)

    def wait(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except (subprocess.CalledProcessError, OSError):
                pass
            time.sleep(0.1)
        for log in sorted(self.folder.glob("*.log")):
            print(f"# {log.name}: {log.read_text(errors='replace')[-500:]}")
        sys.exit("bench: what was started did not answer in time")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def token():
    """32 random bytes as a cookie carries them, and as hex of their SHA-256."""
    import base64
    import hashlib
    secret = secrets.token_bytes(32)
    return (base64.urlsafe_b64encode(secret).rstrip(b"=").decode(),
            hashlib.sha256(secret).hexdigest())


def private_kib(pid):
    """Private memory of a process, clean and dirty, in KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return sum(int(m.group(1)) for m in re.finditer(r"^Private_\w+:\s+(\d+) kB", f.read(), re.M))


def cpu_seconds(pid):
    """CPU time of a process and its children that still live."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for p in [pid, *children(pid)]:
        with open(f"/proc/{p}/stat", encoding="utf-8") as f:
            fields = f.read().rsplit(") ", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / ticks


def children(pid):
    path = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(c) for c in path.read_text(encoding="ascii").split()] if path.exists() else []
    return found + [g for c in found for g in children(c)]


def wrk(url, cookie, connections=32, seconds=8):
    """One run: requests a second, p99 in ms. Anything but 200 ends the benchmark."""
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
                          "-H", f"Cookie: __Host-ecert={cookie}", url],
                         check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"bench: {url} did not answer cleanly\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def rounds(runs, count=3):
    """Runs all in turn, `count` times, so that the machine's drift meets all alike; medians."""
    taken = {name: [] for name in runs}
    for _ in range(count):
        for name, run in runs.items():
            taken[name].append(run())
    return {name: tuple(statistics.median(v) for v in zip(*values)) for name, values in taken.items()}
