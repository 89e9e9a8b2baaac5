"""Simulations as a service: candidates, what runs them, and what publishing asks of them."""
