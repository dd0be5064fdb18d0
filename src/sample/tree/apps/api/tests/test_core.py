"""Settings, tokens, the log formatter and the circuit breaker."""

from datetime import UTC, datetime
import json
import logging
from uuid import uuid4

import pytest

from app.cache.redis_client import CircuitBreaker, CircuitOpenError
from app.core.config import Settings
from app.core.logging import JsonFormatter
from app.core.security import (
    InvalidTokenError,
    TokenKind,
    create_token_pair,
    decode_token,
    issued_before_password_change,
)
from app.models.database import User


def test_production_refuses_the_development_secret() -> None:
    with pytest.raises(ValueError, match="SECRET_KEY"):
        Settings(environment="production", database_url="postgresql+asyncpg://db/tech_platform")


def test_refresh_token_is_no_access_token() -> None:
    config = Settings()
    user = User(id=uuid4(), roles=[], password_changed_at=datetime.now(UTC))
    pair = create_token_pair(user, config)
    with pytest.raises(InvalidTokenError):
        decode_token(pair.refresh_token, TokenKind.ACCESS, config)
    claims = decode_token(pair.access_token, TokenKind.ACCESS, config)
    assert not issued_before_password_change(claims, user)


def test_log_lines_are_json() -> None:
    record = logging.LogRecord("app.x", logging.INFO, "x.py", 7, "hello %s", ("you",), None)
    entry = json.loads(JsonFormatter().format(record))
    assert entry["message"] == "hello you"
    assert entry["source"] == "x.py:7"


def test_breaker_opens_then_recovers() -> None:
    breaker = CircuitBreaker(failure_limit=2, pause_seconds=60)
    breaker.failed(OSError())
    breaker.before_call()
    breaker.failed(OSError())
    with pytest.raises(CircuitOpenError):
        breaker.before_call()
    breaker.succeeded()
    breaker.before_call()
    assert not breaker.is_open
