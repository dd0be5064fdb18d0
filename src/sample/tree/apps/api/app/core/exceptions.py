"""Errors the service raises on purpose, and the one shape in which clients see any error."""

import logging

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.core.logging import request_id_var

logger = logging.getLogger("app.errors")


class AppError(Exception):
    status_code = status.HTTP_500_INTERNAL_SERVER_ERROR
    code = "internal_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFoundError(AppError):
    status_code = status.HTTP_404_NOT_FOUND
    code = "not_found"


class ConflictError(AppError):
    status_code = status.HTTP_409_CONFLICT
    code = "conflict"


class ServiceUnavailableError(AppError):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    code = "service_unavailable"


def error_response(status_code: int, code: str, message: str) -> JSONResponse:
    body = {"error": {"code": code, "message": message, "requestId": request_id_var.get()}}
    return JSONResponse(body, status_code=status_code)


async def handle_app_error(request: Request, error: AppError) -> JSONResponse:
    if error.status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR:
        logger.error("request failed: path=%s code=%s", request.url.path, error.code)
    return error_response(error.status_code, error.code, error.message)


async def handle_http_error(_: Request, error: HTTPException) -> JSONResponse:
    return error_response(error.status_code, f"http_{error.status_code}", str(error.detail))


async def handle_validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:])
    return error_response(422, "invalid_request", f"{field}: {first['msg']}")


async def handle_unexpected_error(request: Request, error: Exception) -> JSONResponse:
    logger.exception("unhandled error: path=%s", request.url.path, exc_info=error)
    return error_response(500, "internal_error", "Something went wrong on our side")


def register_exception_handlers(app: FastAPI) -> None:
    app.exception_handler(AppError)(handle_app_error)
    app.exception_handler(HTTPException)(handle_http_error)
    app.exception_handler(RequestValidationError)(handle_validation_error)
    app.exception_handler(Exception)(handle_unexpected_error)
