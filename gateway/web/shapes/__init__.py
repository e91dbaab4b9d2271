"""The JSON that goes in and out, as pydantic models: what validates requests describes them too."""
