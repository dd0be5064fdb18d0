"""What the application keeps in Redis, key by key. Nobody else builds a cache key."""

from collections.abc import Awaitable, Callable
import json
from uuid import UUID

from app.cache.cache_manager import CacheManager
from app.cache.strategies import cache_aside
from app.models.schemas import DashboardSummary

SUMMARY_KEY = "dashboard:summary"
SUMMARY_TTL_SECONDS = 60
LOGIN_WINDOW_SECONDS = 900
RESET_MAIL_QUEUE = "mail:password-reset"


def _login_key(email: str) -> str:
    return f"login:failed:{email.lower()}"


class CacheService:
    def __init__(self, manager: CacheManager) -> None:
        self._manager = manager

    async def dashboard_summary(
        self, load: Callable[[], Awaitable[DashboardSummary]]
    ) -> DashboardSummary:
        async def load_plain() -> dict[str, object]:
            return (await load()).model_dump(mode="json")

        value = await cache_aside(self._manager, SUMMARY_KEY, load_plain, SUMMARY_TTL_SECONDS)
        return DashboardSummary.model_validate(value)

    async def forget_summary(self) -> None:
        await self._manager.delete(SUMMARY_KEY)

    async def forget_user(self, user_id: UUID) -> None:
        await self._manager.delete(f"user:{user_id}")

    async def failed_logins(self, email: str) -> int:
        return int(await self._manager.get(_login_key(email)) or 0)

    async def count_failed_login(self, email: str) -> None:
        await self._manager.increment(_login_key(email), LOGIN_WINDOW_SECONDS)

    async def clear_failed_logins(self, email: str) -> None:
        await self._manager.delete(_login_key(email))

    async def remember_refresh(self, token_id: str, user_id: UUID, ttl_seconds: int) -> None:
        await self._manager.set_strict(f"refresh:{token_id}", str(user_id), ttl_seconds)

    async def consume_refresh(self, token_id: str) -> bool:
        """True for the first caller only: deleting and checking are one step in Redis."""
        return await self._manager.delete_strict(f"refresh:{token_id}")

    async def queue_reset_mail(self, email: str, token: str, ttl_seconds: int) -> None:
        """The mail worker reads this queue; a message older than its token is dropped there."""
        message = json.dumps({"email": email, "token": token, "ttlSeconds": ttl_seconds})
        await self._manager.push(RESET_MAIL_QUEUE, message)
