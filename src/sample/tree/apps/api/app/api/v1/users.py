"""User management endpoints. Everything but `/me` needs the admin role."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status

from app.models.database import User
from app.models.schemas import Page, UserCreate, UserRead, UserUpdate
from app.services.user_service import UserService
from app.utils.dependencies import CurrentUser, get_user_service, require_role

router = APIRouter()

Users = Annotated[UserService, Depends(get_user_service)]
Admin = Annotated[User, Depends(require_role("admin"))]


@router.get("/me", response_model=UserRead)
async def read_me(user: CurrentUser) -> User:
    return user


@router.get("", response_model=Page[UserRead])
async def list_users(
    users: Users,
    _: Admin,
    search: Annotated[str | None, Query(max_length=100)] = None,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100, alias="pageSize")] = 25,
) -> Page[UserRead]:
    items, total = await users.search(search, page=page, page_size=page_size)
    return Page[UserRead](
        items=[UserRead.model_validate(item) for item in items],
        total=total,
        page=page,
        page_size=page_size,
    )


@router.post("", response_model=UserRead, status_code=status.HTTP_201_CREATED)
async def create_user(body: UserCreate, users: Users, admin: Admin) -> User:
    return await users.create(body, actor=admin)


@router.get("/{user_id}", response_model=UserRead)
async def read_user(user_id: UUID, users: Users, _: Admin) -> User:
    return await users.get(user_id)


@router.patch("/{user_id}", response_model=UserRead)
async def update_user(user_id: UUID, body: UserUpdate, users: Users, admin: Admin) -> User:
    return await users.update(user_id, body, actor=admin)


@router.delete("/{user_id}", status_code=status.HTTP_204_NO_CONTENT)
async def deactivate_user(user_id: UUID, users: Users, admin: Admin) -> None:
    """Users are never deleted, only switched off: audit events refer to them."""
    await users.deactivate(user_id, actor=admin)
