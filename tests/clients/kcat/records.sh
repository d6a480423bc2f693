#!/usr/bin/env bash
# Writes and reads records with kcat, on `kcat.conf` in the folder where it runs alone: TOPIC [without-certificate].
set -euo pipefail
topic=$1

if [ "${2:-}" = without-certificate ]; then
    grep -qE '^ssl\.(certificate|key|keystore)\.' kcat.conf || { echo "the configuration names no certificate" >&2; exit 2; }
    grep -vE '^ssl\.(certificate|key|keystore)\.' kcat.conf >without.conf
    exec kcat -F without.conf -L -m 5
fi

seq 0 999 | sed 's/.*/&:-&/' >written
kcat -F kcat.conf -P -t "$topic" -K: -l written
kcat -F kcat.conf -C -t "$topic" -K: -o beginning -c 1000 -q >read
cmp written read
echo "1000 records read back as written"
