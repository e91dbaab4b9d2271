"""Filodiretto: a telephony integration gateway."""
