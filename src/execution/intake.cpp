#include "execution/intake.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "execution/contract.hpp"

namespace salus::execution {
namespace {

constexpr std::size_t kChunk = 16;  ///< transactions that one call of the executor parses

Result<Transaction> parse(ByteView bytes, const NetworkId& network) {
    auto transaction = parse_transaction(bytes, network, kProtocolVersion);
    if (transaction && !is_executed(transaction->body.contract))
        return fail(ErrorCode::kMalformedContract,
                    "version 1 has no contract " + std::string(contract_name(transaction->body.contract)));
    return transaction;
}

Result<Envelope> parse_envelope(ByteView bytes) {
    if (bytes.size() > kEnvelopeBytesMax)
        return fail(ErrorCode::kMalformedSize, "an envelope of " + std::to_string(bytes.size()) + " bytes");
    SALUS_TRY(auto envelope, codec::decode<Envelope>(bytes));
    if (envelope.version != kProtocolVersion)
        return fail(ErrorCode::kMalformedVersion, "an envelope of another version");
    if (envelope.transactions.empty()) return fail(ErrorCode::kMalformedEncoding, "an envelope without transactions");
    return envelope;
}

/// Those that decode and that their member has signed.
std::vector<Result<Envelope>> signed_envelopes(std::span<const ByteView> envelopes, const Intake& intake) {
    std::vector<Result<Envelope>> parsed(envelopes.size());
    intake.executor.parallel_for(envelopes.size(), [&](std::size_t i) {
        parsed[i] = parse_envelope(envelopes[i]);
        if (!parsed[i]) return;
        const Hash key = envelope_verdict_key(envelopes[i]);
        if (intake.verdicts.good(key)) return;
        if (crypto::verify(parsed[i]->member.key(), envelope_signed_bytes(*parsed[i]), parsed[i]->signature))
            intake.verdicts.remember(key);
        else
            parsed[i] = fail(ErrorCode::kMalformedSignature, "the envelope's signature does not verify");
    });
    return parsed;
}

}  // namespace

std::vector<Result<Transaction>> parse_transactions(std::span<const ByteView> transactions, const Intake& intake) {
    std::vector<Result<Transaction>> parsed(transactions.size());
    intake.executor.parallel_for((transactions.size() + kChunk - 1) / kChunk, [&](std::size_t chunk) {
        const std::size_t end = std::min(transactions.size(), (chunk + 1) * kChunk);
        for (std::size_t i = chunk * kChunk; i < end; ++i) parsed[i] = parse(transactions[i], intake.network);
    });
    return parsed;
}

void verify_signatures(std::vector<Result<Transaction>>& transactions, const Intake& intake) {
    std::vector<crypto::PublicKey> keys;
    std::vector<crypto::VerifyJob> jobs;
    std::vector<std::size_t> owners;  // jobs[k] is of transactions[owners[k]]
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        if (!transactions[i] || intake.verdicts.good(transactions[i]->verdict_key)) continue;
        for (std::size_t s = 0; s < transactions[i]->signatures.size(); ++s) {
            keys.push_back(transactions[i]->body.signers[s].key());
            jobs.push_back({nullptr, transactions[i]->signed_bytes, transactions[i]->signatures[s]});
            owners.push_back(i);
        }
    }
    for (std::size_t k = 0; k < jobs.size(); ++k) jobs[k].key = &keys[k];
    const std::vector<char> verdicts = crypto::verify_batch(intake.executor, jobs);
    std::vector<char> bad(transactions.size());
    for (std::size_t k = 0; k < jobs.size(); ++k)
        if (verdicts[k] == 0) bad[owners[k]] = 1;
    for (std::size_t k = 0; k < jobs.size(); ++k) {
        const std::size_t i = owners[k];
        if (!transactions[i]) continue;
        if (bad[i] == 0)
            intake.verdicts.remember(transactions[i]->verdict_key);
        else
            transactions[i] = fail(ErrorCode::kMalformedSignature, "a signature does not verify");
    }
}

std::vector<Result<Transaction>> open_transactions(std::span<const ByteView> transactions, const Intake& intake) {
    auto opened = parse_transactions(transactions, intake);
    verify_signatures(opened, intake);
    return opened;
}

Hash envelope_verdict_key(ByteView envelope) { return crypto::sha256(envelope); }

Result<Signer> envelope_member(ByteView envelope) {
    SALUS_TRY(auto parsed, parse_envelope(envelope));
    return std::move(parsed.member);
}

std::vector<Result<OpenedEnvelope>> open_envelopes(std::span<const ByteView> envelopes, const Intake& intake) {
    const auto parsed = signed_envelopes(envelopes, intake);
    std::vector<ByteView> bytes;
    for (const auto& envelope : parsed)
        if (envelope) bytes.insert(bytes.end(), envelope->transactions.begin(), envelope->transactions.end());
    auto transactions = open_transactions(bytes, intake);

    std::vector<Result<OpenedEnvelope>> opened;
    opened.reserve(envelopes.size());
    auto next = transactions.begin();
    for (const auto& envelope : parsed) {
        if (!envelope) {
            opened.emplace_back(tl::make_unexpected(envelope.error()));
            continue;
        }
        const auto end = next + static_cast<std::ptrdiff_t>(envelope->transactions.size());
        const auto bad = std::find_if(next, end, [](const auto& transaction) { return !transaction; });
        if (bad != end) {
            opened.emplace_back(tl::make_unexpected(bad->error()));
        } else {
            OpenedEnvelope& taken = opened.emplace_back(OpenedEnvelope{envelope->member, {}}).value();
            for (auto it = next; it != end; ++it) taken.transactions.push_back(*std::move(*it));
        }
        next = end;
    }
    return opened;
}

}  // namespace salus::execution
