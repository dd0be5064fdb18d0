"""Every query of the service. Services call these; nothing else talks to the session."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.models.database import AuditEvent, Role, User


class UserRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, user_id: UUID) -> User | None:
        query = select(User).where(User.id == user_id).options(selectinload(User.roles))
        return (await self._session.execute(query)).scalar_one_or_none()

    async def by_email(self, email: str) -> User | None:
        query = (
            select(User)
            .where(func.lower(User.email) == email.lower())
            .options(selectinload(User.roles))
        )
        return (await self._session.execute(query)).scalar_one_or_none()

    async def search(
        self, text: str | None, *, offset: int, limit: int
    ) -> tuple[Sequence[User], int]:
        query = select(User)
        if text:
            query = query.where(
                or_(
                    User.email.icontains(text, autoescape=True),
                    User.full_name.icontains(text, autoescape=True),
                )
            )
        total = await self._session.scalar(select(func.count()).select_from(query.subquery()))
        # Roles come in one extra query for the whole page, not in one per user.
        page = query.options(selectinload(User.roles)).order_by(User.email).offset(offset)
        users = (await self._session.scalars(page.limit(limit))).all()
        return users, total or 0

    async def add(self, user: User) -> None:
        self._session.add(user)
        await self._session.flush()

    async def roles_named(self, names: Iterable[str]) -> list[Role]:
        query = select(Role).where(Role.name.in_(list(names)))
        return list((await self._session.scalars(query)).all())

    async def counts(self) -> tuple[int, int]:
        query = select(func.count(), func.count().filter(User.is_active)).select_from(User)
        total, active = (await self._session.execute(query)).one()
        return total, active


class AuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(self, actor_id: UUID, action: str, detail: dict[str, Any]) -> None:
        self._session.add(AuditEvent(actor_id=actor_id, action=action, detail=detail))
        await self._session.flush()

    async def count_since_midnight(self) -> int:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        query = select(func.count(AuditEvent.id)).where(AuditEvent.created_at >= midnight)
        return await self._session.scalar(query) or 0
