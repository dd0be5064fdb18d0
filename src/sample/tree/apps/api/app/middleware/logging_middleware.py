"""One log line per request, with an id that client, proxy and server share."""

import logging
import time
from uuid import uuid4

from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import correlation_id_var, request_id_var

logger = logging.getLogger("app.request")

SLOW_REQUEST_SECONDS = 1.0
DURATION = Histogram(
    "http_request_duration_seconds", "Request duration", ["method", "route", "status"]
)


class RequestLoggingMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        headers = Headers(scope=scope)
        request_id = headers.get("X-Request-ID") or uuid4().hex
        request_id_var.set(request_id)
        correlation_id_var.set(headers.get("X-Correlation-ID") or request_id)
        status = 500
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            elapsed = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            DURATION.labels(scope["method"], route, str(status)).observe(elapsed)
            level = logging.WARNING if elapsed > SLOW_REQUEST_SECONDS else logging.INFO
            logger.log(
                level,
                "request handled: %s %s status=%d duration_ms=%.1f",
                scope["method"],
                scope["path"],
                status,
                elapsed * 1000,
            )
