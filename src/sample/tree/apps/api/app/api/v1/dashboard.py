"""Numbers on the landing page. Costly to compute, so they come through the cache."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.models.schemas import DashboardSummary
from app.services.cache_service import CacheService
from app.services.user_service import UserService
from app.utils.dependencies import CurrentUser, get_cache_service, get_user_service

router = APIRouter()


@router.get("/summary", response_model=DashboardSummary)
async def read_summary(
    _: CurrentUser,
    users: Annotated[UserService, Depends(get_user_service)],
    cache: Annotated[CacheService, Depends(get_cache_service)],
) -> DashboardSummary:
    return await cache.dashboard_summary(users.summarise)
