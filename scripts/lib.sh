# Shared by the scripts of this project: finds what a build needs, installs what is missing.
# Sourced, never run. Every function either succeeds or says on stderr what to do.

fail() { printf '%s\n' "$*" >&2; exit 1; }
say() { printf '%s\n' "$*" >&2; }

# A JDK 25, by JAVA_HOME, then where JDKs live. Sets and exports JAVA_HOME.
find_jdk() {
  for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* \
      "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$candidate" ] && [ -x "$candidate/bin/javac" ] && [ -f "$candidate/release" ] || continue
    if grep -q '^JAVA_VERSION="25' "$candidate/release"; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  fail "Rivulet is built with a JDK 25, and none was found: not by JAVA_HOME (${JAVA_HOME:-not set}), and not in
/usr/lib/jvm, /opt, ~/.sdkman or ~/.jdks. Install one (Debian 13: apt-get install openjdk-25-jdk-headless;
elsewhere: Eclipse Temurin 25), or set JAVA_HOME to where it is, and run this again."
}

# Debian packages: need_packages "command or file" package ...; installs them as root, else lists them.
missing_packages=""
need() { # need TEST PACKAGE: TEST is a command name or an absolute path
  case "$1" in
    /*) [ -e "$1" ] && return 0 ;;
    *) command -v "$1" >/dev/null 2>&1 && return 0 ;;
  esac
  missing_packages="$missing_packages $2"
}
install_missing() {
  [ -n "$missing_packages" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Installing Debian packages:$missing_packages"
    apt-get update -qq >/dev/null || fail "apt-get update failed; these packages are needed:$missing_packages"
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing_packages >/dev/null ||
      fail "apt-get could not install:$missing_packages"
    missing_packages=""
  else
    fail "These Debian packages are missing, and only root can install them. Run:
    sudo apt-get install$missing_packages"
  fi
}

need_build_tools() {
  need cc gcc
  need /usr/include/sqlite3ext.h libsqlite3-dev
  need /usr/include/lz4.h liblz4-dev
  need mvn maven
  need sqlite3 sqlite3
  need python3 python3
}
