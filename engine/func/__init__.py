"""Functions of functions: derivatives, products with Jacobians, and maps over batches."""

from engine.func.jacobian import hessian, jacfwd, jacrev
from engine.func.modules import functional_call, replace_all_batch_norm_modules_, stack_module_state
from engine.func.transforms import functionalize, grad, grad_and_value, jvp, linearize, vjp
from engine.func.vmapping import debug_unwrap, vmap

__all__ = [
    "debug_unwrap", "functional_call", "functionalize", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp",
    "linearize", "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap",
]  # fmt: skip
