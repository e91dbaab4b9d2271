"""A trunk's PJSIP configuration: rendered, compared and checked; a PBX is never written to."""
