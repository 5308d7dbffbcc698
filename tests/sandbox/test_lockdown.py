"""What a program can do inside a worker, and what it cannot."""

from __future__ import annotations

import errno
import os
import platform
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from playground.sandbox.filters.numbers import NUMBERS
from playground.sandbox.levels import Level

Inside = Callable[..., str]
REFUSALS = ("PermissionError", "FileNotFoundError", "OSError", "BlockingIOError", "ModuleNotFoundError", "gaierror")
HERE = Path(__file__).resolve()
NEW = uuid.uuid4().hex  # a name that nothing on the machine has

FILES = {
    "passwords": "open('/etc/passwd').read()",
    "host name": "open('/etc/hostname').read()",
    "the project": f"open({str(HERE.parents[2] / 'pyproject.toml')!r}).read()",
    "settings": f"open({str(HERE.parents[2] / 'playground/settings.py')!r}).read()",
    "this test": f"open({str(HERE)!r}).read()",
    "the home folder": f"import os; os.listdir({str(Path.home())!r})",
    "the list of processes": "import os; os.listdir('/proc')",
    "own memory map": "open('/proc/self/maps').read()",
    "environment of the supervisor": f"open('/proc/{os.getpid()}/environ').read()",
    "own environment": "open('/proc/self/environ').read()",
    "a disk": "open('/dev/vda', 'rb').read(1)",
    "the web framework": "import django",
    "above an inherited folder": """
import os
for fd in range(3, 64):
    for way in ('..', '../..', '../../..', '../../../../../..'):
        try:
            os.listdir(os.open(way, os.O_RDONLY, dir_fd=fd))
        except OSError:
            continue
        raise SystemExit(f'{fd} {way}')
raise PermissionError
""",
}
WRITES = {
    name: f"import os; os.close(os.open({path!r}, os.O_WRONLY | os.O_CREAT, 0o600))"
    for name, folder in {"tmp": "/tmp/", "shm": "/dev/shm/", "top": "/", "code": "/app/engine/", "cwd": ""}.items()
    for path in (folder + NEW,)
} | {
    "a folder": "import os; os.mkdir('/tmp/" + NEW + "')",
    "a temporary file": "import tempfile; tempfile.TemporaryFile()",
    "a link": "import os; os.symlink('/etc/passwd', '/tmp/" + NEW + "')",
    "a pipe in the file system": "import os; os.mkfifo('/tmp/" + NEW + "')",
    "the standard library": "import os; os.truncate(os.__file__, 0)",
    "a mode": "import os; os.chmod(os.__file__, 0o777)",
}
NETWORK = {
    "internet": "import socket; socket.socket()",
    "internet, version 6": "import socket; socket.socket(socket.AF_INET6)",
    "datagrams": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "local": "import socket; socket.socket(socket.AF_UNIX)",
    "netlink": "import socket; socket.socket(16, socket.SOCK_RAW)",
    "packets": "import socket; socket.socket(17, socket.SOCK_RAW)",
    "a pair": "import socket; socket.socketpair()",
    "a name": "import socket; socket.create_connection(('localhost', 80), 1)",
    "a page": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:1/', timeout=1)",
}
PROCESSES = {
    "fork": "import os; os.fork()",
    "exec": "import os; os.execv('/usr/bin/python3', ['python3'])",
    "spawn": "import os; os.posix_spawn('/usr/bin/python3', ['python3'], {})",
    "subprocess": "import subprocess; subprocess.run(['/bin/true'])",
    "a shell": "import os\nif os.system('true') != 0: raise PermissionError",
    "multiprocessing": "import multiprocessing as m; p = m.get_context('fork').Process(target=print); p.start()",
    "kill init": "import os; os.kill(1, 9)",
    "kill the supervisor": f"import os; os.kill({os.getpid()}, 9)",
    "kill everybody": "import os; os.kill(-1, 9)",
    "kill the group": "import os; os.killpg(0, 9)",
    "nice": "import os; os.nice(-5)",
    "become root": "import os; os.setuid(0)",
    "a larger limit": "import resource as r; r.setrlimit(r.RLIMIT_DATA, (-1, -1))",
    "another's limits": f"import resource as r; r.prlimit({os.getpid()}, r.RLIMIT_CPU, (1, 1))",
    "shared memory": "import multiprocessing.shared_memory as s; s.SharedMemory(create=True, size=1024)",
    "a shared map": "import mmap; mmap.mmap(-1, 4096)",
    "memfd": "import os; os.memfd_create('x')",
    "a lock": "import fcntl; fcntl.flock(0, fcntl.LOCK_EX)",
    "a file lock": "import fcntl; fcntl.lockf(1, fcntl.LOCK_EX)",
    "a terminal": "import os; os.openpty()",
    "typing for others": "import fcntl; fcntl.ioctl(0, 0x5412, b'x')",
}
# Name, arguments: each tried as a bare system call, past all of Python.
BARE = {
    "ptrace": (0, 0, 0, 0),
    "mount": (0, 0, 0, 0, 0),
    "umount2": (0, 0),
    "pivot_root": (0, 0),
    "chroot": (0,),
    "unshare": (0x10000000,),
    "setns": (0, 0),
    "clone": (0x10000000 | 17, 0, 0, 0, 0),
    "clone3": (0, 0),
    "keyctl": (0, 0, 0, 0, 0),
    "add_key": (0, 0, 0, 0, 0),
    "bpf": (0, 0, 0),
    "perf_event_open": (0, 0, 0, 0, 0),
    "io_uring_setup": (1, 0),
    "userfaultfd": (1,),
    "init_module": (0, 0, 0),
    "finit_module": (0, 0, 0),
    "kexec_load": (0, 0, 0, 0),
    "process_vm_readv": (1, 0, 0, 0, 0, 0),
    "pidfd_open": (1, 0),
    "shmget": (0, 4096, 0o1600),
    "semget": (0, 1, 0o1600),
    "msgget": (0, 0o1600),
    "mq_open": (0, 0, 0, 0),
    "memfd_secret": (0,),
    "open_tree": (-100, 0, 0),
    "fsopen": (0, 0),
    "name_to_handle_at": (-100, 0, 0, 0, 0),
    "personality": (0x0400000,),
    "syslog": (3, 0, 0),
    "reboot": (0, 0, 0, 0),
    "swapon": (0, 0),
    "settimeofday": (0, 0),
}
BARE_CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
answer = libc.syscall({number}, *[ctypes.c_long(word) for word in {words}]), ctypes.get_errno()
"""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(program, id=f"{kind}-{name}")
        for kind, programs in (("read", FILES), ("write", WRITES), ("network", NETWORK), ("process", PROCESSES))
        for name, program in programs.items()
    ],
)
def test_refused(inside: Inside, program: str) -> None:
    """Each of these is an error inside, and nothing else."""
    answer = inside(program)
    assert answer.startswith((*REFUSALS, "URLError", "ValueError: not allowed to raise")), answer


def test_refused_past_python(inside: Inside) -> None:
    """The kernel's rarer doors are shut to bare system calls."""
    numbers = NUMBERS[platform.machine()]
    calls = {name: words for name, words in BARE.items() if name in numbers}
    program = "answers = {}\n"
    for name, words in calls.items():
        program += BARE_CALL.format(number=numbers[name], words=words) + f"answers[{name!r}] = answer\n"
    answers = eval(inside(program + "answer = answers"))
    refused = {(-1, errno.EPERM), (-1, errno.ENOSYS)}
    assert {name: answer for name, answer in answers.items() if answer not in refused} == {}
    assert answers.keys() == calls.keys()


def test_environment_tells_nothing(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the server's environment is inside, in Python's copy or below it."""
    monkeypatch.setenv("SECRET_KEY", "not-to-be-seen")
    answer = inside(
        "import ctypes, os\nread = ctypes.CDLL(None).getenv\nread.restype = ctypes.c_char_p\n"
        "answer = read(b'SECRET_KEY'), sorted(os.environ), read(b'PATH')"
    )
    secret, names, path = eval(answer)
    assert secret is None
    assert path is None
    assert not {"SECRET_KEY", "PATH", "USER", "VIRTUAL_ENV"} & set(names)


def test_paths_tell_nothing(inside: Inside) -> None:
    """Where the interpreter and the project lie on the host is not to be seen inside."""
    answer = inside(
        "import os, sys, engine, numpy\n"
        "links = []\n"
        "for fd in range(64):\n"
        "    try: links.append(os.readlink(f'/proc/self/fd/{fd}'))\n"
        "    except OSError: pass\n"
        "answer = sys.path, sys.prefix, sys.executable, sys.argv, engine.__path__, numpy.__file__, os.getcwd(), links"
    )
    assert "engine" in answer
    assert str(Path.home()) not in answer
    assert str(HERE.parents[2]) not in answer


def test_user_is_not_root(inside: Inside, level: Level) -> None:
    """The worker is nobody, or at least not root."""
    user = int(inside("import os; answer = os.getuid()"))
    assert user == 65534 if level.name == "A" else user != 0


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import numpy as np; a = np.ones((300, 300)); answer = float((a @ a)[0, 0])", "300.0"),
        ("import numpy as np; answer = float(np.random.default_rng(0).normal(size=100_000).std().round(1))", "1.0"),
        ("answer = len(__import__('secrets').token_bytes(8))", "8"),
        ("import time; t = time.monotonic(); time.sleep(0.01); answer = time.monotonic() - t >= 0.01", "True"),
        ("import statistics, decimal, json, sqlite3; answer = statistics.mean([1, 3])", "2"),
        ("import os; answer = open(os.devnull, 'w').write('x')", "1"),
        ("import hashlib; answer = hashlib.sha256(b'').hexdigest()[:4]", "'e3b0'"),
        ("import signal\ntry: signal.raise_signal(2)\nexcept KeyboardInterrupt: answer = 'raised'", "'raised'"),
        ("early.set(); answer = early.is_set()", "True"),
        (
            "from concurrent.futures import ThreadPoolExecutor\n"
            "with ThreadPoolExecutor(8) as pool: answer = sum(pool.map(abs, range(-50, 0)))",
            "1275",
        ),
        ("import PIL.Image, contourpy, fontTools.ttLib, kiwisolver, cycler; answer = cycler.__name__", "'cycler'"),
        ("import engine; answer = engine.__name__", "'engine'"),
        ("import os; answer = os.isatty(0)", "False"),
    ],
)
def test_computing_works(inside: Inside, program: str, expected: str) -> None:
    """What a learner's program needs is there: numbers, chance, time, threads, the standard library."""
    assert inside(program) == expected


def test_memory_ends_in_an_error(inside: Inside) -> None:
    """A memory bomb meets MemoryError, in NumPy and in Python, and the worker lives on to say so."""
    bomb = "held = []\ntry:\n    while True: held.append({})\nexcept MemoryError: del held; answer = 'ended'"
    assert inside(bomb.format("np.ones(1 << 20)"), memory_mb=256) == "'ended'"
    assert inside(bomb.format("b'x' * (1 << 20) + b''"), memory_mb=256) == "'ended'"


def test_memory_cannot_be_had_as_a_stack(inside: Inside) -> None:
    """A private map that grows down, or a huge one, would not count as data: neither is to be had."""
    answer = inside(
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.mmap.restype = ctypes.c_long\n"
        "answer = [libc.mmap(None, ctypes.c_size_t(1 << 20), 3, flags | 0x22, -1, ctypes.c_long(0)) "
        "for flags in (0x100, 0x40000)]"
    )
    assert answer == "[-1, -1]"


def test_threads_end_in_an_error(inside: Inside) -> None:
    """A bomb of threads meets an error after a few dozen."""
    answer = inside(
        "import threading\nthreading.stack_size(65536)\nwait = threading.Event()\ncount = 0\n"
        "try:\n    while count < 5000:\n        threading.Thread(target=wait.wait, daemon=True).start(); count += 1\n"
        "except RuntimeError: pass\nwait.set()\nanswer = count"
    )
    assert 4 <= int(answer) < 4000


def test_open_files_end_in_an_error(inside: Inside) -> None:
    """Descriptors run out at the limit."""
    assert inside("import os\nheld = [open(os.devnull) for _ in range(100)]").startswith("OSError: [Errno 24]")


def test_time_ends_by_a_signal(inside: Inside) -> None:
    """A spin meets the limit on processor time, and the end says which limit it was."""
    assert inside("while True: pass", cpu_s=1) == "died of 24, exit code None, limit cpu"


def test_crash_is_told(inside: Inside) -> None:
    """A crash in C is told by its signal."""
    assert inside("import ctypes; ctypes.string_at(0)") == "died of 11, exit code None, limit None"


def test_exit_is_told(inside: Inside) -> None:
    """A program that ends its process is told by its exit code."""
    assert inside("import os; os._exit(7)") == "died of None, exit code 7, limit None"
