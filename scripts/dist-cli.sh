#!/bin/sh
# Adds the `rivulet` command to a distribution that dist.sh has assembled.
#     usage: scripts/dist-cli.sh [FOLDER]     (default dist/rivulet)
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$here/scripts/lib.sh"
find_jdk
out=${1:-$here/dist/rivulet}
classes=$here/rivulet-cli/target/classes
[ -x "$out/runtime/bin/java" ] || fail "dist-cli.sh: there is no distribution in $out; run scripts/dist.sh first"
[ -f "$classes/dev/rivulet/cli/Main.class" ] || fail "dist-cli.sh: build first: ./mvnw -pl rivulet-library,rivulet-cli -am package"

"$JAVA_HOME/bin/jar" --create --file "$out/lib/rivulet-cli.jar" --no-compress -C "$classes" dev
mkdir -p "$out/bin"
cp "$here/rivulet-cli/src/main/sh/rivulet" "$out/bin/rivulet"
chmod 755 "$out/bin/rivulet"

# --- its AOT cache, trained with what people run. A cache that does not fit is ignored. ---
training=$(mktemp -d "${TMPDIR:-/tmp}/rivulet-train.XXXXXX")
trap 'rm -rf "$training"' EXIT
train() { RIVULET_JAVA_OPTIONS="-XX:AOTMode=record -XX:AOTConfiguration=$training/conf" "$out/bin/rivulet" "$@" >/dev/null; }
rm -f "$out/lib/rivulet-cli.aot"
train demo --dir "$training/demo"
RIVULET_JAVA_OPTIONS="-XX:AOTMode=create -XX:AOTConfiguration=$training/conf -XX:AOTCache=$out/lib/rivulet-cli.aot" \
  "$out/bin/rivulet" --version >"$training/log" 2>&1 || { cat "$training/log" >&2; fail "dist-cli.sh: no AOT cache"; }
