"""The API with a real database and a real Redis behind it."""

from uuid import uuid4

import httpx
import pytest

pytestmark = pytest.mark.integration


def bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['accessToken']}"}


async def test_everything_is_ready(client: httpx.AsyncClient) -> None:
    report = (await client.get("/health/ready")).json()
    assert {check["name"] for check in report["checks"]} == {"database", "redis"}
    assert report["status"] == "ok"


async def test_refresh_rotates_and_old_token_dies(
    client: httpx.AsyncClient, tokens: dict[str, str]
) -> None:
    body = {"refreshToken": tokens["refreshToken"]}
    assert (await client.post("/api/v1/auth/refresh", json=body)).status_code == 200
    assert (await client.post("/api/v1/auth/refresh", json=body)).status_code == 401


async def test_deactivated_user_cannot_log_in(
    client: httpx.AsyncClient, tokens: dict[str, str]
) -> None:
    email = f"leaver-{uuid4().hex[:8]}@tech-platform.example"
    draft = {"email": email, "fullName": "Sam Leaver", "password": "a long enough one"}
    created = await client.post("/api/v1/users", json=draft, headers=bearer(tokens))
    await client.delete(f"/api/v1/users/{created.json()['id']}", headers=bearer(tokens))
    form = {"email": email, "password": draft["password"]}
    assert (await client.post("/api/v1/auth/login", json=form)).status_code == 403


async def test_preflight_needs_no_token(client: httpx.AsyncClient) -> None:
    response = await client.options(
        "/api/v1/users",
        headers={
            "Origin": "http://localhost:4200",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "Authorization,X-Request-ID",
        },
    )
    assert response.status_code == 200


async def test_search_finds_regardless_of_case(
    client: httpx.AsyncClient, tokens: dict[str, str], admin_email: str
) -> None:
    found = await client.get(
        "/api/v1/users", params={"search": admin_email.upper()}, headers=bearer(tokens)
    )
    assert found.json()["total"] == 1
