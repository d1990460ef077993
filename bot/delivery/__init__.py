"""Delivery: takes a stored message to whoever answers it, and what comes back to whoever listens."""
