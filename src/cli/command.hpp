#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "base/platform/clock.hpp"
#include "base/platform/random.hpp"
#include "base/result.hpp"

namespace salus::cli {

/// Exit codes of the program.
inline constexpr int kExitGood = 0;
inline constexpr int kExitRefused = 1;  ///< a check failed, or a request was refused
inline constexpr int kExitUsage = 2;
inline constexpr int kExitCannotRun = 3;  ///< file, port, disk

int exit_code(ErrorCode code) noexcept;

/// What a command found: `data` is printed with --json (where the command has not printed it itself), `text` without.
struct Report {
    boost::json::object data;
    std::string text;
    bool good = true;  ///< false: a check failed
};

/// What commands use of the world.
struct Environment {
    std::ostream& out;
    std::ostream& err;
    Random& random;
    const WallClock& clock;
    const SteadyClock& steady;
    bool json = false;
    std::ostream* progress = nullptr;  ///< a terminal where progress may be drawn
};

/// Declares a command: its options live in an `Options`, which `declare` binds to flags and `run` reads.
class Commands {
public:
    Commands(CLI::App& root, Environment& environment) : root_(root), environment_(environment) {}

    template <class Options>
    void add(CLI::App& group, const std::string& name, const std::string& help, const std::string& examples,
             void (*declare)(CLI::App&, Options&), Result<Report> (*run)(const Options&, Environment&)) {
        CLI::App* command = group.add_subcommand(name, help);
        auto options = std::make_shared<Options>();
        declare(*command, *options);
        if (!examples.empty()) command->footer("Examples:\n" + examples);
        command->callback([this, options, run] { finish(run(*options, environment_)); });
    }
    CLI::App& group(const std::string& name, const std::string& help);
    [[nodiscard]] CLI::App& root() noexcept { return root_; }
    [[nodiscard]] int exit() const noexcept { return exit_; }

private:
    void finish(const Result<Report>& result);

    CLI::App& root_;
    Environment& environment_;
    int exit_ = kExitGood;
};

/// The program: parses `arguments` (without the program's name), runs one command, prints its report. Returns the exit
/// code.
int run(const std::vector<std::string>& arguments, Environment& environment);

}  // namespace salus::cli
