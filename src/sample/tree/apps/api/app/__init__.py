"""Application package of the API."""
