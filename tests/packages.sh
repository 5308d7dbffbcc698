#!/bin/sh
# Installs the Debian packages that some tests need, where they are absent and this user may install them;
# otherwise says in one line what to install. Never fails: the tests that miss a package skip and say so.
missing=""
have() { command -v "$1" >/dev/null 2>&1; }
have chromium || have google-chrome || missing="$missing chromium"
have bwrap || missing="$missing bubblewrap"
[ -n "$(ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null)" ] || have postgres || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && have apt-get; then
  echo "installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 && exit 0
fi
echo "some tests will skip: to run them, install$missing (Debian, Ubuntu: apt-get install$missing)"
