#!/usr/bin/env bash
# Deploys a commit to Kubernetes, or puts the previous release back.
# usage: deploy.sh staging|production [--rollback]
set -euo pipefail

cd "$(dirname "$0")/../.."
environment=${1:-}
registry=registry.tech-platform.example
release=$(git rev-parse --short=12 HEAD)

case "$environment" in
  staging) host=staging.tech-platform.example ;;
  production) host=app.tech-platform.example ;;
  *) echo "usage: deploy.sh staging|production [--rollback]" >&2; exit 2 ;;
esac
kubectl=(kubectl --context "tech-platform-$environment" --namespace tech-platform)

rollback() {
  echo "rolling back $environment" >&2
  "${kubectl[@]}" rollout undo deployment/api
  "${kubectl[@]}" rollout undo deployment/web
  "${kubectl[@]}" rollout status deployment/api --timeout=180s
}

if [[ "${2:-}" == --rollback ]]; then
  rollback
  exit
fi

if [[ -n "$(git status --porcelain)" ]]; then
  echo "refusing to deploy: the working tree has changes" >&2
  exit 1
fi
if [[ "$environment" == production ]]; then
  read -r -p "Deploy $release to PRODUCTION? Type the word production: " answer
  [[ "$answer" == production ]] || exit 1
fi

for app in api web; do
  docker manifest inspect "$registry/$app:$release" >/dev/null || {
    echo "no image $registry/$app:$release; has the build finished?" >&2
    exit 1
  }
done

# Schema first: migrations stay compatible with the release that is still running.
"${kubectl[@]}" run "migrate-$release" --rm --attach --restart=Never \
  --image="$registry/api:$release" --command -- alembic upgrade head

"${kubectl[@]}" apply -k "infrastructure/kubernetes/overlays/$environment"
"${kubectl[@]}" set image deployment/api "api=$registry/api:$release"
"${kubectl[@]}" set image deployment/web "web=$registry/web:$release"

if ! "${kubectl[@]}" rollout status deployment/api --timeout=300s ||
  ! curl --silent --fail --retry 5 --retry-delay 3 --max-time 5 "https://$host/health/ready"; then
  rollback
  exit 1
fi

tag=deploy-$(date -u +%Y-%m-%d)
[[ "$environment" == production ]] && git tag --force "$tag" && git push --force origin "$tag"
echo "deployed $release to $environment"
