#!/bin/sh
# Run once by the image of PostgreSQL, when its volume is new. The line that the image writes for everybody says `all`,
# which does not speak for replication: so the shop's login may copy the server and receive its changes, from the
# composition's own networks (`receive_wal` and `backup --physical`, docs/operations.md).
set -e
printf 'host replication "%s" samenet scram-sha-256\n' "$POSTGRES_USER" >> "$PGDATA/pg_hba.conf"
