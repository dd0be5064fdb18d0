"""HTTP surface of the service, one package per API version."""

from app.api.v1 import api_router

__all__ = ["api_router"]
