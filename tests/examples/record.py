"""Record what PyTorch prints: run with a Python that has torch, from the root of the repository.

python -m tests.examples.record

python -m tests.examples.record vae dcgan        some of them
"""

import sys

from tests.examples.programs import ANSWERS, EXAMPLES, all_lines, first_lines

for name in sys.argv[1:] or EXAMPLES:
    (ANSWERS / f"{name}.txt").write_text("\n".join(first_lines(name, "--torch")) + "\n")
    (ANSWERS / "double" / f"{name}.txt").write_text("\n".join(all_lines(name, "--torch")) + "\n")
