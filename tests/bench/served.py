"""ecert as a benchmark sees it: a configuration of its own, a schema of a given size, the installed
programs, and an nginx that serves it and its peers over the same plain loopback port."""
import os
import re

from ground import TOP, free_port, program, token


class Site:
    """One schema with its own ecertd socket."""

    def __init__(self, ground, name):
        self.ground, self.name = ground, name
        self.folder = ground.folder / name
        self.folder.mkdir(mode=0o755)
        self.socket = self.folder / "ecertd.sock"
        self.config = self.folder / "ecert.conf"
        self.origin = "https://localhost"
        ground.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4", "mysql")
        (self.folder / "authorities.pem").touch()
        self.config.write_text(f"""\
Database.Socket = {ground.db_socket}
Database.User = root
Database.Schema = {name}
Web.Listen = unix:{self.socket}
Web.SocketGroup =
Web.User =
Web.Workers = 8
Web.Requests = 0
Web.Templates = {TOP}/templates
Web.Origin = {self.origin}
Web.LoginOrigin = {self.origin}:8444
Login.Authorities = {self.folder}/seal/ca.pem
Login.FirmCode.0.Issuer = CN=bench authority
Login.FirmCode.0.Field = serialNumber
Vault.File = {self.folder}/vault.keys
Seal.Key = {self.folder}/seal/seal.key
Seal.Certificate = {self.folder}/seal/seal.pem
IssuerDaemon.User =
IssuerDaemon.Workers = 2
Schema.Folder = {TOP}/schema
Staff.CommonPasswords = {TOP}/conf/common-passwords.txt
Log.Level = warn
""" + fonts(), encoding="utf-8")
        self.seal()
        self.ctl("key", "make")
        self.ctl("migrate")

    def seal(self):
        """A throw-away key for the seal, RSA-2048."""
        folder = self.folder / "seal"
        folder.mkdir(mode=0o700)
        self.ground.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                        "-subj", "/CN=bench", "-addext", "keyUsage=critical,digitalSignature,keyCertSign",
                        "-keyout", folder / "seal.key", "-out", folder / "seal.pem")
        (folder / "seal.key").chmod(0o600)
        (folder / "ca.pem").write_bytes((folder / "seal.pem").read_bytes())

    def ctl(self, *arguments):
        return self.ground.run(program("ecertctl"), "-c", self.config, *arguments)

    def web(self, level="warn"):
        """Writes a line for each request into <name>.log at level info."""
        process = self.ground.start(program("ecertd"), "-c", self.config, env={"ECERT_LOG_LEVEL": level},
                                    log=f"{self.name}.log")
        self.ground.wait(self.socket.exists)
        return process

    def issuer(self):
        """Writes a line for each batch into <name>.log."""
        return self.ground.start(program("ecert-issuerd"), "-c", self.config,
                                 env={"ECERT_LOG_LEVEL": "info"}, log=f"{self.name}.log")

    def sql(self, text):
        return self.ground.sql(text, self.name)

    def number(self, text):
        return int(self.sql(text).split()[0])

    def login(self, enterprise):
        """A session for this firm, put where the programs look for it; the cookie's value, which
        says whose it is behind the secret."""
        cookie, digest = token()
        self.sql("INSERT INTO session (token_hash, subject_kind, subject_id, label, created_at, seen_at, expires_at)"
                 f" SELECT UNHEX('{digest}'), 1, id, name, NOW(3), NOW(3),"
                 f" NOW(3) + INTERVAL 7 HOUR FROM enterprise WHERE id = {enterprise}")
        return f"{cookie}.1.{enterprise}"

    def login_staff(self, number, roles):
        """The same for a member of staff, with the bits of the role."""
        cookie, digest = token()
        self.sql("INSERT INTO session (token_hash, subject_kind, subject_id, label, roles, created_at, seen_at,"
                 f" expires_at) SELECT UNHEX('{digest}'), 2, id, name, {roles}, NOW(3), NOW(3),"
                 f" NOW(3) + INTERVAL 3 HOUR FROM staff WHERE id = {number}")
        return f"{cookie}.2.{number}"


def fonts():
    """The chain of fonts as the packaged configuration has it."""
    text = (TOP / "conf" / "ecert.conf").read_text(encoding="utf-8")
    return re.search(r"^Fonts\.Chain \{.*?^\}", text, re.M | re.S).group()


class Nginx:
    """Plain HTTP on loopback: one port a backend, the same parameters for all."""

    PARAMETERS = """
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_param QUERY_STRING $query_string;
        fastcgi_param CONTENT_TYPE $content_type;
        fastcgi_param CONTENT_LENGTH $content_length;
        fastcgi_param REMOTE_ADDR $remote_addr;
        fastcgi_param SERVER_PROTOCOL $server_protocol;
        fastcgi_param ECERT_PORT site;
        fastcgi_param ECERT_ARRIVED $msec;
        fastcgi_param ECERT_CLIENT_CERT "";
"""

    def __init__(self, ground):
        self.ground, self.servers, self.ports = ground, [], {}

    def fastcgi(self, name, sock, extra=""):
        self.add(name, f"fastcgi_pass unix:{sock}; {self.PARAMETERS} {extra}")

    def proxy(self, name, sock):
        self.add(name, f"proxy_pass http://unix:{sock}; proxy_set_header Host localhost;")

    def add(self, name, location):
        self.ports[name] = free_port()
        self.servers.append(f"server {{ listen 127.0.0.1:{self.ports[name]} backlog=1024;"
                            f" location / {{ {location} }} }}")

    def start(self):
        folder = self.ground.folder / "nginx"
        folder.mkdir(exist_ok=True)
        conf = folder / "nginx.conf"
        user = "user root;" if os.getuid() == 0 else ""
        conf.write_text(f"""\
{user} worker_processes 2; daemon off; pid {folder}/pid; error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000; server_tokens off;
    client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    fastcgi_buffers 16 8k; proxy_buffers 16 8k;
    {"".join(self.servers)}
}}
""", encoding="utf-8")
        self.process = self.ground.start("/usr/sbin/nginx", "-p", folder, "-c", conf, log="nginx.log")

    def url(self, name, path):
        return f"http://127.0.0.1:{self.ports[name]}{path}"
