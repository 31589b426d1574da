#pragma once

#include <exception>
#include <string>

namespace salus {

/// The name of its type, for the log: what() may quote the data that it was thrown about.
std::string type_of(const std::exception& thrown);

}  // namespace salus
