"""Fixtures for the unit tests: SQLite in memory, and a Redis that lives in a dict."""

from collections.abc import AsyncIterator
import json
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import StaticPool

from app.cache.redis_client import redis_client
from app.core.exceptions import ServiceUnavailableError
from app.core.security import hash_password
from app.db.connection import get_session
from app.models.database import Base, Role, User
from app.services.cache_service import CacheService
from app.utils.dependencies import get_cache_service
from main import create_app

PASSWORD = "correct horse battery"  # noqa: S105


class MemoryCache:
    """Behaves like CacheManager. Set `down` to see what happens without Redis."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.queues: dict[str, list[str]] = {}
        self.down = False

    async def get(self, name: str) -> Any | None:
        return None if self.down or name not in self.values else json.loads(self.values[name])

    async def set(self, name: str, value: Any, ttl_seconds: int | None = None) -> None:
        if not self.down:
            self.values[name] = json.dumps(value)

    async def set_strict(self, name: str, value: Any, ttl_seconds: int) -> None:
        if self.down:
            raise ServiceUnavailableError("down")
        await self.set(name, value, ttl_seconds)

    async def delete(self, name: str) -> None:
        self.values.pop(name, None)

    async def delete_strict(self, name: str) -> bool:
        return self.values.pop(name, None) is not None

    async def increment(self, name: str, window_seconds: int) -> None:
        await self.set(name, int(await self.get(name) or 0) + 1)

    async def acquire(self, name: str, ttl_ms: int) -> bool:
        return self.values.setdefault(name, "1") is not None

    async def push(self, queue: str, message: str) -> None:
        self.queues.setdefault(queue, []).append(message)


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


@pytest.fixture
async def session() -> AsyncIterator[AsyncSession]:
    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with async_sessionmaker(engine, expire_on_commit=False)() as session:
        yield session
    await engine.dispose()


@pytest.fixture
async def admin(session: AsyncSession) -> User:
    roles = [Role(name="admin"), Role(name="member")]
    user = User(
        email="admin@tech-platform.example",
        full_name="Ada Admin",
        password_hash=hash_password(PASSWORD),
        roles=roles,
    )
    session.add(user)
    await session.commit()
    return user


@pytest.fixture
async def client(session: AsyncSession, cache: MemoryCache) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app()
    app.dependency_overrides[get_session] = lambda: session
    service = CacheService(cache)  # type: ignore[arg-type]
    app.dependency_overrides[get_cache_service] = lambda: service
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        yield client
    # Every test has an event loop of its own, and a connection belongs to the one that opened it.
    await redis_client.close()


@pytest.fixture
async def token(client: httpx.AsyncClient, admin: User) -> str:
    form = {"email": admin.email, "password": PASSWORD}
    response = await client.post("/api/v1/auth/login", json=form)
    return str(response.json()["accessToken"])
