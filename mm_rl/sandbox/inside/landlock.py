"""The Landlock level of a zygote: an unprivileged user that still reaches its modules."""

import fcntl
import os
import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location

from . import isolation
from .job import Containment

_FIRST_KEPT = 40
"""Descriptors from here on are folders of modules; programs may use the ones below."""


def enter(containment: Containment, slot: int, packages: list[str]) -> int:
    """Makes the ruleset and changes the user where that is root; the zygote stays unrestricted.

    Returns a descriptor of /proc/self. Raises OSError where the kernel has no Landlock and
    PermissionError where root can not become another user.
    """
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    containment.rules = isolation.landlock_rules(isolation.readable_paths() + packages)
    folders = [path for path in sys.path if os.path.exists(path)]
    kept = {path: _kept(path) for path in folders + packages}
    containment.private_user = isolation.leave_root(slot, proc)
    if os.geteuid() == 0:
        raise PermissionError("root of a container that maps no other user keeps its rights")
    names = {path: _reachable(path, fd) for path, fd in kept.items()}
    sys.path[:] = [names[path] for path in folders]
    for module in list(sys.modules.values()):
        search: object = getattr(module, "__path__", None)
        if not isinstance(search, list):
            continue
        for i, place in enumerate(search):
            for old, new in names.items():
                if place.startswith(old + "/"):
                    search[i] = new + place[len(old) :]
    if packages:
        places = {os.path.basename(path): names[path] for path in packages}
        sys.meta_path.append(_Finder(places))
    this = os.open("self", os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
    os.close(proc)
    return this


def _kept(path: str) -> int:
    """A descriptor of the path, out of the way of others."""
    fd = os.open(path, os.O_PATH)
    high = fcntl.fcntl(fd, fcntl.F_DUPFD, _FIRST_KEPT)
    os.close(fd)
    return high


def _reachable(path: str, fd: int) -> str:
    """The path, or, below a folder that the new user may not enter, a name for its descriptor."""
    if os.access(path, os.R_OK):
        os.close(fd)
        return path
    return f"/proc/self/fd/{fd}"


class _Finder:
    """Finds packages by name, as the folder that holds them shows others and stays closed."""

    def __init__(self, places: dict[str, str]) -> None:
        """`places` maps the name of a folder or module file to where it is reached."""
        self.folders = {name: place for name, place in places.items() if os.path.isdir(place)}
        self.files = {
            name.partition(".")[0]: place
            for name, place in places.items()
            if name not in self.folders
        }

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of a named package; submodules are found on its `__path__` as usual."""
        if name in self.files:
            return spec_from_file_location(name, self.files[name])
        place = self.folders.get(name)
        if place is None:
            return None
        start = f"{place}/__init__.py"
        if os.path.exists(start):
            return spec_from_file_location(name, start, submodule_search_locations=[place])
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [place]
        return spec
