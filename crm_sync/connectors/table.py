"""What every table of a `[[crm]]` has in common."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, model_validator

PLACEHOLDER: Final = "CHANGE_ME"


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _no_placeholder(cls, data: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
        for key, value in data.items() if isinstance(data, dict) else ():
            if isinstance(value, str) and PLACEHOLDER in value:
                raise ValueError(f"{key} still holds the placeholder {PLACEHOLDER}")
        return data
