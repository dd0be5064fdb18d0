#!/usr/bin/env bash
# The stack that the tests of the triage board run on: a real container engine with real PostgreSQL,
# Redis, nginx and the sample's own API, under the image names that the sample's Compose file asks
# for. No image is pulled: they are made of a Debian root.
#
#   stack.sh build   make the root and fetch the Compose program, once; needs root and a mirror
#   stack.sh start   start an engine of our own, make the images in it, print its environment
#   stack.sh stop    end that engine
#
# `start` and `build` end with status 77 and say why where this machine cannot do it.
# Everything lives below $NAVI_STACK, which may be removed at any time after `stop`.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
home=${NAVI_STACK:-/var/tmp/navi-stack}
# Where this system's own packages come from, unless something else is said.
own_mirror() {
    local lists=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
    sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p; s/^URIs: +([^ ]+).*/\1/p' "${lists[@]}" \
        2>/dev/null | grep -E '/debian/?$' | head -1 || true
}
mirror=${NAVI_STACK_MIRROR:-$(own_mirror)}
# The release whose FastAPI, pydantic and SQLAlchemy the sample's API runs on as it is written.
suite=trixie
packages=postgresql-17,redis-server,nginx-light,wget,procps,uvicorn,alembic
packages+=,python3-fastapi,python3-uvicorn,python3-websockets,python3-pydantic-settings
packages+=,python3-sqlalchemy,python3-asyncpg,python3-redis,python3-jwt
# What the last one needs has a name that the root is not made by.
packages+=,python3-argon2,python3-cffi-backend
packages+=,python3-email-validator,python3-prometheus-client
packages+=,python3-pytest,python3-pytest-asyncio,python3-httpx,python3-aiosqlite

skip() {
    echo "$1" >&2
    exit 77
}

# What the root is made of: another list makes another root.
root_id=$(printf '%s %s\n' "$suite" "$packages" | sha256sum | cut -c1-16)
root=$home/root-$root_id.tar
# What the images are made of.
images_id=$(cat "$0" "$here"/entry/* <(echo "$root_id") | sha256sum | cut -c1-16)

build() {
    [ "$(id -u)" = 0 ] || skip "making a Debian root needs root"
    [ -n "$mirror" ] || skip "this system names no mirror of Debian; NAVI_STACK_MIRROR can"
    command -v debootstrap >/dev/null || skip "debootstrap is not installed"
    command -v dpkg-deb >/dev/null || skip "dpkg-deb is not installed"
    mkdir -p "$home"
    if [ ! -e "$root" ]; then
        local made=$home/making
        rm -rf "$made" "$home"/root-*.tar
        if ! debootstrap --variant=minbase --include="$packages" "$suite" "$made" "$mirror" \
            >"$home/debootstrap.log" 2>&1; then
            tail -5 "$home/debootstrap.log" >&2
            exit 1
        fi
        rm -rf "$made"/var/cache/apt/* "$made"/var/lib/apt/lists/* "$made"/usr/share/doc/* \
            "$made"/usr/share/locale/* "$made"/usr/share/man/* "$made"/var/lib/postgresql/17
        tar -C "$made" --exclude=./dev/* -cf "$root.new" .
        mv "$root.new" "$root"
        rm -rf "$made"
    fi
    # The second Compose reads the sample's file, which the first one, of older systems, refuses.
    if [ ! -x "$home/cli/cli-plugins/docker-compose" ]; then
        local list file
        list=$home/packages.xz
        fetch "$mirror/dists/$suite/main/binary-$(dpkg --print-architecture)/Packages.xz" "$list"
        file=$(xz -dc "$list" | awk -v RS= '/^Package: docker-compose\n/' |
            sed -n 's/^Filename: //p')
        fetch "$mirror/$file" "$home/compose.deb"
        rm -rf "$home/compose"
        dpkg-deb -x "$home/compose.deb" "$home/compose"
        mkdir -p "$home/cli/cli-plugins"
        cp "$(find "$home/compose" -type f -name docker-compose -perm -u+x | head -1)" \
            "$home/cli/cli-plugins/docker-compose"
        rm -rf "$home/compose" "$home/compose.deb" "$list"
    fi
}

fetch() {
    if command -v curl >/dev/null; then
        curl -fsSL --retry 3 --max-time 120 -o "$2" "$1"
    else
        wget -q -O "$2" "$1"
    fi
}

alive() {
    timeout 5 docker version >/dev/null 2>&1
}

start() {
    [ "$(id -u)" = 0 ] || skip "starting a container engine needs root"
    command -v dockerd >/dev/null || skip "docker.io is not installed"
    command -v docker >/dev/null || skip "the docker command is not installed"
    [ -e "$root" ] && [ -x "$home/cli/cli-plugins/docker-compose" ] ||
        skip "its images are not there yet: run tests/stack/stack.sh build"
    export DOCKER_HOST=unix://$home/docker.sock DOCKER_CONFIG=$home/cli DOCKER_BUILDKIT=0
    if ! alive; then
        stop
        # Two engines would take each other's packet filter rules.
        if pgrep -x dockerd >/dev/null && [ -z "${CI:-}" ]; then
            skip "another container engine runs on this machine"
        fi
        rm -f "$home/docker.pid" "$home/docker.sock"
        local more
        # Some machines have no overlay file system below their own, some no packet filter.
        for more in "" "--storage-driver=vfs" "--iptables=false --ip6tables=false"; do
            # shellcheck disable=SC2086
            setsid dockerd --bridge=none --data-root "$home/data" --exec-root "$home/exec" \
                --host "$DOCKER_HOST" --pidfile "$home/docker.pid" $more \
                </dev/null >"$home/engine.log" 2>&1 &
            local engine=$!
            for _ in $(seq 100); do
                alive && break 2
                kill -0 "$engine" 2>/dev/null || break
                sleep 0.2
            done
            stop
        done
        alive || skip "no container engine starts here: $(tail -1 "$home/engine.log")"
    fi
    if [ "$(docker image inspect -f '{{index .Config.Labels "navi"}}' navi-stack:base \
        2>/dev/null)" != "$images_id" ]; then
        docker import --change "LABEL navi=$root_id" "$root" navi-stack:root >/dev/null
        images
    fi
    echo "DOCKER_HOST=$DOCKER_HOST"
    echo "DOCKER_CONFIG=$DOCKER_CONFIG"
    echo "ENGINE=$(cat "$home/docker.pid")"
}

images() {
    local name
    docker build -q -t navi-stack:base -f - "$here/entry" >/dev/null <<END
FROM navi-stack:root
COPY . /usr/local/bin/
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/17/bin
LABEL navi=$images_id
END
    # It shuts down without waiting for its clients, as the original does.
    image postgres:16-alpine 'ENV PGDATA=/var/lib/postgresql/data' 'STOPSIGNAL SIGINT' \
        'ENTRYPOINT ["stack-postgres"]' 'CMD ["postgres"]'
    image redis:7-alpine 'WORKDIR /data' 'ENTRYPOINT ["stack-redis"]' 'CMD ["redis-server"]'
    image nginx:1.27-alpine 'ENTRYPOINT ["stack-nginx"]' 'CMD ["nginx", "-g", "daemon off;"]'
    # Under the names that the two Composes give to what they build.
    for name in tech-platform-api tech-platform_api; do
        image "$name" 'ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1' \
            'WORKDIR /app' 'ENTRYPOINT ["stack-api"]' \
            'CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000", "--reload"]'
    done
    for name in tech-platform-web tech-platform_web; do
        image "$name" 'WORKDIR /repo/apps/web' 'ENTRYPOINT ["stack-web"]' 'CMD ["start"]'
    done
}

image() {
    local name=$1
    shift
    { echo "FROM navi-stack:base"; printf '%s\n' "$@"; } | docker build -q -t "$name" - >/dev/null
}

stop() {
    local pid
    pid=$(cat "$home/docker.pid" 2>/dev/null) || return 0
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || return 0
    kill -CONT "$pid"
    kill "$pid"
    for _ in $(seq 150); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

case ${1:-} in
    build | start | stop) "$1" ;;
    *) sed -n '2,/^set/p' "$0" | grep '^#' >&2; exit 2 ;;
esac
