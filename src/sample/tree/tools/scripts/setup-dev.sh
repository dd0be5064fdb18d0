#!/usr/bin/env bash
# Prepares a machine for development. Safe to run again.
set -euo pipefail

cd "$(dirname "$0")/../.."

missing=()
for tool in docker node npm python3; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if ((${#missing[@]})); then
  echo "please install first: ${missing[*]}" >&2
  exit 1
fi

if [[ ! -f .env ]]; then
  cp .env.example .env
  echo "created .env from .env.example"
fi

echo "== API"
[[ -d apps/api/.venv ]] || python3 -m venv apps/api/.venv
apps/api/.venv/bin/pip install --quiet --requirement apps/api/requirements-dev.txt

echo "== front end and libraries"
npm install --no-audit --no-fund

echo "== services"
docker compose -f tools/docker/docker-compose.yml up --detach --wait postgres redis

echo "== database"
(cd apps/api && .venv/bin/alembic upgrade head)
apps/api/.venv/bin/python data/seeds/load_seeds.py

echo "ready: run 'make dev', then open http://localhost"
