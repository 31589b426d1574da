#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <sstream>

#include "base/file.hpp"
#include "cli/command.hpp"
#include "node/init.hpp"
#include "node/node.hpp"
#include "node/platform.hpp"

/// For tests: two hospitals on a node of this process, and the program's commands against it. FOR TESTS ONLY.
namespace salus::cli::testing {

class Network {
public:
    Network() {
        node::InitOptions options;
        options.directory = file("net");
        options.organisations = {{"hospital-a", "Hospital A", governance::OrganisationKind::kHospital, "US", {}},
                                 {"hospital-b", "Hospital B", governance::OrganisationKind::kHospital, "US", {}}};
        std::filesystem::create_directories(folder_);
        EXPECT_TRUE(node::initialise(options, random_, wall_));
        auto started = node::Node::start({file("net"), "127.0.0.1:0", false, "test"});
        EXPECT_TRUE(started) << started.error().to_string();
        node_ = *std::move(started);
        EXPECT_TRUE(write_file(file("pass"), as_bytes("correct horse\n"), FileMode::kPrivate));
        EXPECT_TRUE(
            write_file(file("patient.json"),
                       as_bytes(R"({"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"1"}]})")));
    }
    ~Network() {
        node_.reset();
        std::filesystem::remove_all(folder_);
    }
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }
    [[nodiscard]] std::string organisation(const std::string& slug) const { return file("net/orgs/" + slug); }

    /// What `salus ARGUMENTS --json` answers; what it said on the error stream is in `said`.
    boost::json::object run(std::vector<std::string> arguments) {
        std::ostringstream out;
        std::ostringstream err;
        Environment environment{out, err, random_, wall_, steady_, true, nullptr};
        arguments.emplace_back("--json");
        cli::run(arguments, environment);
        said = err.str();
        boost::system::error_code error;
        const boost::json::value value = boost::json::parse(out.str(), error);
        EXPECT_FALSE(error) << out.str() << said;
        return value.is_object() ? value.get_object() : boost::json::object{};
    }
    /// The same against the node.
    boost::json::object ask(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--node", node_->url()});
        return run(std::move(arguments));
    }
    /// The same with a wallet, at hospital A.
    boost::json::object with_wallet(const std::string& wallet, std::vector<std::string> arguments) {
        arguments.insert(arguments.end(),
                         {"--wallet", file(wallet), "--passphrase-file", file("pass"), "--at", "hospital-a"});
        return ask(std::move(arguments));
    }
    /// Of one member of the staff, or by `number` of another with the same role.
    std::string credential(const std::string& slug, const std::string& role, const std::string& number = "1") {
        const std::string out = file(role + number + ".staff");
        EXPECT_TRUE(run({"org", "staff", "--as", organisation(slug), "--name", "Nora Weiss", "--role", role, "--id",
                         "urn:salus:staff|" + role + number, "--out", out})
                        .contains("ok"));
        return out;
    }
    /// A patient of hospital A with a wallet; returns the wallet's words.
    std::string patient_with_wallet(const std::string& wallet) {
        const auto registered = ask({"patient", "register", "--as", organisation("hospital-a"), file("patient.json")});
        const auto made = run({"keys", "wallet", "--wallet", file(wallet), "--passphrase-file", file("pass")});
        with_wallet(wallet, {"patient", "offer", "--out", file("offer")});
        const auto bound = ask({"patient", "bind", text(registered, "patient"), "--as", organisation("hospital-a"),
                                "--staff", credential("hospital-a", "registrar"), "--offer", file("offer")});
        EXPECT_TRUE(good(bound)) << text(bound, "message");
        return text(made, "words");
    }

    static bool good(const boost::json::object& answer) {
        const boost::json::value* ok = answer.if_contains("ok");
        return ok != nullptr && ok->is_bool() && ok->get_bool();
    }
    static std::string text(const boost::json::object& answer, std::string_view name) {
        const boost::json::value* value = answer.if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    }
    static std::uint64_t number(const boost::json::object& answer, std::string_view name) {
        boost::system::error_code error;
        const boost::json::value* value = answer.if_contains(name);
        return value != nullptr ? value->to_number<std::uint64_t>(error) : 0;
    }

    std::string said;

private:
    const std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                          ("salus-cli-test-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    node::OsRandom random_;
    node::RealWallClock wall_;
    node::BootTimeClock steady_;
    std::unique_ptr<node::Node> node_;
};

}  // namespace salus::cli::testing
