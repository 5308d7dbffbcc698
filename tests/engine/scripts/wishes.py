"""What the wish for repeatable results changes, warnings that are to come each time, numbers of a wrong kind."""


def run(torch, page):
    said, one, square = page.said, torch.ones(2), torch.ones(2, 2)
    F, image = torch.nn.functional, torch.arange(16.0).view(1, 1, 4, 4)
    picked = F.max_pool2d(image, 2, return_indices=True)
    places = torch.tensor([0, 0])
    for mode in (torch.use_deterministic_algorithms, lambda on: torch.set_deterministic_debug_mode("warn")):
        mode(True)
        try:
            for kind in (torch.float32, torch.int32, torch.bool, torch.complex64, torch.uint8):
                page.show(torch.empty(2, dtype=kind), torch.empty_like(torch.ones(2, dtype=kind)))
            page.show(one.new_empty(2), torch.empty_strided((2, 2), (1, 2)), torch.Tensor(2), torch.zeros(2))
            torch.utils.deterministic.fill_uninitialized_memory = False
            page.show(torch.empty(2).shape)
            torch.utils.deterministic.fill_uninitialized_memory = True
            said(lambda: F.max_unpool2d(*picked, 2))
            said(lambda: torch.zeros(3).put_(places, one))
            said(lambda: torch.zeros(3).put_(places, one, accumulate=True))
        finally:
            torch.use_deterministic_algorithms(False)
    page.show(torch.are_deterministic_algorithms_enabled(), torch.zeros(3).put_(places, one))
    torch.set_warn_always(True)
    try:
        for _ in range(2):
            said(lambda: torch.add(one, 2, one))
            said(lambda: torch.ones(2, dtype=torch.complex64).to(torch.float32))
        page.show(torch.is_warn_always_enabled())
    finally:
        torch.set_warn_always(False)
    kinds = ((one, square), (one.int(), square.int()), (one > 0, square > 0))
    for number in (True, 2, 1.5, 1j):
        for v, m in kinds:
            said(lambda v=v, number=number: torch.add(v, v, alpha=number))
            said(lambda v=v, number=number: torch.sub(v, v, alpha=number))
            for name, given in (
                ("addr", (m, v, v)), ("addmm", (m, m, m)), ("addmv", (v, m, v)), ("addbmm", (m, m[None], m[None])),
                ("baddbmm", (m[None], m[None], m[None])),
            ):  # fmt: skip
                for factor in ("alpha", "beta"):
                    said(
                        lambda name=name, given=given, options={factor: number}: getattr(torch, name)(*given, **options)
                    )
    for end in ([1.0, 0.0], [0.0, 1.0]):
        said(lambda end=end: torch.cholesky_inverse(torch.diag(torch.tensor(end))))
        said(lambda end=end: torch.cholesky_inverse(torch.diag(torch.tensor(end)).repeat(2, 1, 1)))
