"""Fixtures for tests against running services, see tools/docker/docker-compose.test.yml."""

from collections.abc import AsyncIterator
import os
from uuid import uuid4

import httpx
import pytest

from app.core.security import hash_password
from app.db.connection import get_sessionmaker
from app.db.repositories import UserRepository
from app.models.database import User

API_URL = os.environ.get("API_URL", "http://localhost:8000")
PASSWORD = "integration tests only"  # noqa: S105


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=API_URL, timeout=10) as client:
        yield client


@pytest.fixture
async def admin_email() -> str:
    """A fresh admin per test, so that tests do not share login counters."""
    email = f"admin-{uuid4().hex[:8]}@tech-platform.example"
    async with get_sessionmaker()() as session:
        users = UserRepository(session)
        roles = await users.roles_named(["admin"])
        await users.add(
            User(
                email=email,
                full_name="Integration Admin",
                password_hash=hash_password(PASSWORD),
                roles=roles,
            )
        )
        await session.commit()
    return email


@pytest.fixture
async def tokens(client: httpx.AsyncClient, admin_email: str) -> dict[str, str]:
    form = {"email": admin_email, "password": PASSWORD}
    response = await client.post("/api/v1/auth/login", json=form)
    response.raise_for_status()
    return response.json()
