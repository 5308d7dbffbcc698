"""The setting of `torch.utils.deterministic`: kept, to be asked for."""

fill_uninitialized_memory = True
