"""`_foreach_` functions: each name alone, with a list, a number, numbers and a tensor, in place and not."""

ALONE = (
    "abs ceil clone cos erf exp expm1 floor frac log1p max neg reciprocal round sigmoid sign sin sqrt tanh trunc zero_"
)
PAIRS = "add clamp_max clamp_min div lerp maximum minimum mul pow sub copy_"


def run(torch, page):
    def lists():
        return [torch.tensor([0.2, 0.5]), torch.tensor([0.3, -0.4, 0.9])]

    others = [torch.tensor([1.0, 2.0]), torch.tensor([0.5, 0.25, 3.0])]
    for name in ALONE.split():
        for full in (name,) if name in ("clone", "max", "zero_") else (name, f"{name}_"):
            page.show(name, getattr(torch, f"_foreach_{full}")(lists())[1])
    for name in PAIRS.split():
        for full in sorted({name, f"{name.removesuffix('_')}_"} - {"copy"}):
            call = getattr(torch, f"_foreach_{full}")
            for given in (others,) if name == "copy_" else ((others, 0.5),) if name == "lerp" else (others, 2, [2, 3]):
                page.show(full, call(lists(), *(given if name == "lerp" else (given,))))
    for name in ("addcmul", "addcdiv", "addcmul_", "addcdiv_"):
        call = getattr(torch, f"_foreach_{name}")
        page.show(call(lists(), others, others), call(lists(), others, others, value=3))
        page.show(call(lists(), others, others, [1.0, 2.0]), call(lists(), others, others, torch.tensor([1.0, 2.0])))
    page.show(torch._foreach_norm(lists()), torch._foreach_norm(lists(), 1), torch._foreach_powsum(lists(), 2))
    page.show(torch._foreach_add(lists(), others, alpha=2), torch._foreach_mul(lists(), torch.tensor(2.0)))
    page.show(torch._foreach_pow(2, others), torch._foreach_lerp(lists(), others, [0.5, 0.1]))
    kept = lists()
    page.show(torch._foreach_add_(kept, 1) is kept, kept)
    learned = [each.requires_grad_() for each in lists()]
    sum(each.sum() for each in torch._foreach_mul(learned, 2)).backward()
    page.show([each.grad for each in learned])
    for wrong in (
        lambda: torch._foreach_neg([]),
        lambda: torch._foreach_mul(lists(), [1]), lambda: torch._foreach_mul(lists(), others[:1]),
        lambda: torch._foreach_neg([1]), lambda: torch._foreach_add(lists(), torch.ones(2, 2)),
    ):  # fmt: skip
        page.said(wrong)
