"""The WebSocket, seen from a client."""

import asyncio
import json
import os

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

pytestmark = pytest.mark.integration

WS_URL = os.environ.get("WS_URL", "ws://localhost:8000") + "/api/v1/ws"


async def test_ready_then_pong(tokens: dict[str, str]) -> None:
    async with connect(WS_URL) as socket:
        await socket.send(json.dumps({"type": "auth", "token": tokens["accessToken"]}))
        assert json.loads(await socket.recv())["type"] == "ready"
        await socket.send(json.dumps({"type": "ping"}))
        assert json.loads(await socket.recv()) == {"type": "pong"}


async def test_bad_token_is_closed_with_4401() -> None:
    async with connect(WS_URL) as socket:
        await socket.send(json.dumps({"type": "auth", "token": "nonsense"}))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_new_users_reach_open_dashboards(
    client: httpx.AsyncClient, tokens: dict[str, str]
) -> None:
    async with connect(WS_URL) as socket:
        await socket.send(json.dumps({"type": "auth", "token": tokens["accessToken"]}))
        await socket.recv()
        draft = {
            "email": f"live-{os.getpid()}@tech-platform.example",
            "fullName": "Live Update",
            "password": "a long enough one",
        }
        headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
        await client.post("/api/v1/users", json=draft, headers=headers)
        event = json.loads(await asyncio.wait_for(socket.recv(), timeout=5))
    assert event["type"] == "dashboard.updated"
    assert event["payload"]["totalUsers"] >= 1
