"""What compilers, back ends and devices are told, and what is asked of them."""


def run(torch, page):
    show, said = page.show, page.said
    nn = torch.nn

    def f(x):
        "doc"
        return x * 2

    m = nn.Linear(2, 2)
    x = torch.ones(1, 2)
    said(lambda: torch.compile(f).__name__)
    said(lambda: torch.compile(f).__doc__)
    said(lambda: torch.compile(f, mode="foo"))
    said(lambda: torch.compile(f, backend="foo"))
    said(lambda: torch.compile(f, mode="default", options={"a": 1}))
    said(lambda: torch.compile(f, mode="reduce-overhead", options={}))
    said(lambda: torch.compile(f, backend="eager", fullgraph=True, dynamic=True)(x))
    said(lambda: torch.compile(f, backend=lambda gm, i: gm) and 0)
    said(lambda: torch.compile(3))
    said(lambda: torch.compile(f, disable=True)(x))
    said(lambda: torch.compile(mode="max-autotune")(f).__name__)
    said(lambda: torch.compile(f, foo=1))
    said(lambda: torch.compile(m, dynamic=3) and 0)
    C = torch.compiler
    said(lambda: C.is_compiling())
    said(lambda: C.is_dynamo_compiling())
    said(lambda: C.is_exporting())
    said(lambda: C.list_backends())
    said(lambda: C.reset())
    said(lambda: C.disable(f)(x))
    said(lambda: C.disable(recursive=False)(f)(x))
    said(lambda: C.allow_in_graph(f) is f)
    said(lambda: C.assume_constant_result(f) is f)
    said(lambda: C.cudagraph_mark_step_begin())
    said(lambda: C.set_stance("force_eager") is None)

    @C.set_stance("default")
    def g(x):
        return x

    said(lambda: g(3))
    said(lambda: C.wrap_numpy(lambda a: a + 1)(x) if 0 else 0)
    said(lambda: C.get_default_backend())
    J = torch.jit
    said(lambda: J.is_scripting())
    said(lambda: J.is_tracing())
    said(lambda: J.ignore(f) is f)
    said(lambda: J.unused(f) is f)
    said(lambda: J.export(f) is f)
    said(lambda: J.ignore(drop=True)(f) is f)
    said(lambda: J.annotate(int, 3))
    said(lambda: J.isinstance([1], list))
    said(lambda: J.Final)
    said(lambda: J.script_if_tracing(f)(x))
    said(lambda: J.ScriptModule.__name__)
    said(lambda: J.isinstance([1, 2], __import__("typing").List[int]))
    said(lambda: J.isinstance({"a": 1}, __import__("typing").Dict[str, int]))
    said(lambda: J.isinstance([1, "a"], __import__("typing").List[int]))
    said(lambda: J.wait(J.fork(f, x)))
    B = torch.backends
    for e in [
        "B.cudnn.benchmark",
        "B.cudnn.deterministic",
        "B.cudnn.enabled",
        "B.cudnn.allow_tf32",
        "B.cudnn.is_available()",
        "B.cudnn.version()",
        "B.cudnn.benchmark_limit",
        "B.cuda.matmul.allow_tf32",
        "B.cuda.matmul.allow_fp16_reduced_precision_reduction",
        "B.cuda.is_built()",
        "B.cuda.flash_sdp_enabled()",
        "B.cuda.math_sdp_enabled()",
        "B.cuda.mem_efficient_sdp_enabled()",
        "B.cuda.enable_flash_sdp(True)",
        "B.mps.is_available()",
        "B.mps.is_built()",
        "B.mkldnn.enabled",
        "B.opt_einsum.is_available()",
        "B.opt_einsum.enabled",
        "B.mha.get_fastpath_enabled()",
        "B.cudnn.flags(enabled=False).__class__.__name__",
        "B.mkldnn.flags(False).__class__.__name__",
        "B.fp32_precision",
        "B.cudnn.conv.fp32_precision",
        "B.cuda.matmul.fp32_precision",
        "B.cudnn.foo",
        "B.foo",
    ]:
        show(e)
        said(lambda e=e: eval(e, {"B": B, "torch": torch, "x": x}))
    B.cudnn.benchmark = True
    B.cudnn.deterministic = True
    B.cuda.matmul.allow_tf32 = True
    B.cudnn.allow_tf32 = False
    show(
        B.cudnn.benchmark,
        B.cudnn.deterministic,
        B.cuda.matmul.allow_tf32,
        B.cudnn.allow_tf32,
        torch.get_float32_matmul_precision(),
    )
    B.cuda.matmul.allow_tf32 = False
    with B.cudnn.flags(enabled=False, benchmark=False):
        show(B.cudnn.enabled, B.cudnn.benchmark)
    show(B.cudnn.enabled, B.cudnn.benchmark)
    B.cudnn.benchmark = False
    B.cudnn.deterministic = False
    for e in [
        "torch.get_float32_matmul_precision()",
        "torch.set_float32_matmul_precision('high')",
        "torch.get_float32_matmul_precision()",
        "torch.set_float32_matmul_precision('highest')",
        "torch.use_deterministic_algorithms(True)",
        "torch.are_deterministic_algorithms_enabled()",
        "torch.is_deterministic_algorithms_warn_only_enabled()",
        "torch.use_deterministic_algorithms(False,warn_only=True)",
        "torch.get_deterministic_debug_mode()",
        "torch.set_deterministic_debug_mode('warn')",
        "torch.get_deterministic_debug_mode()",
        "torch.set_deterministic_debug_mode('error')",
        "torch.get_deterministic_debug_mode()",
        "torch.set_deterministic_debug_mode('default')",
        "torch.set_deterministic_debug_mode('x')",
        "torch.set_deterministic_debug_mode(3)",
        "torch.set_deterministic_debug_mode([])",
        "torch.set_num_threads(2)",
        "torch.get_num_threads()",
        "torch.set_num_threads(0)",
        "torch.get_num_interop_threads()>0",
        "torch.set_warn_always(True)",
        "torch.is_warn_always_enabled()",
        "torch.set_warn_always(False)",
        "torch.random.get_rng_state().shape",
        "torch.random.initial_seed()==torch.initial_seed()",
        "torch.random.seed()>0",
        "torch.random.fork_rng().__class__.__name__",
        "torch.version.cuda",
        "torch.version.__version__.split('+')[0]",
        "torch.__version__.split('+')[0]",
        "torch.version.hip",
        "torch.version.debug",
        "torch.__version__>='2.0'",
        "torch.__version__>=(1,8)",
        "torch.utils.deterministic.fill_uninitialized_memory",
        "torch.utils.set_module",
        "torch.utils.swap_tensors",
        "torch.utils.dlpack.to_dlpack(torch.ones(2)).__class__.__name__",
        "torch.utils.dlpack.from_dlpack(torch.ones(2))",
        "torch.cuda.is_initialized()",
        "torch.cuda.is_bf16_supported()",
        "torch.cuda.memory_reserved()",
        "torch.cuda.max_memory_allocated()",
        "torch.cuda.get_rng_state_all()",
        "torch.cuda.seed_all()",
        "torch.cuda.manual_seed(1)",
        "torch.cuda.manual_seed_all(1)",
        "torch.cuda.empty_cache()",
        "torch.accelerator.is_available()",
        "torch.accelerator.current_accelerator()",
        "torch.accelerator.device_count()",
        "torch.cpu.is_available()",
        "torch.cpu.device_count()",
        "torch.cpu.synchronize()",
        "torch.mps.is_available()",
        "torch.xpu.is_available()",
        "torch.is_distributed(x)",
    ]:
        show(e)
        said(lambda e=e: eval(e, {"B": B, "torch": torch, "x": x}))
    H = torch.hub
    said(lambda: H.get_dir()[-5:])
