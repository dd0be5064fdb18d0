"""Request and response bodies. Python says `full_name`, the wire says `fullName`."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, field_validator
from pydantic.alias_generators import to_camel

from app.utils.validation import strong_password

Item = TypeVar("Item")
Password = Annotated[str, AfterValidator(strong_password)]


class Schema(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class LoginRequest(Schema):
    email: EmailStr
    password: str = Field(max_length=200)


class RefreshRequest(Schema):
    refresh_token: str


class TokenPair(Schema):
    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105
    expires_in: int


class PasswordResetRequest(Schema):
    email: EmailStr


class PasswordResetConfirm(Schema):
    token: str
    new_password: Password


class UserCreate(Schema):
    email: EmailStr
    full_name: str = Field(min_length=1, max_length=200)
    password: Password
    roles: list[str] = Field(default_factory=lambda: ["member"])


class UserUpdate(Schema):
    full_name: str | None = Field(None, min_length=1, max_length=200)
    is_active: bool | None = None
    roles: list[str] | None = None


class UserRead(Schema):
    id: UUID
    email: EmailStr
    full_name: str
    is_active: bool
    roles: list[str]
    created_at: datetime

    @field_validator("roles", mode="before")
    @classmethod
    def role_names(cls, value: list[object]) -> list[str]:
        return [str(getattr(role, "name", role)) for role in value]


class Page(Schema, Generic[Item]):
    items: list[Item]
    total: int
    page: int
    page_size: int


class DashboardSummary(Schema):
    total_users: int
    active_users: int
    events_today: int
    generated_at: datetime


class CheckResult(Schema):
    name: str
    ok: bool
    detail: str


class HealthReport(Schema):
    status: str
    release: str
    checks: list[CheckResult]


class FrontendMetrics(Schema):
    load_time_ms: float = Field(ge=0, le=600_000)
    errors: int = Field(0, ge=0, le=10_000)
    path: str = Field(max_length=300)
