"""Database access: the engine, the repositories, and the migrations."""
