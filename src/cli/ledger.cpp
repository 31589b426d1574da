#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/time_text.hpp"
#include "cli/groups.hpp"
#include "cli/session.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct LedgerArguments {
    SessionArguments session;
    std::string what;
    std::string out;
};

/// What is wrong with it, before a node is asked; nothing where it is good.
std::string fault_of_height(const std::string& text) {
    const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return number || text == "latest" ? "" : "\"" + text + "\" is no height: a number, or latest";
}
std::string fault_of_id(const std::string& text) {
    return array_from_hex<32>(text) ? "" : "\"" + text + "\" is no transaction's id: 64 hex digits";
}

void declare_status(CLI::App& app, LedgerArguments& arguments) { declare_node(app, arguments.session); }

void declare_block(CLI::App& app, LedgerArguments& arguments) {
    declare_node(app, arguments.session);
    app.add_option("height", arguments.what, "A height, or latest")->required()->check(fault_of_height);
}

void declare_transaction(CLI::App& app, LedgerArguments& arguments) {
    declare_node(app, arguments.session);
    app.add_option("id", arguments.what, "The transaction's id in hex")->required()->check(fault_of_id);
}

void declare_proof(CLI::App& app, LedgerArguments& arguments) {
    declare_transaction(app, arguments);
    app.add_option("--out", arguments.out, "File to write the proof to")->required();
}

/// An object's fields, one a line.
std::string lines(const json::value& value, const std::string& indent = "") {
    std::string out;
    if (!value.is_object()) return out;
    for (const auto& [key, field] : value.get_object()) {
        if (field.is_object())
            out += indent + std::string(key) + "\n" + lines(field, indent + "  ");
        else if (field.is_array())
            out += fmt::format("{}{:<16} {} of them\n", indent, std::string(key), field.get_array().size());
        else if (field.is_string())
            out += fmt::format("{}{:<16} {}\n", indent, std::string(key), std::string(field.get_string()));
        else
            out += fmt::format("{}{:<16} {}\n", indent, std::string(key), json::serialize(field));
    }
    return out;
}

Result<Report> show(const LedgerArguments& arguments, const std::string& target, Environment& environment) {
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(json::value answer, api.get(target));
    Report report;
    report.text = lines(answer);
    if (answer.is_object()) report.data = answer.get_object();
    report.data["ok"] = true;
    return report;
}

Result<Report> status(const LedgerArguments& arguments, Environment& environment) {
    return show(arguments, "/v1/status", environment);
}
Result<Report> block(const LedgerArguments& arguments, Environment& environment) {
    return show(arguments, "/v1/blocks/" + transport::url_encode(arguments.what), environment);
}
Result<Report> transaction(const LedgerArguments& arguments, Environment& environment) {
    return show(arguments, "/v1/transactions/" + transport::url_encode(arguments.what), environment);
}
Result<Report> receipt(const LedgerArguments& arguments, Environment& environment) {
    return show(arguments, "/v1/transactions/" + transport::url_encode(arguments.what) + "/receipt", environment);
}

Result<Report> save(const LedgerArguments& arguments, const std::string& target, Environment& environment) {
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(const auto response, api.call("GET", target));
    SALUS_TRY_STATUS(write_file(arguments.out, response.body));
    return Report{{{"ok", true}, {"file", arguments.out}, {"bytes", response.body.size()}},
                  fmt::format("{} bytes in {}; check them with: salus verify {}\n", response.body.size(), arguments.out,
                              arguments.out)};
}

Result<Report> proof(const LedgerArguments& arguments, Environment& environment) {
    return save(arguments, "/v1/transactions/" + transport::url_encode(arguments.what) + "?proof=1", environment);
}

struct CheckpointArguments {
    SessionArguments session;
    std::string out;
};

void declare_checkpoint(CLI::App& app, CheckpointArguments& arguments) {
    declare_node(app, arguments.session);
    app.add_option("--out", arguments.out, "File to keep it in, away from the node")->required();
}

Result<Report> checkpoint(const CheckpointArguments& arguments, Environment& environment) {
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(const auto response, api.call("GET", "/v1/checkpoint?format=binary"));
    SALUS_TRY(const Checkpoint kept, codec::decode<Checkpoint>(response.body));
    SALUS_TRY_STATUS(write_file(arguments.out, response.body));
    return Report{{{"ok", true}, {"height", kept.height}, {"hash", to_hex(kept.block_hash)}, {"file", arguments.out}},
                  fmt::format("block {} {} in {}\n", kept.height, to_hex(kept.block_hash), arguments.out)};
}

}  // namespace

void add_ledger(Commands& commands) {
    CLI::App& ledger = commands.group("ledger", "The chain: blocks, transactions, receipts, proofs");
    commands.add<LedgerArguments>(ledger, "status", "Where the chain stands", "  salus ledger status\n", declare_status,
                                  status);
    commands.add<LedgerArguments>(ledger, "block", "Show a block", "  salus ledger block latest\n", declare_block,
                                  block);
    commands.add<LedgerArguments>(ledger, "tx", "Show a transaction", "  salus ledger tx ID\n", declare_transaction,
                                  transaction);
    commands.add<LedgerArguments>(ledger, "receipt", "Show what became of a transaction", "  salus ledger receipt ID\n",
                                  declare_transaction, receipt);
    commands.add<LedgerArguments>(ledger, "proof", "Write the proof of a transaction and its receipt",
                                  "  salus ledger proof ID --out tx.proof\n", declare_proof, proof);
    commands.add<CheckpointArguments>(
        ledger, "checkpoint", "Keep the newest certified block, to expose a history that is rolled back",
        "  salus ledger checkpoint --out mine.checkpoint\n", declare_checkpoint, checkpoint);
    add_export(commands, ledger);
}

}  // namespace salus::cli
