"""Which of its kernels OpenBLAS calculates with.

Rasa pins a numpy whose OpenBLAS is of 2021. It picks its kernels by the processor's model, and for a model that is
newer than itself it falls back to the slowest that it has: several times slower in training, half as fast in
answering. So they are named here, by what the processor says that it can do.
"""

import os
import platform
from pathlib import Path
from typing import Optional

_CPUINFO = Path("/proc/cpuinfo")
#: OpenBLAS's name for its kernels, and what a processor must be able to do for them. Those for AVX-512 are left out:
#: builds of that age are known to miscalculate with them on newer processors, and they are no faster here.
KERNELS = (("Haswell", {"avx2", "fma"}),)


def choose_kernels() -> None:
    """Call before numpy is imported. Whoever has set OPENBLAS_CORETYPE knows better."""
    if platform.machine() in ("x86_64", "AMD64") and _CPUINFO.exists():
        name = kernels_for(_CPUINFO.read_text(encoding="utf-8"))
        if name:
            os.environ.setdefault("OPENBLAS_CORETYPE", name)


def kernels_for(cpuinfo: str) -> Optional[str]:
    """The name of the fastest kernels that the processor can run; None if OpenBLAS is to choose."""
    flags = next((set(line.split()) for line in cpuinfo.splitlines() if line.startswith("flags")), set())
    return next((name for name, needed in KERNELS if needed <= flags), None)
