"""How long what is kept; the defaults are those of the documentation."""

from pydantic import Field

from gateway.runtime.settings_people import Section


class RetentionSettings(Section):
    """`[retention]`: calls with all that hangs on them, payloads written to CRMs, the audit log."""

    calls_days: int = Field(default=90, ge=1, le=3_650)
    payload_hours: int = Field(default=24, ge=1, le=24 * 90)
    audit_days: int = Field(default=365, ge=1, le=3_650)
