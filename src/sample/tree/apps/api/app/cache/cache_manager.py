"""JSON values under a namespace. Plain calls survive a dead Redis, strict ones report it."""

import json
import logging
from typing import Any

from prometheus_client import Counter
from redis.exceptions import RedisError

from app.cache.redis_client import CircuitOpenError, RedisClient
from app.core.exceptions import ServiceUnavailableError

logger = logging.getLogger("app.cache")

LOOKUPS = Counter("cache_lookups_total", "Cache lookups by outcome", ["outcome"])
UNAVAILABLE = (RedisError, CircuitOpenError, OSError)


class CacheManager:
    def __init__(self, client: RedisClient, namespace: str, default_ttl_seconds: int) -> None:
        self._client = client
        self._namespace = namespace
        self._default_ttl = default_ttl_seconds

    def key(self, name: str) -> str:
        return f"{self._namespace}:{name}"

    async def get(self, name: str) -> Any | None:
        try:
            raw = await self._client.run(lambda redis: redis.get(self.key(name)))
        except UNAVAILABLE as error:
            LOOKUPS.labels("error").inc()
            logger.warning("cache unavailable, reading from source: key=%s error=%r", name, error)
            return None
        LOOKUPS.labels("miss" if raw is None else "hit").inc()
        return None if raw is None else json.loads(raw)

    async def set(self, name: str, value: Any, ttl_seconds: int | None = None) -> None:
        try:
            await self.set_strict(name, value, ttl_seconds or self._default_ttl)
        except ServiceUnavailableError:
            logger.warning("cache unavailable, value not stored: key=%s", name)

    async def set_strict(self, name: str, value: Any, ttl_seconds: int) -> None:
        text = json.dumps(value)
        try:
            await self._client.run(lambda redis: redis.set(self.key(name), text, ex=ttl_seconds))
        except UNAVAILABLE as error:
            raise ServiceUnavailableError("Session store is not reachable") from error

    async def delete(self, name: str) -> None:
        try:
            await self.delete_strict(name)
        except ServiceUnavailableError:
            logger.error("cache unavailable, stale value may remain: key=%s", name)

    async def delete_strict(self, name: str) -> bool:
        try:
            return bool(await self._client.run(lambda redis: redis.delete(self.key(name))))
        except UNAVAILABLE as error:
            raise ServiceUnavailableError("Session store is not reachable") from error

    async def increment(self, name: str, window_seconds: int) -> None:
        async def call(redis: Any) -> None:
            async with redis.pipeline(transaction=True) as pipe:
                await pipe.incr(self.key(name)).expire(self.key(name), window_seconds).execute()

        try:
            await self._client.run(call)
        except UNAVAILABLE:
            logger.warning("cache unavailable, counter not increased: key=%s", name)

    async def acquire(self, name: str, ttl_ms: int) -> bool:
        """Takes a short lock. With Redis away everybody gets it: work goes on unguarded."""
        try:
            taken = await self._client.run(
                lambda redis: redis.set(self.key(name), "1", px=ttl_ms, nx=True)
            )
        except UNAVAILABLE:
            return True
        return bool(taken)

    async def push(self, queue: str, message: str) -> None:
        async def call(redis: Any) -> None:
            await redis.rpush(self.key(queue), message)

        try:
            await self._client.run(call)
        except UNAVAILABLE as error:
            raise ServiceUnavailableError("Mail queue is not reachable") from error
