#pragma once

#include <boost/json/parse.hpp>
#include <sstream>

#include "base/check.hpp"
#include "base/encoding.hpp"
#include "cli/command.hpp"
#include "node/init.hpp"
#include "node/node.hpp"
#include "node/platform.hpp"
#include "testing/directory.hpp"

/// The program as a user runs it, inside a test. FOR TESTS ONLY.
namespace salus::cli {

/// What one run said.
struct Ran {
    int exit = -1;
    std::string out;
    std::string err;

    [[nodiscard]] bool says(std::string_view text) const {
        return out.find(text) != std::string::npos || err.find(text) != std::string::npos;
    }
    [[nodiscard]] boost::json::object json() const {
        boost::system::error_code failed;
        const boost::json::value value = boost::json::parse(out, failed);
        return !failed && value.is_object() ? value.get_object() : boost::json::object{};
    }
    /// A field of the JSON output; empty where there is none.
    [[nodiscard]] std::string text(std::string_view name) const {
        const auto object = json();
        const boost::json::value* value = object.if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
    }
    /// 0 where there is none.
    [[nodiscard]] std::uint64_t number(std::string_view name) const {
        const auto object = json();
        boost::system::error_code failed;
        const boost::json::value* value = object.if_contains(name);
        return value != nullptr ? value->to_number<std::uint64_t>(failed) : 0;
    }
};
inline std::ostream& operator<<(std::ostream& out, const Ran& ran) {
    return out << "exit " << ran.exit << "\n" << ran.out << ran.err;
}

inline Ran run_program(const std::vector<std::string>& arguments) {
    static node::OsRandom random;
    static const node::RealWallClock clock;
    static const node::BootTimeClock steady;
    std::ostringstream out;
    std::ostringstream err;
    Environment environment{out, err, random, clock, steady};
    Ran ran;
    ran.exit = run(arguments, environment);
    ran.out = out.str();
    ran.err = err.str();
    return ran;
}

/// The demo's four organisations on a node in this process, on a free port.
class TestNode {
public:
    TestNode() {
        SALUS_CHECK(run_program({"init", "--dir", folder(), "--demo"}).exit == kExitGood);
        start();
    }
    [[nodiscard]] std::string folder() const { return files.at("net"); }
    [[nodiscard]] std::string organisation(std::string_view slug) const {
        return folder() + "/orgs/" + std::string(slug);
    }
    void start() {
        auto started = node::Node::start({folder(), "127.0.0.1:0", false, "test"});
        SALUS_CHECK(started.has_value());
        node = *std::move(started);
    }
    testing::TestDirectory files;
    std::unique_ptr<node::Node> node;
};

}  // namespace salus::cli
