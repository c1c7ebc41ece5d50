"""The one form of a configuration error: the key, the value and the fix."""

from typing import Any


def require(condition: bool, key: str, value: Any, fix: str) -> None:
    """Raise ValueError unless a value is sound."""
    if not condition:
        raise ValueError(f"{key}={value}: {fix}")
