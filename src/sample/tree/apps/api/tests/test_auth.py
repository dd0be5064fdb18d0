"""Login, refresh and password reset."""

import json

from conftest import PASSWORD, MemoryCache
import httpx

from app.models.database import User
from app.services.cache_service import RESET_MAIL_QUEUE

LOGIN = "/api/v1/auth/login"
NEW_PASSWORD = "a different long one"  # noqa: S105


async def test_wrong_password_is_401(client: httpx.AsyncClient, admin: User) -> None:
    response = await client.post(LOGIN, json={"email": admin.email, "password": "nope"})
    assert response.status_code == 401
    assert response.json()["error"]["message"] == "Email or password is wrong"


async def test_refresh_token_works_once(client: httpx.AsyncClient, admin: User) -> None:
    pair = (await client.post(LOGIN, json={"email": admin.email, "password": PASSWORD})).json()
    body = {"refreshToken": pair["refreshToken"]}
    assert (await client.post("/api/v1/auth/refresh", json=body)).status_code == 200
    assert (await client.post("/api/v1/auth/refresh", json=body)).status_code == 401


async def test_login_after_reset_of_a_locked_account(
    client: httpx.AsyncClient, admin: User, cache: MemoryCache
) -> None:
    """Regression: too many attempts, a reset, and the new password was still refused."""
    for _ in range(5):
        await client.post(LOGIN, json={"email": admin.email, "password": "nope"})
    await client.post("/api/v1/auth/password-reset", json={"email": admin.email})
    token = json.loads(cache.queues[RESET_MAIL_QUEUE][0])["token"]

    confirm = {"token": token, "newPassword": NEW_PASSWORD}
    response = await client.post("/api/v1/auth/password-reset/confirm", json=confirm)
    assert response.status_code == 204

    form = {"email": admin.email, "password": NEW_PASSWORD}
    assert (await client.post(LOGIN, json=form)).status_code == 200


async def test_reset_for_unknown_address_looks_the_same(client: httpx.AsyncClient) -> None:
    body = {"email": "nobody@tech-platform.example"}
    assert (await client.post("/api/v1/auth/password-reset", json=body)).status_code == 202


async def test_login_reports_a_missing_session_store(
    client: httpx.AsyncClient, admin: User, cache: MemoryCache
) -> None:
    cache.down = True
    response = await client.post(LOGIN, json={"email": admin.email, "password": PASSWORD})
    assert response.status_code == 503
