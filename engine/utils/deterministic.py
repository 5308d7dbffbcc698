"""Whether uninitialized memory is marked while repeatable results are wished for."""

fill_uninitialized_memory = True
