#pragma once

#include <string>
#include <vector>

#include "base/strong_types.hpp"

/// Any number of ids for one statement, in two parameters: one each would be more than the engine takes, and another
/// statement to prepare for each number of them.
namespace salus::application {

/// The ids one after the other: what the parameter `ids` of id_list stands for. Pre: not empty
template <class Id>
Bytes joined(const std::vector<Id>& list) {
    Bytes out;
    out.reserve(list.size() * Id::kSize);
    for (const Id& id : list) append(out, id);
    return out;
}

/// What follows IN. `bytes` and `ids`: names of the parameters, in the order in which they stand: how long the joined
/// ids are, and these.
template <class Id>
std::string id_list(std::string_view bytes, std::string_view ids) {
    const std::string size = std::to_string(Id::kSize);
    return "(WITH RECURSIVE places(place) AS (SELECT 1 UNION ALL SELECT place + " + size +
           " FROM places WHERE place + " + size + " < " + std::string(bytes) + ") SELECT SUBSTR(" + std::string(ids) +
           ", place, " + size + ") FROM places)";
}

}  // namespace salus::application
