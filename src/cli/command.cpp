#include "cli/command.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/printable.hpp"
#include "cli/api.hpp"
#include "cli/groups.hpp"

namespace salus::cli {

int exit_code(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::kUsage:
        case ErrorCode::kConfig:
            return kExitUsage;
        case ErrorCode::kInternal:
        case ErrorCode::kIo:
        case ErrorCode::kLocked:
        case ErrorCode::kSchema:
        case ErrorCode::kTimeout:
        case ErrorCode::kClock:
        case ErrorCode::kUnavailable:
        case ErrorCode::kBusy:
            return kExitCannotRun;
        default:
            return kExitRefused;
    }
}

CLI::App& Commands::group(const std::string& name, const std::string& help) {
    CLI::App* group = root_.add_subcommand(name, help);
    group->require_subcommand(1);
    return *group;
}

namespace {

/// A node's message, line by line, for a terminal to show and not to obey.
std::string shown(const Error& error) {
    const std::string text = error.to_string();
    std::string out;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        out += printable(std::string_view(text).substr(begin, end - begin));
        if (end < text.size()) out += '\n';
        begin = end + 1;
    }
    return out;
}

}  // namespace

void Commands::finish(const Result<Report>& result) {
    if (result) {
        if (!environment_.json)
            environment_.out << result->text;
        else if (!result->data.empty())
            environment_.out << boost::json::serialize(result->data) << "\n";
        environment_.out.flush();
        exit_ = result->good ? kExitGood : kExitRefused;
        return;
    }
    const Error& error = result.error();
    const ErrorInfo& info = error_info(error.code);
    if (environment_.json)
        environment_.out << boost::json::serialize(boost::json::object{{"ok", false},
                                                                       {"error", info.name},
                                                                       {"code", static_cast<std::uint32_t>(error.code)},
                                                                       {"message", error.to_string()}})
                         << "\n";
    environment_.err << "salus: " << shown(error) << "\n       " << info.name << ": " << info.meaning << "\n";
    exit_ = exit_code(error.code);
    if (exit_ == kExitUsage && said_by_node(error)) exit_ = kExitRefused;
}

namespace {

/// "salus record import": as far as the command line was understood.
std::string path_of(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return app.get_name() + (chosen.empty() ? "" : " " + path_of(*chosen.front()));
}

/// A command line that cannot be understood: what of it, and where help is.
int refuse_usage(const CLI::ParseError& error, const CLI::App& app, bool json, Environment& environment) {
    const std::vector<std::string> unknown = app.remaining(true);
    const bool no_command = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && !unknown.empty();
    const std::string text = no_command ? "there is no command \"" + printable(unknown.front()) + "\"" : error.what();
    if (json)
        environment.out << boost::json::serialize(
                               boost::json::object{{"ok", false},
                                                   {"error", error_info(ErrorCode::kUsage).name},
                                                   {"code", static_cast<std::uint32_t>(ErrorCode::kUsage)},
                                                   {"message", text}})
                        << "\n";
    environment.err << "salus: " << text << "\n       see: " << path_of(app) << " --help\n";
    return kExitUsage;
}

}  // namespace

int run(const std::vector<std::string>& arguments, Environment& environment) {
    CLI::App app(
        "Salus: a consortium ledger for healthcare. One tamper-evident history; the data stays with its owner.",
        "salus");
    app.set_version_flag("--version", std::string("salus ") + SALUS_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--json", environment.json, "Print one JSON object instead of text");
    app.get_formatter()->column_width(34);
    app.footer("Begin with:  salus demo\nEvery command explains itself:  salus COMMAND --help");

    Commands commands(app, environment);
    add_all(commands);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::Success& done) {
        return app.exit(done, environment.out, environment.err);
    } catch (const CLI::ParseError& error) {
        const bool json = std::ranges::find(arguments, "--json") != arguments.end();
        return refuse_usage(error, app, json, environment);
    }
    return commands.exit();
}

}  // namespace salus::cli
