#include "cli/serving_node.hpp"

#include <boost/json/parse.hpp>

namespace salus::cli {
namespace {

constexpr std::chrono::seconds kStartPatience{90};

}  // namespace

Result<ServingNode> ServingNode::start(const std::filesystem::path& network, const std::string& listen,
                                       const std::filesystem::path& log) {
    SALUS_TRY(auto launched, launch(network, listen, log));
    SALUS_TRY_STATUS(launched.serves());
    return launched;
}

Result<ServingNode> ServingNode::launch(const std::filesystem::path& network, const std::string& listen,
                                        const std::filesystem::path& log) {
    SALUS_TRY(auto process,
              node::ChildProcess::start(node::this_program(),
                                        {"node", "--dir", network.string(), "--listen", listen, "--json"}, log));
    return ServingNode(std::move(process), log);
}

Status ServingNode::serves() {
    const auto line = process_.line(kStartPatience);
    if (!line) return fail(ErrorCode::kUnavailable, "the node did not start; see " + log_.string(), line.error());
    boost::system::error_code error;
    const boost::json::value said = boost::json::parse(*line, error);
    const auto* url = !error && said.is_object() ? said.get_object().if_contains("url") : nullptr;
    if (url == nullptr || !url->is_string())
        return fail(ErrorCode::kUnavailable, "the node said something else: " + *line);
    url_ = std::string(url->get_string());
    return {};
}

}  // namespace salus::cli
