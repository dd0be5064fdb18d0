"""FastAPI dependencies: how endpoints get services, and the user who is calling."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.cache.cache_manager import CacheManager
from app.cache.redis_client import redis_client
from app.core.config import get_settings
from app.core.security import TokenClaims, issued_before_password_change
from app.db.connection import get_session
from app.db.repositories import AuditRepository, UserRepository
from app.models.database import User
from app.services.cache_service import CacheService
from app.services.user_service import UserService


def get_cache_service() -> CacheService:
    ttl = get_settings().cache_default_ttl_seconds
    return CacheService(CacheManager(redis_client, "tp", ttl))


def get_user_service(
    session: Annotated[AsyncSession, Depends(get_session)],
    cache: Annotated[CacheService, Depends(get_cache_service)],
) -> UserService:
    return UserService(UserRepository(session), AuditRepository(session), cache)


async def get_current_user(
    request: Request, users: Annotated[UserService, Depends(get_user_service)]
) -> User:
    claims: TokenClaims | None = getattr(request.state, "claims", None)
    if claims is None:
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED,
            "Authentication is required",
            headers={"WWW-Authenticate": "Bearer"},
        )
    user = await users.get(claims.user_id)
    if not user.is_active or issued_before_password_change(claims, user):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Session is no longer valid")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


def require_role(name: str) -> Callable[[User], Awaitable[User]]:
    async def check(user: CurrentUser) -> User:
        if not user.has_role(name):
            raise HTTPException(status.HTTP_403_FORBIDDEN, f"The {name} role is required")
        return user

    return check
