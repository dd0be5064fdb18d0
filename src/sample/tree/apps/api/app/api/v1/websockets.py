"""WebSocket endpoint. The first message has to be `{"type": "auth", "token": "..."}`."""

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect

from app.core.config import Settings, get_settings
from app.core.security import InvalidTokenError, TokenClaims, TokenKind, decode_token
from app.services.websocket_service import TooManyConnectionsError, connection_manager

logger = logging.getLogger("app.websocket")
router = APIRouter()

AUTH_TIMEOUT_SECONDS = 5.0
CLOSE_UNAUTHORIZED = 4401
CLOSE_OVERLOADED = 1013


async def authenticate(socket: WebSocket, config: Settings) -> TokenClaims | None:
    """Reads the opening message; the token travels here, so that no access log holds it."""
    try:
        async with asyncio.timeout(AUTH_TIMEOUT_SECONDS):
            message = await socket.receive_json()
        if not isinstance(message, dict) or message.get("type") != "auth":
            return None
        return decode_token(str(message.get("token", "")), TokenKind.ACCESS, config)
    except (TimeoutError, ValueError, InvalidTokenError) as error:
        logger.warning("websocket authentication failed: %r", error)
        return None


@router.websocket("/ws")
async def events(socket: WebSocket, config: Annotated[Settings, Depends(get_settings)]) -> None:
    await socket.accept()
    try:
        claims = await authenticate(socket, config)
        if claims is None:
            await socket.close(CLOSE_UNAUTHORIZED, "authentication required")
            return
        connection = connection_manager.connect(claims.user_id, socket)
    except TooManyConnectionsError:
        logger.error("websocket refused: connection limit reached")
        await socket.close(CLOSE_OVERLOADED, "try again later")
        return
    except WebSocketDisconnect:
        return

    try:
        await socket.send_json({"type": "ready", "heartbeatSeconds": config.ws_heartbeat_seconds})
        while True:
            message = await socket.receive_json()
            if isinstance(message, dict) and message.get("type") == "ping":
                await socket.send_json({"type": "pong"})
    except WebSocketDisconnect as error:
        logger.info("websocket closed: user=%s code=%s", claims.user_id, error.code)
    except ValueError:
        logger.warning("websocket sent invalid json: user=%s", claims.user_id)
        await socket.close(1003, "messages have to be json")
    finally:
        connection_manager.disconnect(connection)
