"""Packages that only some formats need, imported when they are used."""

from importlib import import_module
from typing import Any


def require(package: str, what: str) -> Any:
    """Import an optional package.

    Raises:
        ValueError: it is not installed; the message says how to install it.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:  # optional by design
        if error.name is None or error.name.split(".")[0] != package.split(".")[0]:
            raise
        name = package.split(".")[0].replace("_", "-")
        raise ValueError(
            f"{what} needs the package {name}: run `pip install 'mm_rl[render]'`"
        ) from error
