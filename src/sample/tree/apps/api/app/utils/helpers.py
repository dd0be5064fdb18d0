"""General helpers."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Cuts a sequence into pieces of at most `size` items."""
    if size < 1:
        raise ValueError("size has to be positive")
    for start in range(0, len(items), size):
        yield items[start : start + size]


def mask_email(email: str) -> str:
    """`maya@example.test` becomes `m***@example.test`, for logs that leave the platform."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}***{at}{domain}" if at else "***"
