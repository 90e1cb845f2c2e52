#!/bin/sh
# As the official image does: root gives the data to the broker's user, and goes on as it.
set -eu
if [ "$(id -u)" = 0 ]; then
    chown -R rabbitmq:rabbitmq /var/lib/rabbitmq
    exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$0" "$@"
fi
# Debian's own script would change its user once more.
case "${1:-}" in rabbitmq-server) shift; set -- /usr/lib/rabbitmq/bin/rabbitmq-server "$@" ;; esac
exec "$@"
