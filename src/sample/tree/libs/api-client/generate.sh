#!/usr/bin/env bash
# Writes generated/ anew from an OpenAPI file: generate.sh openapi.json
set -euo pipefail

cd "$(dirname "$0")"
spec=${1:?usage: generate.sh openapi.json}

rm -rf generated.new
npx openapi --input "$spec" --output generated.new --client fetch --name ApiClient
rm -rf generated
mv generated.new generated
echo "client written to libs/api-client/generated"
