"""User management."""

import httpx

from app.models.database import User

NEW_USER = {
    "email": "noor@tech-platform.example",
    "fullName": "Noor Haddad",
    "password": "long enough to pass",
    "roles": ["member"],
}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_list_needs_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/users")).status_code == 401


async def test_create_then_find(client: httpx.AsyncClient, token: str) -> None:
    created = await client.post("/api/v1/users", json=NEW_USER, headers=bearer(token))
    assert created.status_code == 201
    found = await client.get("/api/v1/users?search=noor", headers=bearer(token))
    assert found.json()["total"] == 1
    assert found.json()["items"][0]["roles"] == ["member"]


async def test_duplicate_email_is_a_conflict(client: httpx.AsyncClient, token: str) -> None:
    await client.post("/api/v1/users", json=NEW_USER, headers=bearer(token))
    again = await client.post("/api/v1/users", json=NEW_USER, headers=bearer(token))
    assert again.status_code == 409


async def test_nobody_locks_themselves_out(
    client: httpx.AsyncClient, token: str, admin: User
) -> None:
    response = await client.delete(f"/api/v1/users/{admin.id}", headers=bearer(token))
    assert response.status_code == 409
