"""Liveness and readiness checks, for load balancers and for people in a hurry."""

import asyncio
from collections.abc import Awaitable, Callable
import logging
import time

from fastapi import APIRouter, Response, status

from app.cache.redis_client import redis_client
from app.core.config import get_settings
from app.db.connection import ping_database
from app.models.schemas import CheckResult, HealthReport

logger = logging.getLogger("app.health")
router = APIRouter(prefix="/health", tags=["health"])

CHECK_TIMEOUT_SECONDS = 2.0


async def run_check(name: str, check: Callable[[], Awaitable[None]]) -> CheckResult:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
            await check()
    except Exception as error:  # any failure makes the check red, whatever its type
        logger.error("readiness check failed: check=%s error=%r", name, error)
        return CheckResult(name=name, ok=False, detail=type(error).__name__)
    elapsed = (time.perf_counter() - started) * 1000
    return CheckResult(name=name, ok=True, detail=f"{elapsed:.1f} ms")


@router.get("", response_model=HealthReport)
async def live() -> HealthReport:
    """The process answers. Depends on nothing else, so a broken database restarts no pod."""
    return HealthReport(status="ok", release=get_settings().release, checks=[])


@router.get("/ready", response_model=HealthReport)
async def ready(response: Response) -> HealthReport:
    """The process can do its work: database and Redis both answer in time."""
    checks = await asyncio.gather(
        run_check("database", ping_database),
        run_check("redis", redis_client.ping),
    )
    healthy = all(check.ok for check in checks)
    if not healthy:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return HealthReport(
        status="ok" if healthy else "degraded",
        release=get_settings().release,
        checks=list(checks),
    )
