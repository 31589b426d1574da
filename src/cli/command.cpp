#include "cli/command.hpp"

#include <boost/json/serialize.hpp>

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

void Commands::finish(const Result<Report>& result) {
    if (result) {
        if (environment_.json)
            environment_.out << boost::json::serialize(result->data) << "\n";
        else
            environment_.out << result->text;
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
    environment_.err << "salus: " << error.to_string() << "\n       " << info.name << ": " << info.meaning << "\n";
    exit_ = exit_code(error.code);
}

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
        app.exit(error, environment.out, environment.err);
        return kExitUsage;
    }
    return commands.exit();
}

}  // namespace salus::cli
