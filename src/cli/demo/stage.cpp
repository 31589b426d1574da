#include "cli/demo/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <sstream>
#include <utility>

#include "base/file.hpp"
#include "cli/demo/style.hpp"
#include "cli/organisations.hpp"
#include "cli/progress.hpp"
#include "node/platform.hpp"

namespace salus::cli::demo {
namespace {

namespace json = boost::json;

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

constexpr std::size_t kIndent = 4;
constexpr std::size_t kWidth = 110;

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

Stage::Stage(Environment& environment, std::filesystem::path directory, bool colours, bool network)
    : environment_(environment),
      directory_(std::move(directory)),
      colours_(colours),
      network_(directory_ / "network"),
      nodes_(network, directory_ / "node.log") {}

std::string Stage::shown(const std::string& path) const {
    const std::string below = directory_.string() + "/";
    return path.starts_with(below) ? path.substr(below.size()) : path;
}

std::string Stage::command_line(const std::vector<std::string>& arguments) const {
    std::string line = "salus";
    bool bundles = false;
    for (const std::string& argument : arguments) {
        const std::string name = shown(argument);
        if (!name.starts_with("bundles/"))
            line += " " + quoted(name);
        else if (!std::exchange(bundles, true))
            line += " bundles/*";  // all of them, in the order of their names
    }
    return line;
}

/// What a shell needs to repeat a command.
Status Stage::write_shell_file() const {
    const std::string lines = "export PATH=" + quoted(node::this_program().parent_path().string()) + ":\"$PATH\"\n" +
                              "export SALUS_NODE=" + quoted(url()) + "\ncd " + quoted(directory_.string()) + "\n";
    return write_file(directory_ / "env", as_bytes(lines));
}

void Stage::step(const std::string& name, const std::function<Status()>& body) {
    if (!good_) return;
    detail_.clear();
    const auto begun = environment_.steady.now();
    if (!environment_.json)
        environment_.out << fmt::format("\n{:>2}  {}\n", steps_.size() + 1, styled(name, Look::kBold, colours_))
                         << std::flush;
    const Status status = body();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(environment_.steady.now() - begun).count();
    good_ = status.has_value();
    if (!good_) say(status.error().to_string());
    if (!environment_.json)
        environment_.out << "    "
                         << (good_ ? styled("holds", Look::kGood, colours_)
                                   : styled("DOES NOT HOLD", Look::kBad, colours_))
                         << "  " << styled(seconds(ms), Look::kDim, colours_) << "\n"
                         << std::flush;
    steps_.push_back(json::object{{"name", name}, {"ok", good_}, {"ms", ms}, {"detail", detail_}});
}

Answer Stage::run(std::vector<std::string> arguments) {
    show(command_line(arguments));
    return play(std::move(arguments));
}

Answer Stage::play(std::vector<std::string> arguments) {
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

const std::string& Stage::url_for(const std::vector<std::string>& arguments) const {
    for (const char* option : {"--as", "--at"}) {
        const auto found = std::ranges::find(arguments, option);
        if (found != arguments.end() && std::next(found) != arguments.end())
            return url(std::filesystem::path(*std::next(found)).filename().string());
    }
    return url();
}

Answer Stage::ask(std::vector<std::string> arguments) {
    const std::string& node = url_for(arguments);
    show(command_line(arguments) + (node == url() ? "" : " --node " + node));  // the shell file names the first
    return ask_again(std::move(arguments));
}

Answer Stage::ask_again(std::vector<std::string> arguments) {
    const std::string& node = url_for(arguments);
    arguments.emplace_back("--node");
    arguments.push_back(node);
    return play(std::move(arguments));
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
    if (!environment_.json) environment_.out << wrapped(line, kIndent, kWidth) << std::flush;
}

void Stage::show(const std::string& command) {
    if (!environment_.json)
        environment_.out << std::string(kIndent, ' ') << styled("$ " + command, Look::kDim, colours_) << "\n"
                         << std::flush;
}

void Stage::draw(const std::string& lines) {
    if (!environment_.json) environment_.out << "\n" << lines << "\n" << std::flush;
}

std::string Stage::summary() const {
    std::string out;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const json::object& step = steps_[i].get_object();
        const bool held = step.at("ok").as_bool();
        out += fmt::format("{:>2}  {:<88}  {}  {:>7}\n", i + 1, std::string(step.at("name").as_string()),
                           styled(held ? "holds" : "FAILS", held ? Look::kGood : Look::kBad, colours_),
                           seconds(step.at("ms").as_int64()));
    }
    return out;
}

Status Stage::expect(bool holds, const std::string& what) {
    if (!holds) return fail(ErrorCode::kConflict, "expected: " + what);
    return {};
}

void Stage::wait_ms(std::uint64_t milliseconds) {
    const Waiting waiting(environment_, "waiting");
    node::pause(std::chrono::milliseconds(milliseconds));
}

std::vector<std::filesystem::path> Stage::node_folders() const {
    if (!is_network()) return {network_};
    std::vector<std::filesystem::path> folders;
    for (const auto& organisation : demo_organisations()) folders.push_back(network_ / organisation.slug);
    return folders;
}

Status Stage::start_node() {
    const Waiting waiting(environment_, is_network() ? "starting the nodes" : "starting the node");
    SALUS_TRY_STATUS(nodes_.start(network_));
    return write_shell_file();
}

void Stage::stop_node() {
    const Waiting waiting(environment_, is_network() ? "stopping the nodes" : "stopping the node");
    nodes_.stop();
}

Status Stage::kill_node(const std::string& slug) {
    if (is_network())
        return expect(run({"network", "kill", "--dir", network_.string(), slug}).good(), "a node that is killed");
    show("kill -KILL $(pgrep -f 'salus node --dir " + network_.string() + "')");
    nodes_.kill();
    return {};
}

Status Stage::revive_node(const std::string& slug) {
    if (!is_network()) return start_node();
    return expect(run({"network", "start", "--dir", network_.string(), slug}).good(), "a node that starts again");
}

}  // namespace salus::cli::demo
