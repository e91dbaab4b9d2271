"""SIP trunks and hosted PBXs: calls are seen ringing, never answered (docs/trunks.md)."""
