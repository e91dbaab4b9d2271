"""HubSpot: one call object per call, a task for a missed one."""
