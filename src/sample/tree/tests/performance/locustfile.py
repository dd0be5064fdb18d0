"""Load as on a Monday morning: many people open the dashboard, few change anything.

Run: locust -f tests/performance/locustfile.py --host http://localhost:8000
"""

import os

from locust import HttpUser, between, task

EMAIL = os.environ.get("LOAD_EMAIL", "admin@tech-platform.example")
PASSWORD = os.environ.get("LOAD_PASSWORD", "seeded for laptops only")


class Visitor(HttpUser):
    wait_time = between(1, 5)

    def on_start(self) -> None:
        form = {"email": EMAIL, "password": PASSWORD}
        tokens = self.client.post("/api/v1/auth/login", json=form).json()
        self.client.headers["Authorization"] = f"Bearer {tokens['accessToken']}"

    @task(10)
    def dashboard(self) -> None:
        self.client.get("/api/v1/dashboard/summary")

    @task(3)
    def users(self) -> None:
        self.client.get("/api/v1/users?page=1&pageSize=25", name="/api/v1/users")

    @task(1)
    def search(self) -> None:
        self.client.get("/api/v1/users?search=an", name="/api/v1/users?search")
