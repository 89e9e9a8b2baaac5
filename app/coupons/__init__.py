"""Coupon codes: asking for a batch, filling it, taking codes out, telling of them."""
