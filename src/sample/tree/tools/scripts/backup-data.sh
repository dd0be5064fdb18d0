#!/usr/bin/env bash
# Dumps a database to backups/ and proves that the dump can be read.
# usage: backup-data.sh [postgres-url]      keeps the latest 14 dumps
# A failing pg_dump must fail the script, not leave a short file that looks fine: hence pipefail.
set -euo pipefail

cd "$(dirname "$0")/../.."
url=${1:-postgresql://dev_user:dev_password@localhost:5432/tech_platform}
keep=14
target=backups/tech_platform-$(date -u +%Y%m%dT%H%M%SZ).dump.gz

mkdir -p backups
trap 'rm -f "$target.part"' EXIT
pg_dump --format=custom --no-owner --compress=0 "$url" | gzip >"$target.part"
gunzip --stdout "$target.part" | pg_restore --list >/dev/null
mv "$target.part" "$target"
echo "wrote $target ($(du -h "$target" | cut -f1))"

find backups -name '*.dump.gz' | sort -r | tail -n +$((keep + 1)) | xargs -r rm -f
