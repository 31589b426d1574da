#pragma once

#include <functional>
#include <mutex>

#include "application/testing/ledger.hpp"
#include "application/vault/anchor.hpp"
#include "application/vault/claims.hpp"
#include "testing/directory.hpp"

namespace salus::application::testing {

/// A seeded generator that several threads may use.
class SharedRandom final : public Random {
public:
    explicit SharedRandom(std::uint64_t seed = 1) : random_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        const std::lock_guard lock(mutex_);
        random_.fill(out);
    }

private:
    std::mutex mutex_;
    salus::testing::SeededRandom random_;
};

/// Hospital A's own side: key store, vault, outbox, in a directory that outlives a restart.
class House {
public:
    explicit House(TestLedger& ledger_in) : ledger(ledger_in), master(crypto::Key256(ByteArray<32>{42}), random) {
        open();
    }

    /// The process ends (whatever was in memory is lost) and starts again; `between` happens to its disk.
    void restart(const std::function<void()>& between = [] {}) {
        anchor.reset();
        outbox.reset();
        vault.reset();
        keys.reset();
        database.reset();
        between();
        open();
    }
    /// What a node does at start.
    Status repair() {
        SALUS_TRY_STATUS(outbox->repair());
        return anchor->repair();
    }

    TestLedger& ledger;
    salus::testing::TestDirectory directory;
    SharedRandom random;
    MasterKey master;
    const testkit::Party& party = ledger.net().hospital_a;
    const AccountId id = party.id();
    std::unique_ptr<Database> database;
    std::unique_ptr<KeyStore> keys;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<Outbox> outbox;
    std::unique_ptr<Anchor> anchor;
    Claims claims;
    std::chrono::milliseconds patience = std::chrono::seconds(60);  ///< of the anchor, from the next start

private:
    void open() {
        database = Database::open(directory.path() / "vault.db").value();
        keys = KeyStore::open(directory.path() / "keystore.db", id, master, random).value();
        vault = Vault::open({*database, *keys, random, id}).value();
        outbox = Outbox::open({*database, ledger, random, id, party.key}).value();
        anchor = Anchor::open(*vault, *outbox, ledger, random, patience).value();
    }
};

}  // namespace salus::application::testing
