"""Open WebSocket connections of this process, and fan-out between processes over Redis."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
import json
import logging
from typing import Any
from uuid import UUID, uuid4

from fastapi import WebSocket
from prometheus_client import Gauge
from redis.exceptions import RedisError

from app.cache.redis_client import CircuitOpenError, redis_client
from app.core.config import get_settings

logger = logging.getLogger("app.websocket")

EVENTS_CHANNEL = "events"
CLOSE_SERVICE_RESTART = 1012
OPEN_CONNECTIONS = Gauge("websocket_open_connections", "WebSocket connections of this process")


class TooManyConnectionsError(Exception):
    """This process holds as many connections as it may."""


@dataclass(frozen=True, slots=True)
class Connection:
    user_id: UUID
    socket: WebSocket
    id: str = field(default_factory=lambda: uuid4().hex)


class ConnectionManager:
    def __init__(self) -> None:
        self._connections: dict[UUID, dict[str, Connection]] = defaultdict(dict)
        self._listener: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        return sum(len(group) for group in self._connections.values())

    def connect(self, user_id: UUID, socket: WebSocket) -> Connection:
        if self.count >= get_settings().ws_max_connections:
            raise TooManyConnectionsError
        connection = Connection(user_id, socket)
        self._connections[user_id][connection.id] = connection
        OPEN_CONNECTIONS.set(self.count)
        return connection

    def disconnect(self, connection: Connection) -> None:
        group = self._connections.get(connection.user_id, {})
        group.pop(connection.id, None)
        if not group:
            self._connections.pop(connection.user_id, None)
        OPEN_CONNECTIONS.set(self.count)

    async def publish(
        self, event: str, payload: dict[str, Any], user_id: UUID | None = None
    ) -> None:
        """Sends an event to one user, or to everybody, on every process."""
        target = str(user_id) if user_id else None
        message = {"type": event, "payload": payload, "target": target}
        try:
            await redis_client.publish(EVENTS_CHANNEL, json.dumps(message))
        except (RedisError, CircuitOpenError, OSError):
            logger.warning("event not published: type=%s", event)

    async def deliver(self, raw: str) -> None:
        message = json.loads(raw)
        target = message.pop("target", None)
        groups = [self._connections.get(UUID(target), {})] if target else self._connections.values()
        for connection in [item for group in groups for item in group.values()]:
            try:
                await connection.socket.send_json(message)
            except (RuntimeError, OSError):
                logger.info("dropping dead websocket: user=%s", connection.user_id)
                self.disconnect(connection)

    async def start(self) -> None:
        self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                async for raw in redis_client.subscribe(EVENTS_CHANNEL):
                    await self.deliver(raw)
            except Exception:
                logger.exception("event listener stopped, restarting in 2 s")
                await asyncio.sleep(2)

    async def shutdown(self) -> None:
        """Tells clients that a restart is under way, so that they come back spread out."""
        if self._listener:
            self._listener.cancel()
        sockets = [item.socket for group in self._connections.values() for item in group.values()]
        logger.info("closing websockets for restart: open=%d", len(sockets))
        closing = (socket.close(CLOSE_SERVICE_RESTART, "service restart") for socket in sockets)
        await asyncio.gather(*closing, return_exceptions=True)


connection_manager = ConnectionManager()
