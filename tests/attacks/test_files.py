"""Files, folders and the environment: nothing of the host is to be read, and nothing to be written."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest

from playground.environment import ROOT
from tests.attacks.programs import FINISHED, REFUSED, check
from tests.serving import Server

NEW = uuid.uuid4().hex  # a name that nothing on the machine has
READ = {
    "passwords": ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/ssl/openssl.cnf"],
    "the process table": ["/proc/self/environ", "/proc/1/environ", "/proc/self/maps", "/proc/mounts", "/proc/cpuinfo"],
    "the kernel": ["/sys/kernel/notes", "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/tty", "/dev/ptmx"],
    "the project": [str(ROOT / "manage.py"), str(ROOT / "playground/settings.py"), str(ROOT / ".git/config")],
    "home": [str(Path.home() / name) for name in (".bashrc", ".profile", ".ssh/id_rsa", ".netrc", ".cache")],
    "up and away": ["../etc/passwd", "/../../etc/passwd", "/usr/lib/../../etc/passwd", "/app/../../etc/passwd"],
}
LISTED = {
    "folders": ["/proc", "/etc", "/root", "/home", "/var", "/sys", "/tmp", "/run", str(ROOT), str(Path.home())],
    "descriptors": ["/proc/self/fd", "/dev/fd", "/proc/self/task"],
}
CHANGED = {
    "written": [
        f"{folder}/{NEW}"
        for folder in ("/tmp", "/dev/shm", "", "/app/engine", "/packages/numpy", "/var/tmp", "/usr/lib")
    ],
    "made": [f"/tmp/{NEW}", f"/{NEW}", f"/dev/shm/{NEW}", "/app/d"],
}


@pytest.mark.parametrize("paths", [pytest.param(paths, id=name) for name, paths in READ.items()])
def test_reads_no_file_of_the_host(server: Server, paths: list[str]) -> None:
    lines = [f"attempt(lambda: os.read(os.open({path!r}, os.O_RDONLY), 9))\n" for path in paths]
    lines += [f"attempt(lambda: open({path!r}, 'rb').read(9))\n" for path in paths]
    result = check(server, f"import os\n{REFUSED}{''.join(lines)}", FINISHED)
    assert result["stdout"] == "refused\n" * len(lines)


def test_reads_neither_the_database_nor_the_key(server: Server) -> None:
    files = [str(path) for path in server.folder.iterdir() if path.is_file()]
    assert {Path(path).name for path in files} >= {"db.sqlite3", "secret_key"}
    lines = [f"attempt(lambda: open({path!r}, 'rb').read(9))\n" for path in files]
    lines += [f"attempt(lambda: os.listdir({str(server.folder)!r}))\n"]
    lines += [f"attempt(lambda: open('/proc/{server.process.pid}/root{path}').read(9))\n" for path in files]
    result = check(server, f"import os\n{REFUSED}{''.join(lines)}", FINISHED)
    assert result["stdout"] == "refused\n" * len(lines)


@pytest.mark.parametrize("paths", [pytest.param(paths, id=name) for name, paths in LISTED.items()])
def test_lists_no_folder_of_the_host(server: Server, paths: list[str]) -> None:
    """An empty folder of the sandbox's own may be listed; it has nothing of the host."""
    own = {"app", "packages", "usr", "dev", "lib", "lib64"}
    program = (
        f"import os\nfor path in {paths!r}:\n    try: print(path, sorted(os.listdir(path)))\n    except OSError: pass"
    )
    for line in check(server, program, FINISHED)["stdout"].splitlines():
        path, _, names = line.partition(" ")
        assert set(eval(names)) <= own, f"{path} shows {names}"


def test_writes_nowhere(server: Server) -> None:
    lines = [f"attempt(lambda: os.open({path!r}, os.O_CREAT | os.O_WRONLY, 0o600))\n" for path in CHANGED["written"]]
    lines += [f"attempt(lambda: os.mkdir({path!r}))\n" for path in CHANGED["made"]]
    lines += [
        "attempt(lambda: os.symlink('/etc/passwd', '/tmp/link'))\n",
        "attempt(lambda: os.link('/usr/bin/python3', '/tmp/link'))\n",
        "attempt(lambda: os.mkfifo('/tmp/fifo'))\n",
        "attempt(lambda: os.mknod('/tmp/node'))\n",
        "attempt(lambda: os.chmod('/usr/bin/python3', 0o777))\n",
        "attempt(lambda: os.rename('/app', '/away'))\n",
        "attempt(lambda: os.truncate(os.__file__, 0))\n",
        "attempt(lambda: os.unlink('/usr/bin/python3'))\n",
        "attempt(lambda: os.memfd_create('x'))\n",
        "attempt(lambda: os.setxattr('/usr/bin/python3', 'user.x', b'1'))\n",
        "attempt(lambda: os.chroot('/tmp'))\n",
        "attempt(lambda: os.posix_fallocate(0, 0, 1 << 30))\n",
    ]
    result = check(server, f"import os\n{REFUSED}{''.join(lines)}", FINISHED)
    assert result["stdout"] == "refused\n" * len(lines)


def test_climbs_out_of_no_inherited_folder(server: Server) -> None:
    program = """import os
for fd in range(64):
    for way in ("..", "../..", "../../../../..", "../../../../../../etc"):
        try:
            found = set(os.listdir(os.open(way, os.O_RDONLY, dir_fd=fd)))
        except OSError:
            continue
        print(fd, way, found)
"""
    assert check(server, program, FINISHED)["stdout"] == ""


def test_saves_plain_names_only(server: Server) -> None:
    for path in ("../../x", "/x", "a/b", "..", "~/x/y"):
        result = server.run(f"open({path!r}, 'w').write('x')")
        assert result["status"] == "failed" and "no disk" in result["error"]["message"], path


def test_the_environment_has_no_secret(server: Server) -> None:
    program = """import ctypes, os
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
print(sorted(os.environ))
print([libc.getenv(name) for name in (b"SECRET_KEY", b"DATA_DIR", b"PATH", b"DJANGO_SETTINGS_MODULE", b"USER")])
"""
    names, below = check(server, program, FINISHED)["stdout"].splitlines()
    assert not {"SECRET_KEY", "DATA_DIR", "DATABASE_URL", "PATH", "USER", "DJANGO_SETTINGS_MODULE"} & set(eval(names))
    assert eval(below) == [None] * 5


def test_memory_holds_no_secret_of_the_server(server: Server) -> None:
    """What the interpreter knows: neither where it lies on the host, nor another's token, nor the key."""
    other = server.run("1")
    secret = (server.folder / "secret_key").read_text().strip()
    hidden = [secret, other["control_token"], other["id"], str(server.folder), f"{ROOT}/", "DATA_DIR="]
    program = f"""import gc, os, sys
gc.unfreeze()
hidden = [text[::-1] for text in {[text[::-1] for text in hidden]!r}]
texts = {{sys.executable, sys.prefix, os.getcwd(), *sys.path, *sys.argv, *sys.orig_argv}}
for held in gc.get_objects():
    if isinstance(held, (dict, list, tuple, set)) and held is not hidden:
        texts |= {{x for x in (*held, *(held.values() if isinstance(held, dict) else ())) if type(x) is str}}
print(len(texts) > 10_000, [text for text in texts if len(text) < 10_000 and any(each in text for each in hidden)])
"""
    assert server.run(program)["stdout"] == "True []\n"


def test_our_own_modules_are_out_of_sight(server: Server) -> None:
    lines = [
        f"attempt(lambda: __import__({name!r}))\n"
        for name in (
            "django",
            "playground.settings",
            "playground.runner.session",
            "uvicorn",
            "manage",
            "playground.runs",
        )
    ]
    result = check(server, REFUSED + "".join(lines), FINISHED)
    assert result["stdout"] == "refused\n" * len(lines)


@pytest.mark.skipif(os.geteuid() != 0, reason="only a server that runs as root has users to give its workers")
def test_is_not_root(server: Server) -> None:
    program = f"""import os
{REFUSED}
attempt(lambda: os.setuid(0))
attempt(lambda: os.setgid(0))
attempt(lambda: os.setgroups([0]))
print(0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid(), *os.getgroups()))
"""
    assert check(server, program, FINISHED)["stdout"] == "refused\nrefused\nrefused\nFalse\n"
