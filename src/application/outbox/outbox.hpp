#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "application/vault/database.hpp"
#include "base/platform/random.hpp"
#include "crypto/signature.hpp"
#include "model/transaction.hpp"
#include "network/ledger_service.hpp"

/// What an organisation sends to the chain, durable before it is sent. Source: ARCHITECTURE.md, "The walk of a write"
namespace salus::application {

/// What happens to an entry that expires before it is in a block. Numbers are stored.
enum class FilingKind : std::uint32_t {
    kWrite = 1,     ///< sent again, the same bytes, until valid_until; then it is rolled back
    kMustFile = 2,  ///< signed anew, only after the last copy has expired, until it is filed
};
constexpr bool is_known(FilingKind kind) noexcept {
    return kind == FilingKind::kWrite || kind == FilingKind::kMustFile;
}

struct Filing {
    FilingKind kind = FilingKind::kWrite;
    std::string topic;  ///< whose handler settles it, also after a restart
    Bytes reference;    ///< for that handler; no patient data in clear
    Contract contract{};
    Bytes payload;
    /// kWrite: no later than this. 0: as long as the outbox thinks right (60 s).
    TimeMs valid_until_ms = 0;
    /// kWrite: signed already by others (a wallet's control key beside the custodian's); payload, contract and end are
    /// then its own. One that ends beyond the window is refused, never tried until it fits.
    std::optional<Transaction> presigned;
    /// Runs in the transaction that stores the entry (take an index, store a sealed answer); an error undoes all of it.
    std::function<Status(Writing&)> also;
};

/// How it ended.
struct Settled {
    enum class How : std::uint32_t {
        kFiled = 1,    ///< in a block, receipt code 0
        kRefused = 2,  ///< in a block, refused by its contract; or inadmissible for ever
        kExpired = 3,  ///< kWrite only: in no block, and it can be in none any more
    };
    How how{};
    Error error;  ///< of the two others
    std::optional<network::Submitted> submitted;
};

/// Settles an entry inside the transaction that removes it; must succeed unless the disk fails.
using SettleHandler = std::function<Status(Writing&, const Bytes& reference, const Settled&)>;

/// One an organisation. Thread-safe; has no thread of its own: `file` works on its caller's, `pump` on the node's
/// timer.
class Outbox {
public:
    virtual ~Outbox() = default;

    struct Parts {
        Database& vault;
        network::LedgerService& ledger;
        Random& random;
        AccountId organisation;
        const crypto::SigningKey& key;  ///< of the organisation
    };
    /// Errors: kSchema, kIo
    static Result<std::unique_ptr<Outbox>> open(const Parts& parts);

    /// Pre: before `repair`; one handler a topic
    virtual void on_settled(std::string topic, SettleHandler handler) = 0;

    /// Takes up what a crash left: asks the chain for each entry, settles those that are decided or expired, sends the
    /// others and waits for them. Errors: kRolledBack (vault/checkpoint.hpp), kUnavailable where it takes none now, kIo
    virtual Status repair() = 0;

    /// Stores the entry, sends it, waits until it is decided, settles it.
    /// Errors: that of the contract; kTimeout where it expired (kWrite), or is still undecided after `patience`, or its
    /// end could not be written down (it stays in the outbox and `pump` goes on); kInadmissibleFuture where it is
    /// presigned and ends beyond the window; kBusy (nothing stored); those of `also`
    virtual Result<network::Submitted> file_and_wait(Filing filing,
                                                     std::chrono::milliseconds patience = std::chrono::seconds(30)) = 0;
    /// Stores the entry and returns; `pump` sends it. Returns its number.
    virtual Result<std::uint64_t> must_file(Filing filing) = 0;
    /// The same inside a transaction of the caller's; `filing.also` is not run.
    virtual Result<std::uint64_t> must_file(Writing& writing, Filing filing) = 0;

    /// Sends what waits, settles what is decided or expired. Call it after blocks and every second or so; it returns
    /// without waiting for the chain.
    virtual void pump() = 0;

    /// Whoever waits, and whoever comes, gets kUnavailable; what is stored stays for the next start.
    virtual void stop() = 0;

    /// Entries of `topic` that are not settled.
    virtual Result<std::uint64_t> waiting(std::string_view topic) = 0;
    /// Those of one reference, as a transaction of the caller's sees them: its own entry too.
    virtual Result<std::uint64_t> waiting(Reading& reading, std::string_view topic, const Bytes& reference) = 0;
};

}  // namespace salus::application
