"""Which of PyTorch's public names the engine has: the page `docs/coverage.md`, printed.

The names of PyTorch were recorded by `record_names.py`; what the engine has is asked of the engine.
"""

from __future__ import annotations

import functools
import json
import pathlib
import re
import textwrap
from dataclasses import dataclass
from typing import Any

import engine

NAMES: dict[str, list[str]] = json.loads((pathlib.Path(__file__).parent / "answers" / "names.json").read_text())

# Why a name is left out on purpose, and the names, whole, for which that is so.
LEFT_OUT: dict[str, str] = {
    "sparse tensors": r"(?!sparse_?$).*sparse.*|SparseAdam|(ccol|crow|col|row)_indices(_copy)?|"
    r"(values|indices)(_copy)?|coalesce|is_coalesced|"
    r"(hs|ds|s|sp|hsp|ssp|sa)(mm|addmm|pmm)|saddmm|dense_dim|to_dense|to_padded_tensor",
    "quantized tensors": r".*(quantize|fbgemm|qparams|fake_quant|quantized).*|q_.*|qscheme|int_repr|"
    r"(scaled_)?grouped_mm|scaled_mm|ScalingType|SwizzleType|embedding_bag_.*",
    "one backend's kernels": r".*autocast_(ipu|xla).*|(cudnn|miopen|mkldnn|mps|vulkan|native|to_mkldnn|"
    r"profiler_allow).*|"
    r"is_vulkan_available|"
    r"batch_norm_.*|emit_.*|load_nvprof|parse_nvprof_trace|"
    r"convolution|conv_tbc|cudnn.*|is_(ipu|maia|mps|mtia|vulkan|xla|xpu)|ipu|xpu|mtia|record_stream|affine_grid_generator|"
    r"grid_sampler(_[23]d)?|constant_pad_nd|.*_with_indices|KinetoStepTracker|EnforceUnique|MemRecordsAcc|"
    r"set_override_stale_capture_stream|set_warn_on_accumulate_grad_stream_mismatch|enforce_grad_layout_policy",
    "the compiler's and exporter's parts": r"sym_.*|import_ir_module.*|parse_(ir|schema|type_comment)|fork|wait|"
    r"merge_type_from_type_comment|unify_type_list|while_loop|compiled_with_cxx11_abi|cond|boolean_dispatch|classproperty|Tensor|"
    r"(get_)?file_path|prepare_multiprocessing_environment|assert_int_or_pair|has_torch_function.*|get_file_path|"
    r"handle_torch_function|debug_unwrap|rearrange|Callable|DType|Optional|NestedIOFunction|GraphExecGroup|"
    r"(create_)?[sS]elective(C|_c)heckpoint.*|CheckpointPolicy|region_activation_memory_budget|variable|"
    r"thread_safe_generator|split_copy|module_load|hash_tensor|grad_dtype|to_dlpack|reinforce|"
    r"check_backward_validity|detach_variable|(get|set)_device_states|noop_context_fn|DefaultDeviceType|"
    r"set_checkpoint_.*|CheckpointFunction|set_vital|read_vitals|vitals_enabled|nested_tensor|from_file",
    "complex halves": r"chalf",
    "data pipes": r".*DataPipe|DataChunk|functional_datapipe|guaranteed_datapipes_determinism|non_deterministic|"
    r"(argument|runtime)_validation(_disabled)?|_DatasetKind",
    "named dimensions": r"index|align_(as|to|tensors)|refine_names|rename_?|has_names|names",
}


@dataclass(frozen=True)
class Space:
    """A namespace: the names that are there, those missing, and those left out on purpose, by reason."""

    name: str
    there: list[str]
    missing: list[str]
    left_out: dict[str, list[str]]


def _home(space: str) -> Any:
    if space == "torch":
        return engine
    return functools.reduce(lambda owner, name: getattr(owner, name, None), space.split("."), engine)


def _has(home: Any, name: str) -> bool:
    """Whether a namespace has a name; not where it refuses it in a sentence."""
    try:
        return hasattr(home, name)
    except NotImplementedError:
        return False


def reason(name: str) -> str | None:
    """Why a name is left out on purpose; None where it is not."""
    return next((why for why, names in LEFT_OUT.items() if re.fullmatch(names, name)), None)


def spaces() -> list[Space]:
    """All namespaces, compared."""
    found = []
    for space, names in NAMES.items():
        home = _home(space)
        left_out: dict[str, list[str]] = {}
        wanted = []
        for name in names:
            why = reason(name)
            if why is None:
                wanted.append(name)
            else:
                left_out.setdefault(why, []).append(name)
        there = [name for name in wanted if _has(home, name)]
        found.append(Space(space, there, sorted(set(wanted) - set(there)), left_out))
    return found


def _listed(names: list[str]) -> str:
    text = ", ".join(f"`{name}`" for name in names)
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def page() -> str:
    """The page's text."""
    every = spaces()
    there, wanted = sum(len(s.there) for s in every), sum(len(s.there) + len(s.missing) for s in every)
    lines = [
        "# What the engine has of PyTorch",
        "",
        f"{there} of {wanted} public names of PyTorch 2.13's namespaces, {100 * there / wanted:.1f} %.",
        "Made by `make gen` from the engine itself and a recorded list of PyTorch's names.",
        "",
        "| namespace | there | missing | left out on purpose |",
        "|---|---|---|---|",
    ]
    for space in every:
        left_out = sum(map(len, space.left_out.values()))
        lines.append(f"| [{space.name}](#{space.name.replace('.', '').lower()}) | {len(space.there)} | "
                     f"{len(space.missing)} | {left_out} |")  # fmt: skip
    for space in every:
        lines += ["", f"## {space.name}", "", _listed(space.there)]
        if space.missing:
            lines += ["", "Missing:", "", _listed(space.missing)]
        for why, names in space.left_out.items():
            lines += ["", f"Left out on purpose ({why}):", "", _listed(names)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
