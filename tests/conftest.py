"""What every rung shares. Settings of a run come from the environment:

DESK_TESTS_POSTGRES     a server that may make databases (default postgresql://postgres@127.0.0.1:5432/postgres)
DESK_TESTS_SKIP_NOTHING 1: what would be skipped fails, as in CI
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.knowledge.library import Library
from bot.knowledge.loader import load_library
from tests.support.clocks import SetClock
from tests.support.product import Product

ROOT = Path(__file__).resolve().parents[1]

# The machine that runs this may be busy: an example that takes long is no fault of the code.
settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("desk")

NOTHING_SKIPPED = os.environ.get("DESK_TESTS_SKIP_NOTHING") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and (product := getattr(item, "funcargs", {}).get("product")):
        report.sections.append(("what the product said", product.tell()))
    return _fail_if_skipped(report)


def pytest_collection_modifyitems(items):
    for item in items:
        if "product" in getattr(item, "fixturenames", ()):
            # Whichever comes first may have to wait for a model to be trained.
            item.add_marker(pytest.mark.product)
            item.add_marker(pytest.mark.timeout(480))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    return _fail_if_skipped(report)


def _fail_if_skipped(report):
    if NOTHING_SKIPPED and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome, report.longrepr = "failed", f"{why} (and DESK_TESTS_SKIP_NOTHING=1)"
    return report


@pytest.fixture(scope="session")
def library() -> Library:
    """The five companies' policies and facts, as they are served."""
    return load_library()


@pytest.fixture(scope="session")
def product(tmp_path_factory) -> Iterator[Product]:
    """The whole product, started once for all tests that need it."""
    python = Path(os.environ.get("DESK_ENGINE_PYTHON") or ROOT / "engine" / ".venv" / "bin" / "python")
    if not python.exists():
        pytest.skip("the engine's environment is missing: run `make install-dev`")
    product = Product(tmp_path_factory.mktemp("product"))
    product.start()
    yield product
    assert product.stop() == 0


@pytest.fixture(scope="session")
def desk(product) -> str:
    """The address of the product that runs."""
    return product.url


@pytest.fixture(scope="session")
def desk_url(desk) -> str:
    """The same, as the browser's tests call it."""
    return desk


@pytest.fixture
def clock() -> SetClock:
    """Tuesday, 24 November 2026, noon in Tokyo, until a test says otherwise."""
    return SetClock()
