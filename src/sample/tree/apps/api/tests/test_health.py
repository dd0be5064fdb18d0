"""Liveness stays green when readiness turns red."""

import httpx
import pytest

from app.api.v1 import health


async def refuse() -> None:
    raise ConnectionError("refused")


async def accept() -> None:
    return None


async def test_live_needs_nothing(client: httpx.AsyncClient) -> None:
    response = await client.get("/health")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"


async def test_ready_is_503_without_redis(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "ping_database", accept)
    monkeypatch.setattr(health.redis_client, "ping", refuse)
    response = await client.get("/health/ready")
    assert response.status_code == 503
    checks = {check["name"]: check["ok"] for check in response.json()["checks"]}
    assert checks == {"database": True, "redis": False}
