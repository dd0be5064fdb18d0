"""Rules about users: who may exist, who may change whom, what gets written to the audit log."""

from collections.abc import Sequence
from datetime import UTC, datetime
import logging
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.core.exceptions import ConflictError, NotFoundError
from app.core.security import hash_password
from app.db.repositories import AuditRepository, UserRepository
from app.models.database import User
from app.models.schemas import DashboardSummary, UserCreate, UserUpdate
from app.services.cache_service import CacheService
from app.services.websocket_service import connection_manager

logger = logging.getLogger("app.users")


class UserService:
    def __init__(self, users: UserRepository, audit: AuditRepository, cache: CacheService) -> None:
        self._users = users
        self._audit = audit
        self._cache = cache

    async def find_by_email(self, email: str) -> User | None:
        return await self._users.by_email(email)

    async def get(self, user_id: UUID) -> User:
        user = await self._users.by_id(user_id)
        if user is None:
            raise NotFoundError("No such user")
        return user

    async def search(
        self, text: str | None, *, page: int, page_size: int
    ) -> tuple[Sequence[User], int]:
        return await self._users.search(text, offset=(page - 1) * page_size, limit=page_size)

    async def create(self, body: UserCreate, *, actor: User) -> User:
        user = User(
            email=body.email.lower(),
            full_name=body.full_name,
            password_hash=hash_password(body.password),
            password_changed_at=datetime.now(UTC),
            roles=await self._users.roles_named(body.roles),
        )
        try:
            await self._users.add(user)
        except IntegrityError as error:
            raise ConflictError("This email address is already in use") from error
        await self._audit.record(actor.id, "user.created", {"user": str(user.id)})
        await self._summary_changed()
        return user

    async def update(self, user_id: UUID, body: UserUpdate, *, actor: User) -> User:
        user = await self.get(user_id)
        changes = body.model_dump(exclude_unset=True)
        if (names := changes.pop("roles", None)) is not None:
            user.roles = await self._users.roles_named(names)
        for field, value in changes.items():
            setattr(user, field, value)
        await self._audit.record(actor.id, "user.updated", {"user": str(user_id)})
        await self._cache.forget_user(user_id)
        return user

    async def deactivate(self, user_id: UUID, *, actor: User) -> None:
        if user_id == actor.id:
            raise ConflictError("You cannot deactivate your own account")
        user = await self.get(user_id)
        user.is_active = False
        await self._audit.record(actor.id, "user.deactivated", {"user": str(user_id)})
        await self._cache.forget_user(user_id)
        await self._summary_changed()
        logger.info("user deactivated: user=%s actor=%s", user_id, actor.id)

    async def set_password(self, user_id: UUID, password: str) -> User:
        user = await self.get(user_id)
        user.password_hash = hash_password(password)
        user.password_changed_at = datetime.now(UTC)
        await self._audit.record(user.id, "user.password_changed", {})
        return user

    async def _summary_changed(self) -> None:
        """Open dashboards get the new numbers pushed, others find them on the next load."""
        await self._cache.forget_summary()
        summary = await self.summarise()
        await connection_manager.publish(
            "dashboard.updated", summary.model_dump(mode="json", by_alias=True)
        )

    async def summarise(self) -> DashboardSummary:
        total, active = await self._users.counts()
        return DashboardSummary(
            total_users=total,
            active_users=active,
            events_today=await self._audit.count_since_midnight(),
            generated_at=datetime.now(UTC),
        )
