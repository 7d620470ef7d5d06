#!/bin/sh
# Runs a link command with OpenSSL's static libraries in the place of the shared ones, where they
# are installed: link_static_openssl.sh c++ …  For programs that end at once and load no library
# that brings the shared ones (docs/decisions/0009-static-libraries.md).
for word do
  shift
  case $word in
    */libssl.so | */libcrypto.so)
      [ -f "${word%.so}.a" ] && word=${word%.so}.a ;;
  esac
  set -- "$@" "$word"
done
exec "$@"
