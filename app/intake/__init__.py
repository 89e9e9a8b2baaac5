"""Intake: what clients send becomes events, catalogue and links, or stands in quarantine."""
