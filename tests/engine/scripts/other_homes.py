"""Smaller modules of PyTorch: `functional`, `types`, `torch_version`, `__config__`, `overrides`, `testing`, streams."""


def run(torch, page):
    show, said = page.show, page.said
    functional, version = page.part("functional"), page.part("torch_version")
    show(sorted(functional.__all__), functional.einsum("i,i->", torch.ones(2), torch.ones(2)))
    show(version.TorchVersion("1.2") < "1.10", isinstance(torch.__version__, version.TorchVersion))
    show("at::get_num_threads()" in page.part("__config__").parallel_info(), page.part("types").Number)
    show(page.part("overrides").is_tensor_like(torch.ones(1)), page.part("overrides").is_tensor_like(1))
    make = torch.testing.make_tensor
    for dtype in (torch.float32, torch.int64, torch.bool, torch.complex64, torch.uint8, torch.float16):
        show(make((2, 3), dtype=dtype, device="cpu"))
    show(make(2, dtype=torch.float64, device="cpu", low=0, high=1, requires_grad=True))
    show(make(2, 2, dtype=torch.float64, device="cpu", noncontiguous=True).stride())
    show(make(9, dtype=torch.int64, device="cpu", low=0, high=2, exclude_zero=True))
    t = torch.ones(2)
    show(t.is_shared(), t.share_memory_().is_shared(), t[0].is_shared(), t.clone().is_shared())
    if not torch.cuda.is_available():
        said(lambda: torch.cuda.Event(enable_timing=True))
        said(lambda: torch.cuda.Stream())
    show(torch.Generator().manual_seed(3))
    shared = page.part("multiprocessing")
    shared.set_sharing_strategy("file_system")
    show(shared.get_sharing_strategy(), sorted(shared.get_all_sharing_strategies()))
    show(page.part("autograd.variable").Variable(torch.ones(1)))
    with torch.cuda.stream(None):
        show("within")
