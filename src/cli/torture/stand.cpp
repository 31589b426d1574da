#include "cli/torture/stand.hpp"

#include <sstream>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "cli/physician.hpp"
#include "node/init.hpp"
#include "node/layout.hpp"
#include "node/platform.hpp"

namespace salus::cli::torture {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* kListen = "127.0.0.1:0";

Result<Api> connected(const std::string& url, const std::string& token) {
    SALUS_TRY(Api api, Api::connect(url, nullptr));
    api.set_token(token);
    return api;
}

}  // namespace

Result<Api> Door::custodian_api() const { return connected(url, custodian_token); }
Result<Api> Door::reader_api() const { return connected(url, reader_token); }

Result<std::unique_ptr<Stand>> Stand::make(const std::string& parent, Environment& environment) {
    const fs::path folder = (parent.empty() ? fs::temp_directory_path() : fs::absolute(parent)) /
                            ("salus-torture-" + to_hex(environment.random.bytes<4>()));
    node::InitOptions options;
    options.directory = folder / "network";
    options.network_name = "torture";
    using governance::OrganisationKind;
    options.organisations = {{"custodian", "Custodian", OrganisationKind::kHospital, "US", {"acute care"}},
                             {"reader", "Reader", OrganisationKind::kHospital, "US", {"acute care"}}};
    SALUS_TRY(const node::Initialised made, node::initialise(options, environment.random, environment.clock));
    const auto keys_of = [&](const std::string& slug) {
        return node::open_organisation_folder(node::organisation_folder(options.directory, slug), environment.random);
    };
    SALUS_TRY(auto custodian, keys_of("custodian"));
    SALUS_TRY(auto reader, keys_of("reader"));
    return std::unique_ptr<Stand>(
        new Stand(environment, folder, made.network_id, std::move(custodian), std::move(reader)));
}

Stand::~Stand() {
    kill();
    std::error_code ignored;
    if (!kept_) fs::remove_all(folder_, ignored);
}

void Stand::mark_log() {
    std::error_code error;
    const auto size = fs::file_size(log_file(), error);
    log_begin_ = error ? 0 : size;
}

Status Stand::start() {
    mark_log();
    SALUS_TRY(node_, ServingNode::start(network(), kListen, log_file()));
    return {};
}

Status Stand::start_and_kill(std::chrono::milliseconds delay) {
    mark_log();
    SALUS_TRY(auto process,
              node::ChildProcess::start(node::this_program(),
                                        {"node", "--dir", network().string(), "--listen", kListen}, log_file()));
    node::pause(delay);
    if (!process.running()) return fail(ErrorCode::kUnavailable, "the node did not start; see " + log_file().string());
    process.kill();
    return {};
}

void Stand::kill() {
    if (node_) node_->process().kill();
    node_.reset();
}

Status Stand::stop() {
    const int exit = node_->process().stop(60s);
    node_.reset();
    if (exit != kExitGood) return fail(ErrorCode::kInternal, "the node ended with status " + std::to_string(exit));
    return {};
}

Result<Door> Stand::open_door() {
    const TimeMs now_ms = environment_.clock.now_ms();
    const StaffCredential physician = physician_of(reader_, id_, now_ms);
    SALUS_TRY(const Api house, log_in_with(node_->url(), "custodian", custodian_, std::nullopt, "TREAT", environment_));
    SALUS_TRY(const Api across, log_in_with(node_->url(), "reader", reader_, physician, "TREAT", environment_));
    return Door{node_->url(),  custodian_.id(), reader_.id(),
                house.token(), across.token(),  now_ms + 300 * 24 * kHourMs};
}

std::vector<std::string> Stand::log() const {
    std::vector<std::string> out;
    const auto bytes = read_file(log_file());
    if (!bytes || bytes->size() < log_begin_) return out;
    std::istringstream lines(std::string(as_text(*bytes).substr(log_begin_)));
    for (std::string line; std::getline(lines, line);) out.push_back(line);
    return out;
}

}  // namespace salus::cli::torture
