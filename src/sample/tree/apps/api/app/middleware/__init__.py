"""Middleware. The order in which it runs is decided in `main.py`."""
