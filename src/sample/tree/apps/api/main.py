"""Entry point of the API: builds the FastAPI application that uvicorn and gunicorn serve."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import logging

from fastapi import FastAPI

from app.api import api_router
from app.api.v1 import health
from app.cache.redis_client import redis_client
from app.core.config import get_settings
from app.core.exceptions import register_exception_handlers
from app.core.logging import setup_logging
from app.db.connection import dispose_engine
from app.middleware.auth_middleware import AuthMiddleware
from app.middleware.cors_middleware import install_cors
from app.middleware.logging_middleware import RequestLoggingMiddleware
from app.services.websocket_service import connection_manager

logger = logging.getLogger("app.main")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    settings = get_settings()
    logger.info("api starting: environment=%s release=%s", settings.environment, settings.release)
    await connection_manager.start()
    try:
        yield
    finally:
        await connection_manager.shutdown()
        await redis_client.close()
        await dispose_engine()
        logger.info("api stopped")


def create_app() -> FastAPI:
    settings = get_settings()
    setup_logging(settings.log_level)
    app = FastAPI(
        title="Tech Platform API",
        version=settings.release,
        docs_url=None if settings.is_production else "/docs",
        lifespan=lifespan,
    )
    # The middleware added last runs first. CORS has to be the outermost one: a 401 without
    # its headers looks like a network failure to the browser, and nobody gets to log in again.
    app.add_middleware(AuthMiddleware)
    app.add_middleware(RequestLoggingMiddleware)
    install_cors(app, settings)

    register_exception_handlers(app)
    app.include_router(health.router)
    app.include_router(api_router, prefix="/api/v1")
    return app


app = create_app()
