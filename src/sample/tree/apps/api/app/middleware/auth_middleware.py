"""Refuses requests with a bad token early, and tells the log who is asking."""

from collections.abc import Awaitable, Callable
import logging

from fastapi import Request, Response, status
from starlette.middleware.base import BaseHTTPMiddleware

from app.core.config import get_settings
from app.core.exceptions import error_response
from app.core.logging import user_id_var
from app.core.security import InvalidTokenError, TokenKind, decode_token

logger = logging.getLogger("app.auth")

# A stale token in the browser must not keep anybody from logging in again.
PUBLIC_PREFIXES = (
    "/health",
    "/docs",
    "/openapi.json",
    "/api/v1/metrics",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/auth/password-reset",
)


class AuthMiddleware(BaseHTTPMiddleware):
    async def dispatch(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        request.state.claims = None
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if request.url.path.startswith(PUBLIC_PREFIXES) or scheme.lower() != "bearer":
            return await call_next(request)
        try:
            claims = decode_token(token, TokenKind.ACCESS, get_settings())
        except InvalidTokenError as error:
            logger.warning("access token refused: path=%s reason=%s", request.url.path, error)
            return error_response(
                status.HTTP_401_UNAUTHORIZED, "invalid_token", "Access token is not valid"
            )
        request.state.claims = claims
        user_id_var.set(str(claims.user_id))
        return await call_next(request)
