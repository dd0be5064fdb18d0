"""Authentication endpoints: login, token refresh, logout and password reset."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status

from app.core.config import Settings, get_settings
from app.core.security import (
    InvalidTokenError,
    TokenKind,
    create_reset_token,
    create_token_pair,
    decode_token,
    verify_password,
)
from app.models.schemas import (
    LoginRequest,
    PasswordResetConfirm,
    PasswordResetRequest,
    RefreshRequest,
    TokenPair,
)
from app.services.cache_service import CacheService
from app.services.user_service import UserService
from app.utils.dependencies import CurrentUser, get_cache_service, get_user_service
from app.utils.helpers import mask_email

logger = logging.getLogger("app.auth")
router = APIRouter()

Users = Annotated[UserService, Depends(get_user_service)]
Cache = Annotated[CacheService, Depends(get_cache_service)]
Config = Annotated[Settings, Depends(get_settings)]

BAD_LOGIN = "Email or password is wrong"
MAX_FAILED_LOGINS = 5


@router.post("/login", response_model=TokenPair)
async def login(form: LoginRequest, users: Users, cache: Cache, config: Config) -> TokenPair:
    """Exchanges an email and a password for an access and a refresh token."""
    if await cache.failed_logins(form.email) >= MAX_FAILED_LOGINS:
        logger.warning("login locked after too many failures: email=%s", mask_email(form.email))
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, BAD_LOGIN)

    user = await users.find_by_email(form.email)
    if user is None or not verify_password(form.password, user.password_hash):
        await cache.count_failed_login(form.email)
        logger.warning("login failed: email=%s", mask_email(form.email))
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, BAD_LOGIN)
    if not user.is_active:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This account is disabled")

    await cache.clear_failed_logins(form.email)
    pair = create_token_pair(user, config)
    await cache.remember_refresh(pair.refresh_id, user.id, config.refresh_token_ttl_seconds)
    logger.info("login succeeded: user=%s", user.id)
    return pair.public()


@router.post("/refresh", response_model=TokenPair)
async def refresh(body: RefreshRequest, users: Users, cache: Cache, config: Config) -> TokenPair:
    """Rotates a refresh token. A token can be used once; a second use ends the session."""
    try:
        claims = decode_token(body.refresh_token, TokenKind.REFRESH, config)
    except InvalidTokenError as error:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Session has expired") from error

    if not await cache.consume_refresh(claims.token_id):
        logger.warning("refresh token reused: user=%s", claims.user_id)
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Session has expired")

    user = await users.get(claims.user_id)
    pair = create_token_pair(user, config)
    await cache.remember_refresh(pair.refresh_id, user.id, config.refresh_token_ttl_seconds)
    return pair.public()


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(body: RefreshRequest, _: CurrentUser, cache: Cache, config: Config) -> None:
    """Ends the session that the refresh token belongs to."""
    try:
        claims = decode_token(body.refresh_token, TokenKind.REFRESH, config)
    except InvalidTokenError:
        return
    await cache.consume_refresh(claims.token_id)


@router.post("/password-reset", status_code=status.HTTP_202_ACCEPTED)
async def request_password_reset(
    body: PasswordResetRequest, users: Users, cache: Cache, config: Config
) -> None:
    """Sends a reset link. The answer is the same whether the address is known or not."""
    user = await users.find_by_email(body.email)
    if user is None:
        logger.info("password reset requested for an unknown address")
        return
    token = create_reset_token(user, config)
    await cache.queue_reset_mail(user.email, token, config.reset_token_ttl_seconds)
    logger.info("password reset requested: user=%s", user.id)


@router.post("/password-reset/confirm", status_code=status.HTTP_204_NO_CONTENT)
async def confirm_password_reset(
    body: PasswordResetConfirm, users: Users, cache: Cache, config: Config
) -> None:
    """Sets a new password for the holder of a valid reset token."""
    try:
        claims = decode_token(body.token, TokenKind.RESET, config)
    except InvalidTokenError as error:
        logger.warning("password reset refused: %s", error)
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Reset link has expired") from error

    user = await users.set_password(claims.user_id, body.new_password)
    # The lock that sent the user to the reset page must not outlive the old password.
    await cache.clear_failed_logins(user.email)
    await cache.forget_user(user.id)
    logger.info("password reset completed: user=%s", user.id)
