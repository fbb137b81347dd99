"""The backend's settings: one frozen object per process, from KASSA_ environment variables and the command line."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class RailSettings(BaseModel):
    """One rail: where it is, and the secret that signs requests both ways."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern="^https?://", description="The rail's URL; /lookup and /orders are below it.")
    secret: SecretStr = Field(min_length=16, description="Shared secret of the signatures.")


class Settings(BaseSettings):
    """Everything the backend may be told from outside. Secrets do not show in its repr."""

    model_config = SettingsConfigDict(env_prefix="KASSA_", frozen=True, extra="ignore")

    state_dir: Path = Field(default=Path(".kassa"), description="Where keys, provisioning and embedded data lie.")
    database_url: SecretStr = Field(
        default=SecretStr(""), description="PostgreSQL URL; empty starts the embedded server in the state directory."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    base_url: str = Field(default="", description="Public URL, for payment links; empty: http://host:port.")
    operator_name: str = Field(
        default="Kassa", min_length=1, max_length=25, description="Who runs this system, as receipts name it."
    )
    vault_master_key: SecretStr = Field(default=SecretStr(""), description="64 hex digits; empty: the 0600 file.")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    pool_size: int = Field(default=8, ge=2, le=100, description="Connections to PostgreSQL, executor included.")
    max_batch: int = Field(default=256, ge=1, le=5000, description="Commands in one commit.")
    max_waiting: int = Field(default=10_000, ge=1, description="Commands that may wait; more are refused as busy.")

    utc_offset_s: int = Field(
        default=0, ge=-12 * 3600, le=14 * 3600, description="The branches' time less UTC: when a limit's day begins."
    )
    sale_ttl_s: int = Field(default=180, ge=1, le=86_400, description="How long a sale's code can be paid.")
    hold_ttl_s: int = Field(default=180, ge=1, le=86_400, description="How long a cash-out waits for its cash.")
    wallet_session_s: int = Field(default=12 * 3600, ge=60, description="Life of a wallet session.")
    staff_session_s: int = Field(default=8 * 3600, ge=60, description="Life of a staff session.")
    expiry_period_s: int = Field(default=1, ge=1, le=60, description="How often due holds and sales are looked for.")
    seal_period_s: int = Field(default=10, ge=1, le=3600, description="How often the day chain gets a block.")
    directory_ttl_s: int = Field(
        default=30, ge=1, le=300, description="Longest time that access is remembered unasked."
    )
    rails: dict[str, RailSettings] = Field(
        default={}, description='JSON object: rail name to {"url", "secret"}; a service of another rail is away.'
    )
    rails_period_s: int = Field(default=1, ge=1, le=60, description="How often due rail orders are looked for.")
    ops_page: bool = Field(default=True, description="Serve the operations page (NiceGUI) under /ops.")

    @property
    def public_url(self) -> str:
        """The URL that payment links begin with, without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def https(self) -> bool:
        """Whether the public side is TLS, so that cookies are marked Secure."""
        return self.public_url.startswith("https://")
