#include "cli/demo/stage.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <sstream>

#include "node/platform.hpp"

namespace salus::cli::demo {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// As a shell wants it.
std::string quoted(const std::string& argument) {
    if (!argument.empty() &&
        argument.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+") ==
            std::string::npos)
        return argument;
    std::string out = "'";
    for (char c : argument) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

constexpr std::size_t kFilesShown = 3;

/// The command line, without more files than one wants to read.
std::string command_line(const std::vector<std::string>& arguments) {
    std::string line = "salus";
    std::size_t files = 0;
    for (const std::string& argument : arguments) {
        const bool bundle = argument.ends_with(".json") || argument.ends_with(".json.zst");
        if (bundle && ++files == kFilesShown + 1) line += " ...";
        if (!bundle || files <= kFilesShown) line += " " + quoted(argument);
    }
    return line;
}

}  // namespace

std::string Answer::text(std::string_view name) const {
    const json::value* value = data.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::uint64_t Answer::number(std::string_view name) const {
    const json::value* value = data.if_contains(name);
    boost::system::error_code error;
    return value != nullptr ? value->to_number<std::uint64_t>(error) : 0;
}

Stage::Stage(Environment& environment, std::filesystem::path directory)
    : environment_(environment), directory_(std::move(directory)), network_(directory_ / "network") {}

void Stage::step(const std::string& name, const std::function<Status()>& body) {
    if (!good_) return;
    detail_.clear();
    const auto begun = environment_.steady.now();
    if (!environment_.json) environment_.out << fmt::format("\n{}. {}\n", steps_.size() + 1, name) << std::flush;
    const Status status = body();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(environment_.steady.now() - begun).count();
    good_ = status.has_value();
    if (!good_) say(status.error().to_string());
    if (!environment_.json)
        environment_.out << fmt::format("   {}  {} ms\n", good_ ? "holds" : "DOES NOT HOLD", ms) << std::flush;
    steps_.push_back(json::object{{"name", name}, {"ok", good_}, {"ms", ms}, {"detail", detail_}});
}

Answer Stage::run(std::vector<std::string> arguments) {
    if (!environment_.json) environment_.out << "   $ " << command_line(arguments) << "\n" << std::flush;
    arguments.emplace_back("--json");
    std::ostringstream out;
    std::ostringstream complaints;  // of a command that is to be refused: the step says what it means
    Environment inner{out,  complaints,           environment_.random, environment_.clock, environment_.steady,
                      true, environment_.progress};
    Answer answer;
    answer.exit = cli::run(arguments, inner);
    boost::system::error_code error;
    json::value value = json::parse(out.str(), error);
    if (!error && value.is_object()) answer.data = std::move(value.get_object());
    if (answer.exit != kExitGood && answer.data.empty()) answer.data["message"] = complaints.str();
    return answer;
}

Answer Stage::ask(std::vector<std::string> arguments) {
    arguments.emplace_back("--node");
    arguments.emplace_back(url_);
    return run(std::move(arguments));
}

Result<Answer> Stage::need(std::vector<std::string> arguments) {
    const std::string line = command_line(arguments);
    Answer answer = ask(std::move(arguments));
    if (!answer.good())
        return fail(ErrorCode::kConflict,
                    "`" + line + "` ended with " + std::to_string(answer.exit) + ": " + answer.text("message"));
    return answer;
}

void Stage::say(const std::string& line) {
    detail_ += (detail_.empty() ? "" : "; ") + line;
    if (!environment_.json) environment_.out << "     " << line << "\n" << std::flush;
}

Status Stage::expect(bool holds, const std::string& what) {
    if (!holds) return fail(ErrorCode::kConflict, "expected: " + what);
    return {};
}

void Stage::wait_ms(std::uint64_t milliseconds) { node::pause(std::chrono::milliseconds(milliseconds)); }

Status Stage::start_node() {
    auto child = node::ChildProcess::start(node::this_program(),
                                           {"node", "--dir", network_.string(), "--listen", listen_, "--json"},
                                           directory_ / "node.log");
    if (!child) return fail(child.error());
    auto line = child->line(60s);
    if (!line)
        return fail(ErrorCode::kUnavailable, "the node did not start; see " + (directory_ / "node.log").string(),
                    line.error());
    boost::system::error_code error;
    const json::value said = json::parse(*line, error);
    const json::value* url = !error && said.is_object() ? said.get_object().if_contains("url") : nullptr;
    if (url == nullptr || !url->is_string())
        return fail(ErrorCode::kUnavailable, "the node said something else: " + *line);
    url_ = url->get_string().c_str();
    listen_ = url_.substr(url_.find("//") + 2);  // a restart serves where it was: commands shown stay good
    node_ = std::move(*child);
    return {};
}

void Stage::stop_node() {
    if (node_) node_->stop(30s);
    node_.reset();
}

void Stage::kill_node() {
    if (node_) node_->kill();
    node_.reset();
}

}  // namespace salus::cli::demo
