#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/encoding.hpp"

namespace salus::crypto {

/// For tests: the JSON file `name` of the shared vectors; null where this machine has none.
inline boost::json::value shared_vectors(const std::string& name) {
    std::ifstream file(std::filesystem::path(SALUS_SHARED_DATA) / "crypto" / name);
    if (!file) return nullptr;
    return boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// The bytes of a hexadecimal member.
inline Bytes hex_member(const boost::json::value& object, std::string_view name) {
    return from_hex(std::string_view(object.at(name).as_string())).value();
}

/// For literals in tests.
inline Bytes operator""_hex(const char* text, std::size_t size) { return from_hex({text, size}).value(); }

}  // namespace salus::crypto

/// Loads a file of vectors into `variable`, or skips the test by name.
#define SALUS_VECTORS_OR_SKIP(variable, name)                                  \
    const boost::json::value variable = ::salus::crypto::shared_vectors(name); \
    if (variable.is_null()) GTEST_SKIP() << "no shared vectors on this machine: " << name
