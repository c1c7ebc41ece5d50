"""Sandboxes of both levels, shared by the tests: a start takes a good part of a second."""

from collections.abc import Callable, Iterator

import pytest

from mm_rl.sandbox import Limits, Program, RunResult, Sandbox, SandboxConfig

Run = Callable[..., RunResult]


@pytest.fixture(scope="session", params=["namespaces", "landlock"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of each level in turn; both must hold on the machine that tests."""
    with Sandbox(SandboxConfig(level=request.param, workers=2)) as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox: Sandbox) -> Run:
    """Runs a source in it."""

    def run(source: str, stdin: bytes = b"", **limits: float) -> RunResult:
        return sandbox.run(Program(source=source), stdin, Limits(**limits))  # type: ignore[arg-type]

    return run
