#!/bin/sh
# Runs a link command with OpenSSL's static libraries in the place of the shared ones, where they
# are installed: link_static_openssl.sh c++ …  For programs that end at once. A library that is
# loaded later may bring the shared ones: link with --exclude-libs, so that the two copies do not
# see each other (docs/decisions/0009-static-libraries.md).
for word do
  shift
  case $word in
    */libssl.so | */libcrypto.so)
      [ -f "${word%.so}.a" ] && word=${word%.so}.a ;;
  esac
  set -- "$@" "$word"
done
exec "$@"
