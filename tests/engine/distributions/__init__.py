"""Distributions: what is asked of them, by part, and the tests that compare the answers with PyTorch's."""

from tests.engine.distributions import families, mistakes, programs, relations

PARTS = (families, relations, mistakes, programs)
