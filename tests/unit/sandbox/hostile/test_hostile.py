"""Every hostile program at every level: it ends as it must, and nothing else has changed."""

from collections.abc import Iterator

import pytest

from mm_rl.sandbox import Level, Sandbox, SandboxConfig, SandboxUnavailable
from tests.unit.sandbox.hostile.cheats import CHEATS
from tests.unit.sandbox.hostile.corpus import Hostile
from tests.unit.sandbox.hostile.escapes import ESCAPES
from tests.unit.sandbox.hostile.native import NATIVE
from tests.unit.sandbox.hostile.resources import RESOURCES
from tests.unit.sandbox.hostile.world import World, complaints

PYTHON = [*RESOURCES, *ESCAPES, *CHEATS]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Canaries, for all programs."""
    world = World()
    yield world
    world.close()


@pytest.fixture(scope="module", params=list(Level))
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox per level that this machine has."""
    yield from _open(request.param)


@pytest.fixture(scope="module")
def strong_sandbox() -> Iterator[Sandbox]:
    """A sandbox that has other languages."""
    yield from _open(Level.NAMESPACES)


def _open(level: Level) -> Iterator[Sandbox]:
    try:
        sandbox = Sandbox(SandboxConfig(level=level, workers=1))
    except SandboxUnavailable as reason:
        pytest.skip(str(reason))
    with sandbox:
        yield sandbox


def _rows(programs: list[Hostile]) -> list[object]:
    """Test parameters; all but the quick programs are slow ones."""
    return [
        pytest.param(
            one, id=f"{one.language} {one.name}", marks=() if one.quick else (pytest.mark.slow,)
        )
        for one in programs
    ]


@pytest.mark.parametrize("hostile", _rows(PYTHON))
def test_python_program_is_contained(hostile: Hostile, world: World, sandbox: Sandbox) -> None:
    assert complaints(hostile, world, sandbox)[0] == []


@pytest.mark.parametrize("hostile", _rows(NATIVE))
def test_program_in_another_language_is_contained(
    hostile: Hostile, world: World, strong_sandbox: Sandbox
) -> None:
    if hostile.language not in strong_sandbox.languages():
        pytest.skip(f"no {hostile.language} here")
    assert complaints(hostile, world, strong_sandbox)[0] == []


def test_corpus_is_large_and_its_names_are_distinct() -> None:
    names = [(one.language, one.name) for one in (*PYTHON, *NATIVE)]
    assert len(names) == len(set(names))
    assert len(PYTHON) >= 100
