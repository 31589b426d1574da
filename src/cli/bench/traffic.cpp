#include "cli/bench/traffic.hpp"

#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/records.hpp"

namespace salus::cli::bench {
namespace {

/// Below the window, so that a clock that differs a little refuses nothing.
constexpr TimeMs kLifetimeMs = kWindowMs - 10'000;
constexpr std::size_t kSamplesMax = 512;

constexpr unsigned kTurns = 20;
constexpr bool is_grant_turn(unsigned turn) { return turn == 0 || turn == 7 || turn == 13; }
constexpr bool is_disclosure_turn(unsigned turn) { return turn == 3 || turn == 10 || turn == 16; }

void put_length(Bytes& out, std::size_t length) {
    for (; length >= 0x80; length >>= 7U) out.push_back(static_cast<std::uint8_t>(length | 0x80U));
    out.push_back(static_cast<std::uint8_t>(length));
}

}  // namespace

template <class Payload>
Transaction Author::sign_one(Contract contract, const Payload& payload, TimeMs now_ms) {
    TransactionBody body;
    body.network_id = *network_;
    body.sender = {AccountKind::kOrganisation, keys_->id()};
    body.valid_until_ms = now_ms + kLifetimeMs;
    body.nonce = random_->bytes<8>();
    body.contract = contract;
    body.payload = codec::encode(payload);
    return sign(std::move(body), {&keys_->signing});
}

Transaction Author::append(std::size_t nullifiers, TimeMs now_ms) {
    records::Append append{leaves_, Bytes(32 * kAppendMultiple), Bytes(32 * nullifiers)};
    random_->fill(append.leaves);
    random_->fill(append.superseded);
    leaves_ += kAppendMultiple;
    return sign_one(Contract::kRecords, records::Payload{std::move(append)}, now_ms);
}

Transaction Author::next(TimeMs now_ms) {
    const unsigned turn = turn_;
    turn_ = (turn_ + 1) % kTurns;
    if (is_grant_turn(turn)) {
        grant_ = random_->id<GrantId>();
        const TimeMs end_ms = (now_ms / kHourMs + 24) * kHourMs;
        return sign_one(Contract::kConsent,
                        consent::Payload{consent::Create{grant_, std::nullopt, random_->bytes<32>(), end_ms}}, now_ms);
    }
    if (is_disclosure_turn(turn))
        return sign_one(Contract::kDisclosure,
                        disclosure::Payload{disclosure::File{random_->bytes<32>(), grant_, 1, random_->bytes<32>(), 0}},
                        now_ms);
    return append(0, now_ms);
}

void Author::add(Array& array, Transaction transaction) {
    put_length(array.body, transaction.bytes.size());
    salus::append(array.body, transaction.bytes);
    ++array.transactions;
    if (samples_.size() < kSamplesMax) samples_.push_back(std::move(transaction));
}

Array Author::next_array(std::size_t transactions, TimeMs now_ms) {
    Array array;
    const std::uint64_t leaves = leaves_;
    for (std::size_t i = 0; i < transactions; ++i) add(array, next(now_ms));
    array.leaves = leaves_ - leaves;
    return array;
}

Array Author::filling_array(std::size_t transactions, std::size_t nullifiers, TimeMs now_ms) {
    Array array;
    const std::uint64_t leaves = leaves_;
    for (std::size_t i = 0; i < transactions; ++i) add(array, append(nullifiers, now_ms));
    array.leaves = leaves_ - leaves;
    return array;
}

std::vector<Author> authors_of(const BenchNetwork& network, Random& random) {
    std::vector<Author> authors;
    for (const auto& keys : network.members()) authors.emplace_back(network.id(), keys, random);
    return authors;
}

std::vector<std::vector<Array>> sign_arrays(Executor& executor, std::vector<Author>& authors, std::size_t arrays,
                                            std::size_t transactions, TimeMs now_ms) {
    std::vector<std::vector<Array>> made(authors.size());
    executor.parallel_for(authors.size(), [&](std::size_t i) {
        authors[i].rewind();
        for (std::size_t k = 0; k < arrays; ++k) made[i].push_back(authors[i].next_array(transactions, now_ms));
    });
    return made;
}

}  // namespace salus::cli::bench
