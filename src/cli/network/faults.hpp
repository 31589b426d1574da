#pragma once

#include <boost/json/array.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "transport/links.hpp"

namespace salus::cli::network {

/// What is wrong with the ways between nodes, by the names of sender and receiver; what is not in it is well.
using Faults = std::map<std::pair<std::string, std::string>, transport::LinkFault>;

/// "A,B": the names in it, each of which is in `nodes`. Errors: kUsage, naming those that there are
Result<std::vector<std::string>> parse_group(const std::string& text, const std::vector<std::string>& nodes);

/// Holds what is sent between groups, and nothing else; delays stay. Nodes of no group are one more. `one_way`: only
/// what the first group sends. Errors: kUsage (a node in two groups, no node outside a single group)
Result<Faults> partitioned(Faults faults, const std::vector<std::vector<std::string>>& groups,
                           const std::vector<std::string>& nodes, bool one_way);
/// Delays what each of `group` sends and receives, and nothing else; cuts stay.
Faults delayed(Faults faults, const std::vector<std::string>& group, const std::vector<std::string>& nodes,
               std::chrono::milliseconds delay);

/// [{"from", "to", "held", "delay_ms"}, ...]
boost::json::array json_of(const Faults& faults);
/// Errors: kCorrupt
Result<Faults> parse_faults(std::string_view text);
/// A line of who does not hear whom and what is late, empty where all is well.
std::string text_of(const Faults& faults);

}  // namespace salus::cli::network
