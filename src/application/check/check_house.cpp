#include "application/check/check_house.hpp"

#include "application/access/bindings.hpp"
#include "application/check/sealed_rows.hpp"
#include "application/outbox/outbox.hpp"
#include "application/reading/referrals.hpp"
#include "base/encoding.hpp"

namespace salus::application {
namespace {

class HouseChecker : SealedRows {
public:
    HouseChecker(Vault& vault, const NetworkId& network, CheckReport& report)
        : SealedRows(vault, report), network_(network) {}

    void run() {
        attempt("the table of bound wallets", check_bindings());
        attempt("the table of referrals", check_referrals());
        attempt("the outbox", check_outbox());
    }

private:
    Status check_bindings();
    Status check_referrals();
    Status check_outbox();

    const NetworkId& network_;
};

Status HouseChecker::check_bindings() {
    SALUS_TRY(const auto rows, (rows_of<SearchToken, SubjectId, Bytes>(
                                   "bindings", "SELECT login, subject, sealed FROM bindings ORDER BY login")));
    for (const auto& [login, subject, sealed] : rows) {
        const std::string place = "bound wallet of subject " + to_hex(subject);
        ++report_.accounts;
        const auto binding = open<Binding>("binding", login, sealed, place);
        if (!binding) continue;
        if (binding->subject != subject) altered(place, "it is bound to another subject");
        if (vault_.token("salus:login", to_hex(binding->login_key.public_key)) != login)
            altered(place, "it stands under another login than its own");
    }
    return {};
}

Status HouseChecker::check_referrals() {
    SALUS_TRY(const auto rows, (rows_of<SearchToken, TimeMs, Bytes>(
                                   "referrals", "SELECT handle, until_ms, sealed FROM referrals ORDER BY handle")));
    for (const auto& [handle, until_ms, sealed] : rows) {
        const std::string place = "referral " + to_hex(handle);
        ++report_.accounts;
        const auto referral = open<Referral>("referral", handle, sealed, place);
        if (referral && referral->until_ms != until_ms) altered(place, "it ends at another time than its row says");
    }
    return {};
}

Status HouseChecker::check_outbox() {
    SALUS_TRY(
        const auto rows,
        (rows_of<std::uint64_t, FilingKind, Contract, Bytes, TxId, Bytes, TimeMs>(
            "outbox",
            "SELECT id, kind, contract, payload, transaction_id, bytes, valid_until_ms FROM outbox ORDER BY id")));
    for (const auto& [id, kind, contract, payload, transaction_id, bytes, valid_until_ms] : rows) {
        const std::string place = "entry " + std::to_string(id) + " of the outbox";
        ++report_.accounts;
        if (!is_known(kind)) altered(place, "it is of a kind that there is not");
        const auto transaction = parse_transaction(bytes, network_);
        if (!transaction) {
            altered(place, transaction.error().to_string());
            continue;
        }
        if (!signatures_good(*transaction)) altered(place, "its signature is not good");
        const TransactionBody& body = transaction->body;
        if (transaction->id != transaction_id || body.contract != contract || body.payload != payload ||
            body.valid_until_ms != valid_until_ms)
            altered(place, "its row says something else than what is signed");
    }
    return {};
}

}  // namespace

void check_house(Vault& vault, const NetworkId& network, CheckReport& report) {
    HouseChecker(vault, network, report).run();
}

std::vector<std::string> damage_of(Database& database) {
    const auto rows =
        database.read([](Reading& reading) { return reading.query<std::string>("PRAGMA integrity_check(20)"); });
    if (!rows) return {rows.error().to_string()};
    std::vector<std::string> damage;
    for (const auto& [line] : *rows)
        if (line != "ok") damage.push_back(line);
    return damage;
}

}  // namespace salus::application
