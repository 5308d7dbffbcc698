"""Names that few programs use: causal masks by name, control flow of tracers, files without numbers or looked into."""

import collections
import io


def run(torch, page):
    causal_masks(torch, page)
    files(torch, page)
    said = page.said
    for pick in (True, False, torch.tensor([True]), torch.ones(2) > 0):
        said(lambda pick=pick: torch.cond(pick, lambda x: x + 1, lambda x: x - 1, (torch.ones(1),)))
    said(lambda: (torch.sym_max(1, 2.5), torch.sym_min(1, 2.5), torch.sym_int(-2.7), torch.sym_not(True)))
    said(lambda: (torch.sym_sqrt(4), torch.sym_sum([1, 2]), torch.sym_float(2), torch.sym_ite(True, 1, 2)))
    said(lambda: torch.testing.assert_allclose(torch.ones(2), torch.zeros(2)))
    said(lambda: torch.testing.assert_allclose(torch.ones(2, dtype=torch.float64), [1, 1.00001]))
    said(lambda: [each.__name__ for each in torch.OutOfMemoryError.__mro__])
    said(lambda: torch.cuda.OutOfMemoryError is torch.OutOfMemoryError)
    said(lambda: (torch.GradScaler is torch.amp.GradScaler, torch.AcceleratorError.__name__, torch.sparse_coo))
    said(lambda: issubclass(torch.jit.TracerWarning, Warning))
    said(lambda: (dict(torch.cuda.memory_stats()), torch.cuda.get_arch_list(), torch.cuda.set_rng_state_all([])))
    said(lambda: torch.cuda.device(0).__enter__())


def causal_masks(torch, page):
    from_corner = page.part("nn.attention.bias")
    torch.manual_seed(0)
    q, k, v = torch.randn(1, 2, 3, 4), torch.randn(1, 2, 5, 4), torch.randn(1, 2, 5, 4)
    attention = torch.nn.functional.scaled_dot_product_attention
    for made in (from_corner.causal_upper_left(3, 5), from_corner.causal_lower_right(3, 5)):
        page.show(made, made.shape, made.dtype, repr(made.variant), made.seq_len_q, made.seq_len_kv)
        page.said(lambda made=made: attention(q, k, v, made).sum(-1))
        page.said(lambda made=made: attention(q, k, v, attn_mask=made, scale=0.3).sum(-1))
        page.said(lambda made=made: attention(q, k, v, made, is_causal=True))
    page.said(lambda: from_corner.causal_lower_right(3, 2))
    page.said(lambda: from_corner.causal_upper_left(3))
    page.said(lambda: from_corner.CausalBias(1, 2, 3))


def files(torch, page):
    def saved(value):
        file = io.BytesIO()
        torch.save(value, file)
        file.seek(0)
        return file

    with torch.serialization.skip_data():
        bare = saved({"a": torch.ones(2)})
    page.show(torch.load(bare))
    full = saved({"a": torch.ones(2)})
    with torch.serialization.skip_data():
        page.show(torch.load(full)["a"].shape)
    unsafe = torch.serialization.get_unsafe_globals_in_checkpoint
    page.said(lambda: unsafe(saved({"a": torch.ones(2), "b": collections.OrderedDict()})))
    layer = saved(torch.nn.Sequential(torch.nn.Linear(2, 2)))
    page.said(lambda: "torch.nn.modules.linear.Linear" in unsafe(layer))
    page.said(lambda: unsafe(io.BytesIO(b"abc")))
