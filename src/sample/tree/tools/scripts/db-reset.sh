#!/usr/bin/env bash
# Drops the development database, migrates it and loads the seeds. All data in it is lost.
set -euo pipefail

cd "$(dirname "$0")/../.."
compose=(docker compose -f tools/docker/docker-compose.yml)
database=tech_platform

if [[ "${ENVIRONMENT:-development}" != development ]]; then
  echo "refusing to reset: ENVIRONMENT is $ENVIRONMENT" >&2
  exit 1
fi
if [[ "${1:-}" != --yes ]]; then
  read -r -p "Drop database $database on this machine? [y/N] " answer
  [[ "$answer" == [yY] ]] || exit 1
fi

"${compose[@]}" up --detach --wait postgres redis
"${compose[@]}" exec -T postgres dropdb -U dev_user --force --if-exists "$database"
"${compose[@]}" exec -T postgres createdb -U dev_user "$database"
"${compose[@]}" exec -T redis redis-cli flushall

(cd apps/api && .venv/bin/alembic upgrade head)
apps/api/.venv/bin/python data/seeds/load_seeds.py
echo "database $database is fresh"
