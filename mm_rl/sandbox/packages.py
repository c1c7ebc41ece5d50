"""Where the packages lie that programs may import besides the standard library."""

from dataclasses import dataclass
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    distribution,
    packages_distributions,
)
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Packages:
    """Packages that programs may import."""

    names: list[str]
    """As the configuration names them."""
    paths: list[str]
    """Folders and files of these and of all that they require."""


def find_packages(names: list[str]) -> Packages:
    """Folders and module files of the packages and of all that they require, each once.

    Required are the distributions named without an extra; the shared libraries that a wheel keeps
    beside its package (`numpy.libs`) come along. Raises ValueError for a name that does not import.
    """
    found: dict[str, None] = {}
    owners = packages_distributions()
    seen: set[str] = set()
    for name in names:
        spec = find_spec(name) if name.isidentifier() else None
        if spec is None or (spec.origin is None and not spec.submodule_search_locations):
            raise ValueError(f"sandbox.python_packages names {name!r}, which can not be imported")
        locations = list(spec.submodule_search_locations or ())
        found.update(dict.fromkeys(locations[:1] or [str(spec.origin)]))
        for owner in owners.get(name, []):
            _add_distribution(distribution(owner), found, seen)
    return Packages(names=names, paths=[str(Path(path).resolve()) for path in found])


def _add_distribution(owner: Distribution, found: dict[str, None], seen: set[str]) -> None:
    """Adds the top-level packages and library folders of a distribution and what it requires."""
    if owner.name in seen:
        return
    seen.add(owner.name)
    for file in owner.files or ():
        top = file.parts[0]
        if top in ("..", "__pycache__") or top.endswith((".dist-info", ".egg-info", ".pth")):
            continue
        path = Path(str(owner.locate_file(top)))
        if path.is_dir() or path.suffix in (".py", ".so"):
            found[str(path)] = None
    for requirement in owner.requires or ():
        if ";" in requirement and "extra" in requirement.partition(";")[2]:
            continue
        name = _leading_name(requirement)
        try:
            required = distribution(name)
        except PackageNotFoundError:  # for another platform or version, else it would be there
            continue
        _add_distribution(required, found, seen)


def _leading_name(requirement: str) -> str:
    end = 0
    while end < len(requirement) and (requirement[end].isalnum() or requirement[end] in "-_."):
        end += 1
    return requirement[:end]
