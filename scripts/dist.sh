#!/bin/sh
# Assembles the distribution: one folder that can be moved, with the extension, a Java runtime,
# the jars and the AOT cache.     usage: scripts/dist.sh [FOLDER]     (default dist/rivulet)
# Needs compiled modules: ./mvnw -pl rivulet-library,rivulet-cli -am package
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$here/scripts/lib.sh"
[ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/jlink" ] || find_jdk

out=${1:-$here/dist/rivulet}
case "$out" in /*) ;; *) out=$PWD/$out ;; esac
classes=$here/rivulet-library/target/classes
shim=$here/rivulet-library/target/native/dev/rivulet/natives/litestream.so
[ -f "$shim" ] && [ -d "$classes/dev/rivulet/sqlite" ] || fail "dist.sh: build first: ./mvnw -pl rivulet-library,rivulet-cli -am package"

# Built beside its place and moved there whole: who uses the old one is not disturbed half-way.
work=$out.new
rm -rf "$work"
mkdir -p "$work/lib" "$work/bin"

# --- the extension, under both of its names; one file, so that loading both is loading one ---
cp "$shim" "$work/litestream.so"
ln -s litestream.so "$work/litestream-vfs.so"

# --- the runtime: what the code needs and no more; two VMs fewer, no debug symbols ---
"$JAVA_HOME/bin/jlink" --add-modules java.base --strip-debug --no-header-files --no-man-pages \
  --compress zip-6 --vm server --output "$work/runtime"

# --- jars. The native library of aws-crt is taken out of its jar: unpacking it costs 30 ms a start ---
rm -rf "$here/target/dist" && mkdir -p "$here/target/dist/crt"
cp -r "$classes" "$here/target/dist/classes"
rm -f "$here/target/dist/classes/dev/rivulet/natives/litestream.so" # it lies beside
"$JAVA_HOME/bin/jar" --create --file "$work/lib/rivulet.jar" --no-compress -C "$here/target/dist/classes" .
crt=$(find "$HOME/.m2/repository/software/amazon/awssdk/crt/aws-crt" -name 'aws-crt-*.jar' ! -name '*-sources*' | sort | tail -1)
[ -n "$crt" ] || fail "dist.sh: aws-crt is not in the local Maven repository; build first"
case "$(uname -m)" in x86_64) arch=x86_64 ;; aarch64) arch=armv8 ;; *) fail "dist.sh: no aws-crt for $(uname -m)" ;; esac
(cd "$here/target/dist/crt" && "$JAVA_HOME/bin/jar" --extract --file "$crt")
cp "$here/target/dist/crt/linux/$arch/glibc/cruntime/libaws-crt-jni.so" "$work/lib/" 2>/dev/null ||
  cp "$(find "$here/target/dist/crt/linux/$arch" -name 'libaws-crt-jni.so' | grep -v musl | head -1)" "$work/lib/"
(cd "$here/target/dist/crt" && "$JAVA_HOME/bin/jar" --create --file "$work/lib/aws-crt.jar" --no-compress software)
rm -rf "$here/target/dist"

# --- the JVM's options: one list, for training the AOT cache and for using it ---
cat > "$work/lib/jvm.options" <<'OPTIONS'
# Options of the JVM inside the host, one a line; {dir} is this distribution's folder.
# The AOT cache was trained with these; some changes (another collector, other modules) make the
# JVM ignore it, and a first query then takes some 100 ms more.
-Djava.class.path={dir}/lib/rivulet.jar:{dir}/lib/aws-crt.jar
-Djava.library.path={dir}/lib
--enable-native-access=ALL-UNNAMED
# Signals belong to the host; so does its standard output.
-Xrs
# A profiler that is attached would suspend threads by SIGUSR2, which is the host's.
-XX:+DisableAttachMechanism
-XX:+DisplayVMOutputToStderr
-Xlog:disable
-Xlog:all=warning:stderr
# Small: page maps live in the heap, cached pages outside of it. Less than 8m is refused at open.
-XX:+UseSerialGC
-Xms8m
-Xmx256m
-Xss512k
-XX:TieredStopAtLevel=1
-XX:ReservedCodeCacheSize=16m
-XX:-UsePerfData
OPTIONS
# Options for diagnosis, which a JDK may take away in an update: only where the runtime knows them.
# -XX:+IgnoreUnrecognizedVMOptions would do too, but who misspells an option of theirs must be told.
training='-XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:-AOTReplayTraining'
if "$work/runtime/bin/java" $training -version > /dev/null 2>&1; then
  cat >> "$work/lib/jvm.options" <<OPTIONS
# No methods compiled because the training run used them often: of a process that opens a database
# and asks a question that is more work than it saves (7 % of the time to a first row).
$(printf '%s\n' $training)
OPTIONS
fi

# --- the AOT cache: the stock sqlite3 opens a replica with a recording JVM ---
train() {
  replica=$1
  options=$work/lib/jvm.options
  cp "$options" "$work/lib/jvm.options.base"
  printf '%s\n' '-XX:AOTMode=record' '-XX:AOTConfiguration={dir}/lib/rivulet.aotconf' '-Drivulet.train=true' >> "$options"
  # Lookups, a walk along an index, a scan and a backup, in a folder and, if there is one, on S3; and
  # with a local file, made and found. With so small a page cache that what it lets go of is kept on
  # disk and read there; and for long enough that the replica is followed.
  work_through="SELECT count(*) FROM sqlite_schema;
    SELECT litestream_txid(), litestream_time(), litestream_status(), litestream_stats();
    PRAGMA litestream_txid;
    SELECT length(note) FROM notes WHERE id = 3000; SELECT length(note) FROM notes WHERE id = 5000;
    SELECT sum(length(note)) FROM notes WHERE sandwich = 3; SELECT sum(length(note)) FROM notes;"
  set -- ".load $work/litestream"
  hydrated=$(mktemp -d)
  for url in "file://$replica" ${RIVULET_TRAINING_URL:+"$RIVULET_TRAINING_URL"}; do
    encoded=$(printf '%s' "$url" | sed 's/%/%25/g; s/&/%26/g; s/?/%3F/g; s/#/%23/g')
    opened=".open file:my.db?vfs=litestream&replica_url=$encoded&cache_size=1MiB&poll_interval=50ms"
    set -- "$@" "$opened" "$work_through" ".shell sleep 0.2" ".dump"
    for file in new kept; do
      set -- "$@" "$opened&hydration_path=$hydrated/my.db" \
        "$work_through SELECT litestream_hydration_wait(60), '$file'; $work_through"
    done
    set -- "$@" ".open :memory:" ".shell rm -f $hydrated/*"
  done
  LITESTREAM_LOG_FILE='' timeout 120 sqlite3 -bail -batch :memory: "$@" >/dev/null ||
    fail "dist.sh: the training run failed"
  rm -rf "$hydrated"

  mv "$work/lib/jvm.options.base" "$options"
  # The options of the file, as arguments; the class path is one of them.
  set --
  while IFS= read -r line; do
    case "$line" in ''|'#'*) ;; *) set -- "$@" "$(printf '%s' "$line" | sed "s|{dir}|$work|g")" ;; esac
  done < "$options"
  "$work/runtime/bin/java" "$@" "-Drivulet.library=$work/litestream.so" -XX:AOTMode=create "-XX:AOTConfiguration=$work/lib/rivulet.aotconf" \
    "-XX:AOTCache=$work/lib/rivulet.aot" > "$work/lib/aot.log" 2>&1 || { cat "$work/lib/aot.log" >&2; fail "dist.sh: no AOT cache"; }
  rm -f "$work/lib/aot.log" "$work/lib/rivulet.aotconf"
  printf '%s\n' '# Made with the options above. A cache that does not fit is ignored.' '-XX:AOTCache={dir}/lib/rivulet.aot' '-XX:AOTMode=auto' >> "$options"
}
if [ -n "${RIVULET_TRAINING_REPLICA:-}" ]; then
  train "$RIVULET_TRAINING_REPLICA"
else
  fail "dist.sh: RIVULET_TRAINING_REPLICA must name the folder of a replica to train with"
fi

rm -rf "$out"
mkdir -p "$(dirname "$out")"
mv "$work" "$out"
say "The distribution is in $out ($(du -sh "$out" | cut -f1))"
