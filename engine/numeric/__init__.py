"""Special functions of raw arrays, which NumPy does not have, from the formulas of the textbooks.

Where no short formula holds, a function is a Chebyshev series that is fitted at first use to what an integral or a
continued fraction gives. Equations are cited by their numbers in the NIST Digital Library of Mathematical Functions
(DLMF, https://dlmf.nist.gov).
"""

from engine.numeric.erf import erf, erfc

__all__ = ["erf", "erfc"]
