"""Files in the layout before the zip, broken files, and files of a program's own classes."""

import argparse
import collections
import enum
import io
import os
import pickle
import sys

NAMES = ("Own", "Slotted", "Stated", "Colour", "Row", "Settings", "Many", "Sub")


class Own:
    """An object with attributes."""

    def __init__(self):
        self.x = [1, 2]


class Slotted:
    """An object with slots."""

    __slots__ = ("q",)


class Stated:
    """An object that says what is kept of it."""

    def __getstate__(self):
        return {"w": 7}

    def __setstate__(self, state):
        self.__dict__.update(state, set=1)


class Colour(enum.Enum):
    """A choice."""

    RED = 1


class Many(list):
    """A list of a program's own."""


class Settings(dict):
    """A dictionary of a program's own."""


Row = collections.namedtuple("Row", "a b")


def run(torch, page):
    show, said = page.show, page.said

    class Sub(torch.Tensor):
        pass

    main = sys.modules["__main__"]
    for name in NAMES:  # as if this were the program
        kind = locals().get(name) or globals()[name]
        kind.__module__, kind.__qualname__ = "__main__", name
        setattr(main, name, kind)

    def there(value, **options):
        file = io.BytesIO()
        torch.save(value, file)
        file.seek(0)
        return torch.load(file, **options)

    try:
        show(there(Own(), weights_only=False).x)
        slotted = Slotted()
        slotted.q = 2
        show(there(slotted, weights_only=False).q, vars(there(Stated(), weights_only=False)))
        show(there([Colour.RED, Row(1, 2), Many([3]), Settings(a=4)], weights_only=False))
        show(type(there(Many(), weights_only=False)).__name__, there(Own, weights_only=False) is Own)
        sub = torch.ones(2).as_subclass(Sub)
        sub.z = 3
        again = there([sub, torch.zeros(1).as_subclass(Sub)], weights_only=False)
        show([type(each).__name__ for each in again], again[0].z)
        plain = [argparse.Namespace(lr=0.1), collections.deque([1]), range(3), frozenset([2])]
        show(there(plain, weights_only=False))
        with torch.serialization.safe_globals([Sub]):
            show(type(there(sub)).__name__)
        said(lambda: there(sub, pickle_module=pickle, weights_only=True))
        show(there(plain, pickle_module=pickle)[0])
    finally:
        for name in NAMES:
            delattr(main, name)
    # the layout before the zip, several in one file
    whole, file = torch.arange(6.0), io.BytesIO()
    for i in range(3):
        torch.save({"whole": whole, "part": whole[2:4], "i": i}, file, _use_new_zipfile_serialization=False)
    file.seek(0)
    read = [torch.load(file) for _ in range(3)]
    read[0]["whole"][2] = 9
    show([(each["i"], each["part"].tolist()) for each in read])
    # files that are none
    file = io.BytesIO()
    torch.save(whole, file)
    for broken in (file.getvalue()[:-5], b"PK\x03\x04"):
        said(lambda broken=broken: torch.load(io.BytesIO(broken)))
    said(lambda: torch.save(1, os.path.join("nowhere", "at", "all.pt")))
    said(lambda: torch.save([whole, whole.view(torch.int32)], io.BytesIO()))
    # what the environment says
    os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
    said(lambda: type(there(torch.nn.ReLU())).__name__)
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    said(lambda: there(1))
    del os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"], os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"]
    # settings
    files = torch.serialization
    show(files.get_default_load_endianness(), list(files.LoadEndianness), files.get_crc32_options())
    said(lambda: files.set_default_load_endianness("little"))
    show(files.MAGIC_NUMBER, files.PROTOCOL_VERSION, files.DEFAULT_PROTOCOL)
    show(files.location_tag(whole.untyped_storage()))
