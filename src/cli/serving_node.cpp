#include "cli/serving_node.hpp"

#include <boost/json/parse.hpp>

namespace salus::cli {
namespace {

constexpr std::chrono::seconds kStartPatience{60};

}  // namespace

Result<ServingNode> ServingNode::start(const std::filesystem::path& network, const std::string& listen,
                                       const std::filesystem::path& log) {
    SALUS_TRY(auto process,
              node::ChildProcess::start(node::this_program(),
                                        {"node", "--dir", network.string(), "--listen", listen, "--json"}, log));
    const auto line = process.line(kStartPatience);
    if (!line) return fail(ErrorCode::kUnavailable, "the node did not start; see " + log.string(), line.error());
    boost::system::error_code error;
    const boost::json::value said = boost::json::parse(*line, error);
    const auto* url = !error && said.is_object() ? said.get_object().if_contains("url") : nullptr;
    if (url == nullptr || !url->is_string())
        return fail(ErrorCode::kUnavailable, "the node said something else: " + *line);
    return ServingNode(std::move(process), std::string(url->get_string()));
}

}  // namespace salus::cli
