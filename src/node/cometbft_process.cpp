#include "node/cometbft_process.hpp"

#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>

#include "base/log.hpp"

namespace salus::node {
namespace {

using namespace std::chrono_literals;

constexpr auto kCometBftLookUp = 100ms;    ///< how long a stop may go unseen
constexpr auto kCometBftRestart = 1000ms;  ///< so long after its end it is started again
constexpr auto kCometBftGrace = 10s;
constexpr auto kCometBftVersionPatience = 20s;
constexpr std::string_view kCometBftLog = "cometbft";

bool is_program(const std::filesystem::path& path) { return ::access(path.c_str(), X_OK) == 0; }

LogLevel level_of(std::string_view level) {
    if (level == "error") return LogLevel::kError;
    // What it calls info are the steps of each block.
    return level == "warn" ? LogLevel::kWarning : LogLevel::kDebug;
}

}  // namespace

Result<std::filesystem::path> find_cometbft() {
    if (const auto beside = this_program().parent_path() / "cometbft"; is_program(beside)) return beside;
    const char* const path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        if (const auto program = std::filesystem::path(rest.substr(0, end)) / "cometbft"; is_program(program))
            return program;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return fail(ErrorCode::kConfig,
                "there is no cometbft beside this program or on PATH; scripts/install_cometbft.sh gets it");
}

void log_cometbft_line(std::string_view line) {
    boost::system::error_code broken;
    const boost::json::value parsed = boost::json::parse(line, broken);
    const boost::json::object* fields = broken ? nullptr : parsed.if_object();
    if (fields == nullptr) {
        log_warning(kCometBftLog, line);
        return;
    }
    const auto text = [&](std::string_view name) {
        const auto* value = fields->if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    const LogLevel level = level_of(text("level"));
    if (!log_enabled(level)) return;
    std::string message = text("module") + ": " + text("_msg");
    for (const auto& [name, value] : *fields)
        if (name != "level" && name != "module" && name != "_msg" && name != "ts")
            message += " " + std::string(name) + "=" + boost::json::serialize(value);
    log(level, kCometBftLog, message);
}

Status CometBftProcess::start() {
    program_ = settings_.program;
    if (program_.empty()) {
        SALUS_TRY(program_, find_cometbft());
    }
    SALUS_TRY_STATUS(check_release());
    thread_ = threads_.start("cometbft", [this] { supervise(); });
    return {};
}

Result<ChildProcess> CometBftProcess::launch(const std::vector<std::string>& arguments) const {
    return ChildProcess::start(program_, arguments, settings_.home / "stderr.log");
}

/// Of another release the rules may differ, and it would be seen only when blocks do.
Status CometBftProcess::check_release() const {
    SALUS_TRY(ChildProcess asked, launch({"version"}));
    const auto said = asked.line(kCometBftVersionPatience);
    if (said && said->starts_with(kRelease)) return {};
    return fail(ErrorCode::kConfig, program_.string() + " is no CometBFT of release " + std::string(kRelease) +
                                        "x: it says \"" + (said ? *said : said.error().message) + "\"");
}

void CometBftProcess::stop() {
    state_.lock()->stopping = true;
    changed_.notify_all();
    if (thread_) thread_->join();
    thread_.reset();
}

std::string CometBftProcess::problem() const { return state_.lock()->problem; }

void CometBftProcess::supervise() {
    while (!stopping()) {
        if (auto child = launch({"start", "--home", settings_.home.string()})) {
            state_.lock()->problem.clear();
            log_info(kCometBftLog, "started, process " + std::to_string(child->pid()));
            follow(*child);
            const int status = child->stop(kCometBftGrace);
            auto state = state_.lock();
            if (state->stopping) return;
            state->problem = "CometBFT ended with " + std::to_string(status) + " and is started again; see " +
                             (settings_.home / "stderr.log").string();
        } else {
            state_.lock()->problem = child.error().to_string();
        }
        auto state = state_.lock();
        log_error(kCometBftLog, state->problem);
        changed_.wait_for(state.lock(), kCometBftRestart, [&] { return state->stopping; });
    }
}

void CometBftProcess::follow(ChildProcess& child) {
    while (!stopping()) {
        const auto line = child.line(kCometBftLookUp);
        if (line)
            log_cometbft_line(*line);
        else if (line.error().code != ErrorCode::kTimeout)
            return;
    }
}

}  // namespace salus::node
