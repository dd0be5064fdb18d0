"""Loads users.json into a development database. Users that exist already are left alone."""

import asyncio
import json
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "apps" / "api"))

from app.core.config import Environment, get_settings  # noqa: E402
from app.core.security import hash_password  # noqa: E402
from app.db.connection import dispose_engine, get_sessionmaker  # noqa: E402
from app.db.repositories import UserRepository  # noqa: E402
from app.models.database import User  # noqa: E402
from app.utils.helpers import chunks  # noqa: E402

PASSWORD = "seeded for laptops only"  # noqa: S105


async def load() -> int:
    if get_settings().environment is not Environment.DEVELOPMENT:
        raise SystemExit("seeds are for development databases only")
    rows = json.loads((ROOT / "data" / "seeds" / "users.json").read_text("utf-8"))
    added = 0
    for batch in chunks(rows, 100):
        async with get_sessionmaker()() as session:
            users = UserRepository(session)
            for row in batch:
                if await users.by_email(row["email"]):
                    continue
                user = User(
                    email=row["email"],
                    full_name=row["fullName"],
                    password_hash=hash_password(PASSWORD),
                    roles=await users.roles_named(row["roles"]),
                )
                await users.add(user)
                added += 1
            await session.commit()
    await dispose_engine()
    return added


if __name__ == "__main__":
    print(f"added {asyncio.run(load())} users")
