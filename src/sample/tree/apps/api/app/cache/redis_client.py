"""Redis connection behind a circuit breaker: a slow Redis must not make every request slow."""

from collections.abc import AsyncIterator, Awaitable, Callable
import logging
import time
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.core.config import get_settings

logger = logging.getLogger("app.redis")
Result = TypeVar("Result")


class CircuitOpenError(Exception):
    """Redis failed repeatedly; calls are refused until the pause is over."""


class CircuitBreaker:
    """Closed: calls pass. Open: calls are refused. After a pause, one call may try again."""

    def __init__(self, failure_limit: int = 5, pause_seconds: float = 10.0) -> None:
        self._failure_limit = failure_limit
        self._pause_seconds = pause_seconds
        self._failures = 0
        self._opened_at: float | None = None

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def before_call(self) -> None:
        if self._opened_at is None:
            return
        if time.monotonic() - self._opened_at < self._pause_seconds:
            raise CircuitOpenError
        # Half open: this call probes, the others keep waiting for its outcome.
        self._opened_at = time.monotonic()

    def succeeded(self) -> None:
        if self._opened_at is not None:
            logger.info("redis circuit closed")
        self._failures = 0
        self._opened_at = None

    def failed(self, error: Exception) -> None:
        self._failures += 1
        if self._failures >= self._failure_limit and self._opened_at is None:
            self._opened_at = time.monotonic()
            logger.error("redis circuit open: failures=%d last=%r", self._failures, error)


class RedisClient:
    def __init__(self) -> None:
        self._redis: Redis | None = None
        self.breaker = CircuitBreaker()

    def _connection(self) -> Redis:
        if self._redis is None:
            settings = get_settings()
            self._redis = Redis.from_url(
                settings.redis_url,
                decode_responses=True,
                socket_timeout=settings.redis_timeout_seconds,
                socket_connect_timeout=settings.redis_timeout_seconds,
            )
        return self._redis

    async def run(self, call: Callable[[Redis], Awaitable[Result]]) -> Result:
        self.breaker.before_call()
        try:
            result = await call(self._connection())
        except (RedisError, OSError) as error:
            self.breaker.failed(error)
            raise
        self.breaker.succeeded()
        return result

    async def ping(self) -> None:
        await self.run(lambda redis: redis.ping())

    async def publish(self, channel: str, message: str) -> None:
        await self.run(lambda redis: redis.publish(channel, message))

    async def subscribe(self, channel: str) -> AsyncIterator[str]:
        settings = get_settings()
        # Its own connection, without a read timeout: silence is normal here.
        redis = Redis.from_url(settings.redis_url, decode_responses=True)
        try:
            async with redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(channel)
                async for message in pubsub.listen():
                    yield message["data"]
        finally:
            await redis.aclose()

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()
            self._redis = None


redis_client = RedisClient()
