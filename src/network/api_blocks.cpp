#include <fmt/format.h>

#include "base/encoding.hpp"
#include "model/transaction_json.hpp"
#include "network/answers.hpp"
#include "network/api.hpp"
#include "network/proofs.hpp"

namespace salus::network {
namespace {

using transport::HttpResponse;
constexpr std::size_t kListMax = 100;
constexpr std::size_t kListDefault = 20;

struct Found {
    Block block;
    std::uint32_t index = 0;

    [[nodiscard]] const Receipt& receipt() const { return block.receipts.at(index); }
    [[nodiscard]] bool is_system() const { return index < block.system.size(); }
    [[nodiscard]] Bytes bytes() const {
        return is_system() ? codec::encode(block.system[index]) : block.transactions.at(index - block.system.size());
    }
};

Result<Found> find(const LedgerService& ledger, const Request& request) {
    SALUS_TRY(const Hash id, parse_hash(request.value("id"), "the id"));
    SALUS_TRY(const auto place, ledger.find(TxId{id}));
    if (!place) return fail(ErrorCode::kNotFound, "no transaction with this id stands in the chain");
    SALUS_TRY(auto block, ledger.block(place->height));
    return Found{std::move(block), place->index};
}

std::string place_json(const Found& found) {
    const auto& header = found.block.header;
    return fmt::format(R"("id":"{}","height":{},"index":{},"time_ms":{},"code":{},"name":"{}")",
                       to_hex(found.receipt().id), header.height, found.index, header.time_ms, found.receipt().code,
                       code_name(found.receipt().code));
}

std::string transaction_json(const Found& found) {
    const auto what = found.is_system() ? R"("system":)" + json::to_json(found.block.system[found.index])
                                        : R"("transaction":)" + json::transaction_to_json(found.bytes());
    return "{" + place_json(found) + "," + what + "}";
}

std::string summary_json(const BlockHeader& header) {
    return fmt::format(R"({{"height":{},"hash":"{}","time_ms":{},"era":{},"transactions":{}}})", header.height,
                       to_hex(header.hash()), header.time_ms, header.era, header.tx_count);
}

std::string block_json(const Block& block, const std::optional<Certificate>& certificate) {
    std::string out = json::block_to_json(block);
    out.pop_back();
    return out + R"(,"certificate":)" + (certificate ? json::to_json(*certificate) : "null") + "}";
}

Result<HttpResponse> one_block(const LedgerService& ledger, Height height, bool binary) {
    SALUS_TRY(const auto block, ledger.block(height));
    if (binary) return bytes_answer(codec::encode(block), kBinaryType);
    SALUS_TRY(const auto certificate, ledger.certificate(height));
    return json_answer(block_json(block, certificate));
}

Result<HttpResponse> list_blocks(const LedgerService& ledger, const Request& request) {
    SALUS_TRY(const auto from, number_parameter(request, "from"));
    SALUS_TRY(const auto limit, number_parameter(request, "limit"));
    const Height begin = from.value_or(1);
    const std::uint64_t count = limit.value_or(kListDefault);
    if (begin == 0) return fail(ErrorCode::kUsage, "the first block has height 1");
    if (count == 0 || count > kListMax)
        return fail(ErrorCode::kUsage, fmt::format("limit is between 1 and {}", kListMax));
    const Height tip = ledger.status().height;
    std::string blocks;
    Height height = begin;
    for (; height <= tip && height - begin < count; ++height) {
        SALUS_TRY(const auto header, ledger.header(height));
        blocks += (height == begin ? "" : ",") + summary_json(header);
    }
    return json_answer(fmt::format(R"({{"height":{},"blocks":[{}],"next":{}}})", tip, blocks,
                                   height <= tip ? std::to_string(height) : "null"));
}

}  // namespace

void LedgerApi::mount_blocks(Router& router) {
    const LedgerService& ledger = parts_.ledger;
    router.add("GET", "/v1/blocks", [&ledger](const Request& request) { return list_blocks(ledger, request); });
    router.add("GET", "/v1/blocks/latest", [&ledger](const Request& request) -> Result<HttpResponse> {
        SALUS_TRY(const bool binary, wants_binary(request));
        const Height tip = ledger.status().height;
        if (tip == 0) return fail(ErrorCode::kNotFound, "there is no block yet");
        return one_block(ledger, tip, binary);
    });
    router.add("GET", "/v1/blocks/{height}", [&ledger](const Request& request) -> Result<HttpResponse> {
        SALUS_TRY(const bool binary, wants_binary(request));
        SALUS_TRY(const Height height, parse_number(request.value("height"), "the height"));
        return one_block(ledger, height, binary);
    });
    router.add("GET", "/v1/transactions/{id}", [&ledger](const Request& request) -> Result<HttpResponse> {
        SALUS_TRY(const bool binary, wants_binary(request));
        SALUS_TRY(const auto proof, number_parameter(request, "proof"));
        if (proof.value_or(0) != 0) return transaction_proof(ledger, request);
        SALUS_TRY(const auto found, find(ledger, request));
        return binary ? bytes_answer(found.bytes(), kBinaryType) : json_answer(transaction_json(found));
    });
    router.add("GET", "/v1/transactions/{id}/receipt", [&ledger](const Request& request) -> Result<HttpResponse> {
        SALUS_TRY(const bool binary, wants_binary(request));
        SALUS_TRY(const auto found, find(ledger, request));
        if (binary) return bytes_answer(codec::encode(found.receipt()), kBinaryType);
        return json_answer(fmt::format(R"({{{},"receipt":{},"events":{}}})", place_json(found),
                                       json::to_json(found.receipt()),
                                       json::to_json(found.block.events.at(found.index))));
    });
}

}  // namespace salus::network
