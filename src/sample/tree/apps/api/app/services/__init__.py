"""Business rules. Services know repositories and caches, and nothing about HTTP."""
