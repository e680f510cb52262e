"""Private git servers on 127.0.0.1, one over ssh and one over http: what a site's remote is when it is not a folder.

The one is OpenSSH's own sshd with a key of its own, the other `git http-backend` behind a small web server, which can
ask for a password and can be told to misbehave.
"""

import base64
import os
import pwd
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers import HOST, NotThere, end, free_port, wait_for

USER = pwd.getpwuid(os.getuid()).pw_name


# --- ssh


@dataclass(frozen=True, slots=True)
class SshServer:
    """A running sshd: its port, and the files that a client needs for it, with wrong ones to be refused with."""

    port: int
    key: Path
    wrong_key: Path
    known_hosts: Path
    wrong_known_hosts: Path

    def url(self, folder: Path) -> str:
        """The address of the repository in `folder`."""
        return f"ssh://{USER}@{HOST}:{self.port}{folder}"

    def environment(self, *, key: Path | None = None, known_hosts: Path | None = None) -> dict[str, str]:
        """What git must be told to come in, or, with another of the two files, not to."""
        words = ["ssh", "-F", "none", "-i", str(key or self.key), "-oIdentitiesOnly=yes", "-oBatchMode=yes"]
        words += ["-oStrictHostKeyChecking=yes", f"-oUserKnownHostsFile={known_hosts or self.known_hosts}"]
        return {"GIT_SSH_COMMAND": " ".join([*words, "-oGlobalKnownHostsFile=/dev/null"])}


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """An sshd that lets in one key alone, as the user that runs the tests; all of its files are in `folder`."""
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise NotThere("sshd is not installed: run scripts/install_servers.sh")
    folder.mkdir(parents=True, exist_ok=True)
    host_key, another, key, wrong_key = (folder / name for name in ("host", "another-host", "key", "wrong-key"))
    for made in (host_key, another, key, wrong_key):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", made], check=True)
    port, log, config = free_port(), folder / "log", folder / "sshd_config"
    (folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    for name, of in (("known_hosts", host_key), ("wrong_known_hosts", another)):
        kind, public, _ = of.with_suffix(".pub").read_text().split()
        (folder / name).write_text(f"[{HOST}]:{port} {kind} {public}\n")
    lines = [f"Port {port}", f"ListenAddress {HOST}", f"HostKey {host_key}", "PidFile none", "StrictModes no"]
    lines += [f"AuthorizedKeysFile {folder}/authorized_keys", "UsePAM no", "PasswordAuthentication no"]
    lines += ["KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password", f"AllowUsers {USER}"]
    config.write_text("\n".join(lines) + "\n")
    with suppress(OSError):  # where sshd separates its privileges; who is not root has none to separate
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen([program, "-D", "-e", "-f", config], stdout=output, stderr=output)
    try:
        wait_for(lambda: b"Server listening" in log.read_bytes(), "sshd", process, log)
        yield SshServer(port, key, wrong_key, folder / "known_hosts", folder / "wrong_known_hosts")
    finally:
        end(process)


# --- http


@dataclass(slots=True)
class WebServer:
    """A running `git http-backend`; how it behaves can be changed at any time.

    `password` must be given by every client, if there is one. `fault` is what goes wrong: "garbage" (200 and no git),
    "nothing" (200 and empty), "torn pack" (a fetch ends in the middle), "hang" (no answer until the fault is over),
    "no answer to a push" (the push is taken and the connection cut), or nothing. `given` are the names and passwords
    that came; `says`, if set, is the answer to everybody who gave one, `sends_on` where everybody is redirected to; who
    gave one waits while `go_on` is clear, and `waiting` tells so.
    """

    port: int
    password: str = ""
    fault: str = ""
    asked: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    says: tuple[int, str] | None = None
    sends_on: str = ""
    waiting: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """The address of the server."""
        return f"http://{HOST}:{self.port}"

    def url(self, name: str) -> str:
        """The address of the repository called `name`."""
        return f"{self.address}/{name}"


@contextmanager
def web_server(root: Path) -> Iterator[WebServer]:
    """All the repositories in `root` over http, to read and to push to."""
    programs = subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip()
    backend = Path(programs) / "git-http-backend"
    if not backend.exists():
        raise NotThere("git http-backend is not installed")
    told = WebServer(0)
    told.go_on.set()
    server = _Server((HOST, 0), type("Handler", (_Handler,), {"told": told, "root": root, "backend": backend}))
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.fault = ""
        told.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hung up: that is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    told: WebServer
    root: Path
    backend: Path
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        self.told.asked.append(self.path)
        if self._is_stopped_at_the_door():
            return
        fault = self.told.fault
        if fault == "hang":
            self._wait()
            return
        if fault in ("garbage", "nothing"):
            page = (
                b"<!doctype html>\n<h1>\xff\xfe The router's login page, which answers for everybody else</h1>\n" * 20
            )
            self._send(200, {"Content-Type": "text/html"}, page if fault == "garbage" else b"")
            return
        headers, content = self._backend(path, query, body)
        status = int(headers.pop("Status", "200").split()[0])
        if fault == "no answer to a push" and path.endswith("/git-receive-pack"):
            self._cut()
            return
        if fault == "torn pack" and path.endswith("/git-upload-pack") and b"PACK" in content:
            # All the headers promise, the half of it comes.
            headers["Content-Length"] = str(len(content))
            self._send(status, headers, content[: content.index(b"PACK") + 60])
            self._cut()
            return
        self._send(status, headers, content)

    def _backend(self, path: str, query: str, body: bytes) -> tuple[dict[str, str], bytes]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": HOST,
            # Without a user the backend takes no push.
            "REMOTE_USER": "somebody",
        }
        done = subprocess.run([self.backend], input=body, env=environment, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")]
        return {name: value for name, _, value in lines if name}, content

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _is_stopped_at_the_door(self) -> bool:
        """Whether this one was answered already: sent on, refused, or told what everybody is told."""
        told = self.told
        given = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if given:
            told.given.append(given)
            told.waiting.set()
            told.go_on.wait(20)
        if told.sends_on:
            self._send(302, {"Location": told.sends_on + self.path}, b"")
        elif given and told.says:
            words = told.says[1].format(given=given, header=self.headers["Authorization"])
            self._send(told.says[0], {"Content-Type": "text/plain"}, words.encode())
        elif told.password and given.partition(":")[2] != told.password:
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
        else:
            return False
        return True

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _wait(self) -> None:
        until = threading.Event()
        while self.told.fault == "hang":
            until.wait(0.05)
        self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(2)
