"""Version 1 of the API. Health checks are mounted apart, without the version prefix."""

from fastapi import APIRouter

from app.api.v1 import auth, dashboard, metrics, users, websockets

api_router = APIRouter()
api_router.include_router(auth.router, prefix="/auth", tags=["auth"])
api_router.include_router(users.router, prefix="/users", tags=["users"])
api_router.include_router(dashboard.router, prefix="/dashboard", tags=["dashboard"])
api_router.include_router(metrics.router, prefix="/metrics", tags=["metrics"])
api_router.include_router(websockets.router, tags=["websocket"])
