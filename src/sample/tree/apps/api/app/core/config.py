"""Settings, read once from the environment and checked before the first request."""

from enum import StrEnum
from functools import lru_cache

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    environment: Environment = Environment.DEVELOPMENT
    release: str = "dev"
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    database_url: str = "postgresql+asyncpg://dev_user:dev_password@localhost:5432/tech_platform"
    db_pool_size: int = Field(10, ge=1, le=50)
    db_max_overflow: int = Field(5, ge=0, le=50)
    db_pool_timeout_seconds: float = Field(5.0, gt=0)

    redis_url: str = "redis://localhost:6379/0"
    redis_timeout_seconds: float = Field(0.5, gt=0)
    cache_default_ttl_seconds: int = Field(300, ge=1)

    secret_key: SecretStr = SecretStr("dev-only-secret-key-never-used-in-production")
    access_token_ttl_seconds: int = Field(900, ge=60)
    refresh_token_ttl_seconds: int = Field(1_209_600, ge=3600)
    reset_token_ttl_seconds: int = Field(1800, ge=300)
    token_leeway_seconds: int = Field(30, ge=0, le=120)

    cors_origins: str = "http://localhost:4200"
    ws_heartbeat_seconds: int = Field(25, ge=5)
    ws_max_connections: int = Field(5000, ge=1)

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def cors_origin_list(self) -> list[str]:
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]

    @model_validator(mode="after")
    def refuse_unsafe_settings(self) -> "Settings":
        """Deployed environments must not start with values meant for a laptop."""
        if self.environment not in (Environment.STAGING, Environment.PRODUCTION):
            return self
        secret = self.secret_key.get_secret_value()
        if secret.startswith("dev-only") or len(secret) < 32:
            raise ValueError("SECRET_KEY must be set to at least 32 characters")
        if "*" in self.cors_origin_list:
            raise ValueError("CORS_ORIGINS must list origins, not a wildcard")
        if "localhost" in self.database_url:
            raise ValueError("DATABASE_URL points at localhost")
        return self


@lru_cache
def get_settings() -> Settings:
    return Settings()
