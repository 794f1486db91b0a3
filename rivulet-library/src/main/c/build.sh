#!/bin/sh
# Compiles the C shim into DIR/litestream.so.   usage: build.sh DIR [extra compiler flags]
# JAVA_HOME names the JDK whose jni.h is used.
set -eu
out=$1
shift
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ -f "${JAVA_HOME:-}/include/jni.h" ] || { echo "build.sh: JAVA_HOME (${JAVA_HOME:-not set}) has no include/jni.h" >&2; exit 1; }
mkdir -p "$out"
# liblz4 is linked in statically and stays hidden, so that a host's own copy is never disturbed.
lz4=$(${CC:-cc} -print-file-name=liblz4.a)
[ -f "$lz4" ] || { echo "build.sh: liblz4.a is missing (Debian: apt-get install liblz4-dev)" >&2; exit 1; }
# nodelete: a JVM, an exit handler and thread destructors point into it for as long as the process lives.
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -g -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror \
  -I"$JAVA_HOME/include" -I"$JAVA_HOME/include/linux" "$@" \
  -o "$out/litestream.so.new" "$here"/*.c "$lz4" -Wl,--exclude-libs,ALL -Wl,-z,defs -Wl,-z,nodelete -ldl -lpthread
mv "$out/litestream.so.new" "$out/litestream.so"
