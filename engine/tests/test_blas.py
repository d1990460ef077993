"""The engine calculates as fast as the processor can, on processors that its OpenBLAS has never heard of, too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import blas

ROOT = Path(__file__).resolve().parents[2]


def cpuinfo(flags: str) -> str:
    """What the kernel says of a processor."""
    return f"processor\t: 0\nmodel name\t: A processor of next year\nflags\t\t: fpu sse2 {flags}\n\nprocessor\t: 1\n"


@pytest.mark.parametrize(
    "flags, kernels",
    [
        ("fma avx2 avx512f avx512cd avx512bw avx512dq avx512vl amx_tile", "Haswell"),
        ("fma avx2", "Haswell"),
        ("fma avx2 avx512f", "Haswell"),
        ("avx2", None),
        ("", None),
    ],
)
def test_the_fastest_kernels_that_a_processor_can_run_are_taken(flags, kernels):
    assert blas.kernels_for(cpuinfo(flags)) == kernels


def test_a_processor_that_says_nothing_is_left_to_openblas():
    assert blas.kernels_for("processor\t: 0\nBogoMIPS\t: 50.00\n") is None


def test_an_operators_own_choice_stays(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    blas.choose_kernels()
    assert os.environ["OPENBLAS_CORETYPE"] == "Prescott"


def test_what_is_chosen_is_what_numpy_calculates_with():
    """In a process of its own, since the choice is made when numpy is loaded."""
    code = """if True:
        from engine import blas
        blas.choose_kernels()
        import os, numpy, threadpoolctl
        chosen = os.environ.get("OPENBLAS_CORETYPE")
        used = [library["architecture"] for library in threadpoolctl.threadpool_info() if "architecture" in library]
        assert chosen is None or used == [chosen], (chosen, used)
    """
    environ = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, check=True)
