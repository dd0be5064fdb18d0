"""Caching: a guarded Redis client, a manager on top of it, and loading strategies."""
