"""How values get into the cache, and who is allowed to compute them."""

import asyncio
from collections.abc import Awaitable, Callable
import logging
import random
from typing import Any

from app.cache.cache_manager import CacheManager

logger = logging.getLogger("app.cache")

LOCK_TTL_MS = 5000
WAIT_STEP_SECONDS = 0.05
WAIT_STEPS = 40


def spread_ttl(ttl_seconds: int, spread: float = 0.1) -> int:
    """Moves a lifetime by up to a tenth, so that keys set together do not expire together."""
    factor = 1 + random.uniform(-spread, spread)  # noqa: S311
    return max(1, round(ttl_seconds * factor))


async def cache_aside(
    manager: CacheManager,
    name: str,
    load: Callable[[], Awaitable[Any]],
    ttl_seconds: int,
) -> Any:
    """Reads a value, computing it when absent. Only one caller computes, the others wait."""
    value = await manager.get(name)
    if value is not None:
        return value

    if not await manager.acquire(f"{name}:lock", LOCK_TTL_MS):
        for _ in range(WAIT_STEPS):
            await asyncio.sleep(WAIT_STEP_SECONDS)
            value = await manager.get(name)
            if value is not None:
                return value
        logger.warning("cache lock holder gave no value, computing anyway: key=%s", name)

    value = await load()
    await manager.set(name, value, spread_ttl(ttl_seconds))
    await manager.delete(f"{name}:lock")
    return value


async def write_through(
    manager: CacheManager,
    name: str,
    value: Any,
    store: Callable[[Any], Awaitable[None]],
    ttl_seconds: int,
) -> None:
    """Stores first, caches second: the cache never holds what the database refused."""
    await store(value)
    await manager.set(name, value, spread_ttl(ttl_seconds))
