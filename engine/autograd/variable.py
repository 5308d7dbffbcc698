"""`torch.autograd.variable`: the old home of `Variable`, which a tensor is itself today."""

from engine.autograd import Variable

__all__ = ["Variable"]
