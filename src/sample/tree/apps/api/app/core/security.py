"""Password hashing and signed tokens. No other module touches either."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
import jwt

from app.core.config import Settings
from app.models.database import User
from app.models.schemas import TokenPair

ALGORITHM = "HS256"
_hasher = PasswordHasher()


class TokenKind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"
    RESET = "reset"


class InvalidTokenError(Exception):
    """The token is malformed, expired, forged, or of another kind."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    user_id: UUID
    token_id: str
    issued_at: datetime
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IssuedPair:
    access_token: str
    refresh_token: str
    refresh_id: str
    expires_in: int

    def public(self) -> TokenPair:
        return TokenPair(
            access_token=self.access_token,
            refresh_token=self.refresh_token,
            expires_in=self.expires_in,
        )


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _issue(user: User, kind: TokenKind, ttl_seconds: int, config: Settings) -> tuple[str, str]:
    now = datetime.now(UTC)
    token_id = uuid4().hex
    payload = {
        "sub": str(user.id),
        "jti": token_id,
        "kind": kind.value,
        "roles": [role.name for role in user.roles],
        "iat": now,
        "exp": now + timedelta(seconds=ttl_seconds),
    }
    key = config.secret_key.get_secret_value()
    return jwt.encode(payload, key, algorithm=ALGORITHM), token_id


def create_token_pair(user: User, config: Settings) -> IssuedPair:
    access, _ = _issue(user, TokenKind.ACCESS, config.access_token_ttl_seconds, config)
    refresh, refresh_id = _issue(user, TokenKind.REFRESH, config.refresh_token_ttl_seconds, config)
    return IssuedPair(access, refresh, refresh_id, config.access_token_ttl_seconds)


def create_reset_token(user: User, config: Settings) -> str:
    token, _ = _issue(user, TokenKind.RESET, config.reset_token_ttl_seconds, config)
    return token


def decode_token(token: str, kind: TokenKind, config: Settings) -> TokenClaims:
    """Checks signature, age and kind, and returns the claims."""
    try:
        payload = jwt.decode(
            token,
            config.secret_key.get_secret_value(),
            algorithms=[ALGORITHM],
            leeway=config.token_leeway_seconds,
            options={"require": ["sub", "jti", "kind", "iat", "exp"]},
        )
        if payload["kind"] != kind.value:
            raise InvalidTokenError(f"expected a {kind.value} token, got {payload['kind']}")
        return TokenClaims(
            user_id=UUID(payload["sub"]),
            token_id=payload["jti"],
            issued_at=datetime.fromtimestamp(payload["iat"], UTC),
            roles=tuple(payload.get("roles", ())),
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise InvalidTokenError(str(error)) from error


def issued_before_password_change(claims: TokenClaims, user: User) -> bool:
    """Tokens from before the last password change are void.

    `iat` has whole seconds, the column has microseconds: compared as they are,
    a token issued right after the change would already count as too old.
    """
    return claims.issued_at < user.password_changed_at.replace(microsecond=0)
