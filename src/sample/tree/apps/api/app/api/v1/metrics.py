"""Prometheus scrape target, and the intake for measurements taken in the browser."""

from fastapi import APIRouter, Response, status
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from app.models.schemas import FrontendMetrics

router = APIRouter()

PAGE_LOAD_SECONDS = Histogram(
    "web_page_load_seconds",
    "Page load time as seen by browsers",
    buckets=(0.5, 1, 2, 3, 5, 8, 13),
)
WEB_ERRORS = Counter("web_errors_total", "Errors caught by the front end")


@router.get("", include_in_schema=False)
async def scrape() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.post("/frontend", status_code=status.HTTP_204_NO_CONTENT)
async def collect_frontend(body: FrontendMetrics) -> None:
    PAGE_LOAD_SECONDS.observe(body.load_time_ms / 1000)
    if body.errors:
        WEB_ERRORS.inc(body.errors)
