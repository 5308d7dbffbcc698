"""Memory, threads, processor time, and floods of everything that a program may say."""

from __future__ import annotations

import pytest

from tests.attacks.programs import FINISHED, TIMEOUT, WIRE, Ends, cases, check
from tests.serving import Server

MEMORY = Ends("killed", "memory")
MEMORY_BOMBS = {
    "one array of bytes": ("bytearray(10**10)", MEMORY),
    "NumPy": ("import numpy; numpy.ones(10**10)", MEMORY),
    "NumPy, piece by piece": ("import numpy\nheld = []\nwhile True: held.append(numpy.ones(1 << 20))", MEMORY),
    "a tensor": ("import torch; torch.ones(10**6, 10**4)", MEMORY),
    "a text that doubles": ("text = 'a'\nwhile True: text += text", MEMORY),
    "a list of texts": ("held = []\nwhile True: held.append('x' * 10**6 + str(len(held)))", MEMORY),
    "a whole number": ("1 << 10**11", MEMORY),
    "a list from a range": ("list(range(10**11))", MEMORY),
    "private maps": (
        "import mmap\nheld = []\nwhile True: held.append(mmap.mmap(-1, 1 << 26, flags=mmap.MAP_PRIVATE))",
        MEMORY,
    ),
    "a data set": ("import playground; playground.dataset('moons', n=10**10)", MEMORY),
    "threads": (
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
        Ends("killed", "threads", "can't start new thread"),
    ),
    "recursion": ("def f(): f()\nf()", Ends("failed", None, "maximum recursion depth")),
    "recursion in C": (
        "import sys\nsys.setrecursionlimit(10**9)\nheld = []\nfor _ in range(10**5): held = [held]\nrepr(held)",
        Ends("failed", None, "SIGSEGV"),
    ),
    "never giving in": (
        "held = []\nwhile True:\n    try: held.append(bytearray(10**6))\n    except MemoryError: pass",
        TIMEOUT,
    ),
    "a graph": ("import torch\nx = torch.ones(10**6, requires_grad=True)\nwhile True: x = torch.sigmoid(x)", MEMORY),
}
SPINS = {
    "endless": ("while True: pass", TIMEOUT),
    "in C": ("pow(10**6, 10**7)", TIMEOUT),
    "a regular expression": ("import re; re.match('(a+)+$', 'a' * 40 + 'b')", TIMEOUT),
    "one long product": ("import numpy as np\na = np.ones((5000, 5000))\nwhile True: a @ a", TIMEOUT),
    "asleep": ("import time; time.sleep(100)", TIMEOUT),
    "catching everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        TIMEOUT,
    ),
    "signals blocked": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass",
        TIMEOUT,
    ),
    "signals ignored": (
        "import signal\nfor n in signal.valid_signals():\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nwhile True: pass",
        TIMEOUT,
    ),
    "standing still": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", TIMEOUT),
    "threads": (
        "import threading\ndef f():\n    while True: pass\nfor _ in range(8): threading.Thread(target=f).start()",
        TIMEOUT,
    ),
    "threads left alone": (
        "import threading\ndef f():\n    while True: pass\n"
        "for _ in range(8): threading.Thread(target=f, daemon=True).start()",
        FINISHED,
    ),
    "in an exit function": ("import atexit\n@atexit.register\ndef f():\n    while True: pass", TIMEOUT),
    "in the text of an exception": (
        "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
        TIMEOUT,
    ),
    "the wires closed": ("import os\nos.closerange(3, 64)\nwhile True: pass", TIMEOUT),
    "a lock that nobody opens": ("import threading\nlock = threading.Lock()\nlock.acquire(); lock.acquire()", TIMEOUT),
}
FLOODS = {
    "print": ("while True: print('x' * 1000)", TIMEOUT),
    "one long line": ("print('x' * 10**8)", FINISHED),
    "a million lines": ("for i in range(200_000): print(i)", FINISHED),
    "stderr": ("import sys\nwhile True: sys.stderr.write('e' * 10_000)", TIMEOUT),
    "every descriptor but the wire": (
        "import os\nwhile True:\n    for fd in (1, 2): os.write(fd, b'\\0\\xff' * 30_000)",
        TIMEOUT,
    ),
    "every descriptor": (
        "import os\nfor fd in range(64):\n    try: os.write(fd, b'\\xff' * 1000)\n    except OSError: pass\n"
        "import time; time.sleep(9)",
        Ends("killed", "messages", fields={"time_limit_s": 3}),
    ),
    "series": ("import playground\nfor i in range(10**5): playground.log(**{f's{i}': i})", FINISHED),
    "points": ("import playground\nfor i in range(10**5): playground.log(a=i)", FINISHED),
    "sliders": ("import playground\nfor i in range(10**5): playground.param(f'p{i}', 0.5, 0, 1)", FINISHED),
    "files": ("for i in range(400): open(f'f{i}', 'w').write('x' * 10_000)", FINISHED),
    "too many files": ("for i in range(9999): open(f'f{i}', 'w').write('x')", Ends("failed", None, "may save 500")),
    "too large a file": ("open('f', 'wb').write(bytes(17 << 20))", Ends("failed", None, "16 MB in all")),
    "a long graph": (
        "import torch\nx = y = torch.ones(2, requires_grad=True)\nfor _ in range(20_000): y = y + x\n"
        "y.sum().backward()",
        Ends("finished", fields={"time_limit_s": 20}),
    ),
    "many graphs": (
        "import torch\nx = torch.ones(2, requires_grad=True)\nfor i in range(300):\n    y = x\n"
        "    for _ in range(i): y = y * x\n    y.sum().backward()",
        Ends("finished", fields={"time_limit_s": 20}),
    ),
    "many parameters": (
        "import torch\nheld = {'p' * 150 + str(i): torch.nn.Parameter(torch.ones(2)) for i in range(3000)}\n"
        "globals().update(held)\nsum((p * p).sum() for p in held.values()).backward()",
        Ends("finished", fields={"time_limit_s": 20}),
    ),
    "messages": (
        WIRE + "data = pack({'type': 'stdout', 'text': 'x'})\nraw((struct.pack('<I', len(data)) + data) * 51_000)\n"
        "time.sleep(9)",
        Ends("killed", "messages", "50000", fields={"time_limit_s": 20}),
    ),
    "tensors for the record": (
        WIRE + "many = {'type': 'record', 'tensor': {'type': 'tensor', 'node': 'x', 'step': 1, 'what': 'value', "
        "'values': [1] * 250_000}}\nwhile True: send(many)",
        Ends("killed", "messages", fields={"time_limit_s": 30}),
    ),
    "parts of files": (
        WIRE + "while True: send({'type': 'file', 'name': 'a', 'offset': 0, 'size': 1, 'data': bytes(200_000)})",
        Ends("killed", "files", fields={"time_limit_s": 30}),
    ),
}


@cases(MEMORY_BOMBS)
def test_memory(server: Server, program: str, ends: Ends) -> None:
    if ends.status == "killed":
        ends = Ends(ends.status, ends.limit, ends.says, fields={"time_limit_s": 20})
    check(server, program, ends)


@cases(SPINS)
def test_time(server: Server, program: str, ends: Ends) -> None:
    result = check(server, program, ends)
    assert result["duration_s"] < 2.5


@cases(FLOODS)
def test_floods(server: Server, program: str, ends: Ends) -> None:
    result = check(server, program, ends)
    assert len(result["stdout"]) <= (1 << 20) + 200


def test_a_flood_holds_nobody_up(server: Server) -> None:
    """While two programs say all that they can, a third runs at once."""
    flood = "while True: print('x' * 1000)"
    floods = [server.start(flood, time_limit_s=2), server.start(WIRE + "while True: raw(bytes(60))", time_limit_s=2)]
    for _ in range(3):
        assert server.run("print(1)")["duration_s"] < 2
    assert [server.ended(run, 4)["status"] for run in floods] == ["timeout", "killed"]


def test_a_flood_is_kept_up_to_its_limit(server: Server) -> None:
    result = server.run("print('é' * 10**6)")
    assert result["stdout_truncated"] and result["status"] == "finished"
    assert 1 << 18 < len(result["stdout"]) <= 1 << 20


def test_the_server_does_not_grow(server: Server) -> None:
    """Of a flood of 10 MB the server remembers a few MB, whatever was said."""
    for _ in range(3):
        server.run("print('x' * 10**7)")
    before = server.memory_mb()
    for _ in range(8):
        server.run("print('x' * 10**7)")
    assert server.memory_mb() - before < 80


@pytest.mark.parametrize("seconds", [1e-9, 0.05])
def test_limits_that_leave_no_time(server: Server, seconds: float) -> None:
    result = server.run("while True: pass", time_limit_s=seconds)
    assert (result["status"], result["error"]["limit"]) == ("timeout", "time")
