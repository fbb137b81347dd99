"""The hub's settings: one frozen object, from KASSA_HUB_* and the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from deskwire import topics
from hub.core.limits import LIMITS


class HubSettings(BaseSettings):
    """Every setting of a hub. Secrets are hidden in reprs."""

    model_config = SettingsConfigDict(env_prefix="KASSA_HUB_", frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str = Field(description="The hub's id, 4 to 16 of A-Z and 0-9")
    credential: SecretStr = Field(description="The credential that the backend gave this hub")
    broker_url: str = Field("mqtt://127.0.0.1:1883", description="mqtt://host:port, or mqtts://host:port for TLS")
    broker_user: str | None = Field(None, description="The hub's account on the broker")
    broker_password: SecretStr | None = Field(None, description="Its password")
    broker_ca: Path | None = Field(None, description="PEM file of the authority that signed the broker's certificate")
    backend_url: str = Field("http://127.0.0.1:8000", description="http://host:port or https://host:port")
    backend_ca: Path | None = Field(None, description="PEM file of the authority that signed the backend's certificate")
    spool: Path = Field(Path(".kassa/hub/spool.sqlite"), description="The spool's file")
    spool_max: int = Field(LIMITS.tells_pending, ge=1, le=1_000_000, description="The most tells the spool holds")
    http_host: str = Field("127.0.0.1", description="Where /health, /metrics and /spool listen")
    http_port: int = Field(8090, ge=0, le=65535, description="Their port; 0 picks a free one")
    mqtt: Literal["paho", "gmqtt"] = Field("paho", description="The MQTT client library")
    shared_group: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_-]{1,32}$", description="Share the terminals with the other hubs of this group"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("id")
    @classmethod
    def _check_id(cls, value: str) -> str:
        if not topics.is_terminal_id(value):
            raise ValueError("must be 4 to 16 of A-Z and 0-9")
        return value

    @field_validator("credential")
    @classmethod
    def _check_credential(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if not text or not text.isascii() or not text.isprintable():
            raise ValueError("must be the printable text that the backend gave")
        return value

    @field_validator("broker_url")
    @classmethod
    def _check_broker(cls, value: str) -> str:
        return _check_url(value, ("mqtt", "mqtts"))

    @field_validator("backend_url")
    @classmethod
    def _check_backend(cls, value: str) -> str:
        return _check_url(value, ("http", "https"))

    @model_validator(mode="after")
    def _check_files(self) -> HubSettings:
        for path in (self.broker_ca, self.backend_ca):
            if path is not None and not path.is_file():
                raise ValueError(f"there is no file {path}: give the authority's PEM file, or leave it out")
        return self

    @property
    def broker_address(self) -> tuple[str, int]:
        """Host and port of the broker."""
        parts = urlsplit(self.broker_url)
        return parts.hostname or "127.0.0.1", parts.port or (8883 if self.broker_tls else 1883)

    @property
    def broker_tls(self) -> bool:
        """Whether the broker is reached over TLS."""
        return self.broker_url.startswith("mqtts:")

    @property
    def backend_tls(self) -> bool:
        """Whether the backend is reached over TLS."""
        return self.backend_url.startswith("https:")


def _check_url(value: str, schemes: tuple[str, ...]) -> str:
    parts = urlsplit(value)
    try:
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        port_is_sound = False
    if parts.scheme not in schemes or not parts.hostname or not port_is_sound:
        raise ValueError(f"must be {schemes[0]}://host:port or {schemes[1]}://host:port")
    if parts.username or parts.password:
        raise ValueError("must not hold credentials: they have settings of their own")
    return value
