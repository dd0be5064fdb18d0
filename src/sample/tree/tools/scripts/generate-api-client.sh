#!/usr/bin/env bash
# Writes the OpenAPI description of the API to openapi.json and generates libs/api-client from it.
set -euo pipefail

cd "$(dirname "$0")/../.."
spec=$PWD/openapi.json

(
  cd apps/api
  .venv/bin/python -c 'import json, main; print(json.dumps(main.app.openapi(), sort_keys=True))'
) >"$spec"

libs/api-client/generate.sh "$spec"
git --no-pager diff --stat -- libs/api-client/generated
