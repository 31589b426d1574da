#!/usr/bin/env bash
# Configures and builds base, crypto and model in a fresh directory, with every package of the layers above out of sight.
set -euo pipefail
source="$1"
build="$2"
rm -rf "$build"
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-g0 -DSALUS_UNITY=ON -DSALUS_ONLY_MODEL=ON -DSALUS_TESTS=OFF \
    -DCMAKE_DISABLE_FIND_PACKAGE_RocksDB=ON -DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON
cmake --build "$build" --target salus_model
if cmake --build "$build" --target help | grep -E 'salus_(store|transport|execution|consensus|network|application|node)'; then
    echo "the build of the model knows layers above it" >&2
    exit 1
fi
rm -rf "$build"
