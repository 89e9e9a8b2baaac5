"""Logs that earlier versions wrote, and what writes one."""
