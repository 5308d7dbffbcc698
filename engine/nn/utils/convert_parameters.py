"""PyTorch's place of what stands in `vectors.py`."""

from engine.nn.utils.vectors import parameters_to_vector, vector_to_parameters

__all__ = ["parameters_to_vector", "vector_to_parameters"]
