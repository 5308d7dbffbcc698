"""Processes, the network and the kernel's rarer doors."""

from __future__ import annotations

import os
import platform

import pytest

from playground.sandbox.filters.numbers import NUMBERS
from tests.attacks.programs import FINISHED, REFUSED, Ends, cases, check
from tests.serving import Server

PROCESSES = {
    "fork": "os.fork()",
    "fork with a terminal": "importlib.import_module('pty').fork()",
    "exec": "os.execv('/usr/bin/python3', ['python3', '-c', '1'])",
    "exec of a descriptor": "os.execve(os.open('/usr/bin/python3', os.O_RDONLY), ['python3'], {})",
    "spawn": "os.posix_spawn('/usr/bin/python3', ['python3'], {})",
    "subprocess": "importlib.import_module('subprocess').run(['/usr/bin/python3'])",
    "popen": "os.popen('id')",
    "kill init": "os.kill(1, 9)",
    "kill everybody": "os.kill(-1, 9)",
    "kill the group": "os.killpg(0, 9)",
    "kill the parent": "os.kill(os.getppid() or 1, 9)",
    "open a process": "os.pidfd_open(1)",
    "a lower nice": "os.nice(-20)",
    "a real-time class": "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))",
    "another processor": "os.sched_setaffinity(0, {0})",
    "a larger limit": "__import__('resource').setrlimit(7, (10**6, 10**6))",
    "a pseudo-terminal": "os.openpty()",
    "a session": "os.setsid()",
    "namespaces": "os.stat('/proc/self/ns/user')",
    "shared memory": "__import__('_posixshmem').shm_open('/x', os.O_CREAT | os.O_RDWR)",
    "a semaphore": "__import__('_multiprocessing').SemLock(1, 1, 1, '/x', False)",
    "an event descriptor": "__import__('select').epoll()",
}
NETWORK = {
    "a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "raw packets": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "link layer": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "version 6": "socket.socket(socket.AF_INET6)",
    "bluetooth": "socket.socket(31, socket.SOCK_RAW)",
    "to the host's own machines": "socket.socket(40)",
    "the kernel's ciphers": "socket.socket(38, 5)",
    "a local socket": "socket.socket(socket.AF_UNIX)",
    "a pair": "socket.socketpair()",
    "a name": "socket.getaddrinfo('example.org', 80)",
    "a server of its own": "socket.create_server(('0.0.0.0', 0))",
    "Redis": "socket.create_connection(('127.0.0.1', 6379), 1)",
    "metadata of a cloud": "socket.create_connection(('169.254.169.254', 80), 1)",
}
# Name, arguments: bare system calls, past all of Python. Every one must be refused or be absent.
BARE = {
    "mount": (0, 0, 0, 0, 0), "umount2": (0, 0), "pivot_root": (0, 0), "chroot": (0,), "unshare": (0x10000000,),
    "setns": (0, 0), "clone": (0x10000000 | 17, 0, 0, 0, 0), "clone3": (0, 0), "ptrace": (0, 0, 0, 0),
    "process_vm_readv": (1, 0, 0, 0, 0, 0), "process_vm_writev": (1, 0, 0, 0, 0, 0), "kcmp": (1, 1, 0, 0, 0),
    "pidfd_open": (1, 0), "pidfd_getfd": (0, 0, 0), "bpf": (0, 0, 0), "perf_event_open": (0, 0, 0, 0, 0),
    "keyctl": (0, 0, 0, 0, 0), "add_key": (0, 0, 0, 0, 0), "request_key": (0, 0, 0, 0), "userfaultfd": (1,),
    "io_uring_setup": (1, 0), "io_uring_enter": (0, 0, 0, 0, 0), "io_setup": (1, 0), "memfd_secret": (0,),
    "init_module": (0, 0, 0), "finit_module": (0, 0, 0), "delete_module": (0, 0), "kexec_load": (0, 0, 0, 0),
    "reboot": (0, 0, 0, 0), "swapon": (0, 0), "syslog": (3, 0, 0), "settimeofday": (0, 0), "acct": (0,),
    "sethostname": (0, 0), "personality": (0x0400000,), "modify_ldt": (0, 0, 0), "iopl": (3,),
    "shmget": (0, 4096, 0o1600),
    "semget": (0, 1, 0o1600), "msgget": (0, 0o1600), "mq_open": (0, 0, 0, 0), "open_tree": (-100, 0, 0),
    "move_mount": (0, 0, 0, 0, 0), "fsopen": (0, 0), "fsmount": (0, 0, 0), "mount_setattr": (0, 0, 0, 0, 0),
    "open_by_handle_at": (0, 0, 0), "name_to_handle_at": (-100, 0, 0, 0, 0), "fanotify_init": (0, 0),
    "quotactl": (0, 0, 0, 0), "move_pages": (0, 0, 0, 0, 0, 0), "mbind": (0, 0, 0, 0, 0, 0), "socket": (2, 1, 0),
}  # fmt: skip
BARE_CALLS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for name, number, words in {calls!r}:
    answer = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) for word in words])
    if answer != -1 or ctypes.get_errno() not in (1, 38):
        print("open:", name, answer, ctypes.get_errno())
"""


def test_no_process(server: Server) -> None:
    lines = "".join(f"print({name!r}, end=' ')\nattempt(lambda: {what})\n" for name, what in PROCESSES.items())
    said = "".join(f"{name} refused\n" for name in PROCESSES)
    check(server, f"import importlib, os\n{REFUSED}{lines}", Ends("finished", prints=said))


def test_no_way_out_by_network(server: Server) -> None:
    """The learner's own `import socket` is refused in words; the module below it finds every door shut."""
    lines = "".join(f"attempt(lambda: {what})\n" for what in NETWORK.values())
    lines += f"attempt(lambda: socket.create_connection(('127.0.0.1', {server.port}), 1))\n"
    result = check(server, f"import importlib\nsocket = importlib.import_module('socket')\n{REFUSED}{lines}", FINISHED)
    assert result["stdout"] == "refused\n" * (len(NETWORK) + 1)


def test_bare_system_calls(server: Server) -> None:
    numbers = NUMBERS[platform.machine()]
    calls = [(name, numbers[name], words) for name, words in BARE.items() if name in numbers]
    assert len(calls) > 40
    check(server, BARE_CALLS.format(calls=calls), Ends("finished", prints=""))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the 32-bit calls are x86-64's")
def test_calls_of_another_kind(server: Server) -> None:
    """The x32 twins of allowed calls are absent."""
    calls = [(name, 0x40000000 | number, (0, 0, 0)) for name, number in NUMBERS["x86_64"].items() if number < 20]
    check(server, BARE_CALLS.format(calls=calls), Ends("finished", prints=""))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the machine code is x86-64's")
def test_calls_of_another_machine(server: Server) -> None:
    """`int 0x80` enters the 32-bit kernel, where every number means something else: it ends the process."""
    program = """import ctypes, mmap
page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE, prot=7)
page.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))  # getpid of i386
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
print("it went through")
"""
    check(server, program, Ends("killed", "system call", "may do", prints=""))


CRASHES = {
    "segmentation fault": ("import ctypes; ctypes.string_at(0)", Ends("failed", None, "SIGSEGV")),
    "abort": ("import os; os.abort()", Ends("failed", None, "SIGABRT")),
    "exit code": ("import os; os._exit(7)", Ends("failed", None, "exit code 7")),
    "sys.exit": ("import sys; sys.exit(3)", Ends("failed", None, "exit code 3")),
    "quiet end": ("import os; os._exit(0)", FINISHED),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", Ends("lost", None, "SIGKILL")),
    "time signal": ("import os; os.kill(os.getpid(), 24)", Ends("killed", "cpu", "processor time")),
    "builtins gone": ("import builtins; builtins.__dict__.clear()", Ends("failed")),
    "modules gone": ("import sys; sys.modules.clear(); print('on')", Ends("finished", prints="on\n")),
    "name without end": ("raise type('x' * 10**6, (Exception,), {})('a')", Ends("failed")),
    "text without end": ("raise ValueError('x' * 10**7)", Ends("failed")),
    "lone surrogate": ("raise ValueError('\\ud800\\0<script>')", Ends("failed", None, "<script>")),
    "exception without text": ("class E(Exception):\n    def __str__(self): raise OSError\nraise E", Ends("failed")),
    "exception that exits": (
        "class M(type):\n    __name__ = property(lambda c: exit())\nclass E(Exception, metaclass=M): pass\nraise E",
        Ends("failed"),
    ),
    "syntax": ("def (", Ends("failed", None, "invalid syntax")),
    "nested too deeply": ("x = " + "-" * 100_000 + "1", Ends("killed", "memory")),
}


@cases(CRASHES)
def test_crashes_are_told(server: Server, program: str, ends: Ends) -> None:
    check(server, program, ends)


def test_descriptors_run_out(server: Server) -> None:
    program = "import os\nheld = []\nwhile True: held.append(os.open('/dev/null', os.O_RDONLY))"
    check(server, program, Ends("failed", None, "Too many open files"))


def test_the_server_lives_in_a_process_of_its_own(server: Server) -> None:
    """No number that a program can name is the server's: its processes are numbered by themselves."""
    program = f"import os\n{REFUSED}attempt(lambda: os.kill({server.process.pid}, 0))\nprint(os.getpid())"
    refused, own = check(server, program, FINISHED)["stdout"].splitlines()
    assert refused == "refused" and int(own) != server.process.pid
    os.kill(server.process.pid, 0)
