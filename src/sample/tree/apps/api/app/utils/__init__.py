"""Small helpers without a better home, and the FastAPI dependencies."""
