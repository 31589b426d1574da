#include "node/tamper.hpp"

#include <algorithm>
#include <functional>

#include "application/vault/database.hpp"
#include "base/file.hpp"
#include "model/block.hpp"
#include "node/layout.hpp"

namespace salus::node {
namespace {

constexpr std::size_t kMagicBytes = 8;
constexpr std::uint8_t kBlockRecord = 3;  // model/export.hpp

/// What of a block is changed: its bytes, and their index among their like.
struct Part {
    Bytes bytes;
    std::size_t index = 0;
};

/// Changes a byte inside the newest block that has transactions: the one at the end of what `part` says of it.
Result<Flipped> flip(const std::filesystem::path& chain, const std::filesystem::path& copy,
                     const std::function<Part(const Block&)>& part) {
    SALUS_TRY(Bytes bytes, read_file(chain));
    std::optional<std::size_t> found;
    Flipped flipped;
    for (std::size_t at = kMagicBytes; at + 5 <= bytes.size();) {
        const std::uint8_t kind = bytes[at];
        const auto size = from_big_endian<std::uint32_t>(ByteView(bytes).subspan(at + 1, 4));
        at += 5;
        if (size > bytes.size() - at) return fail(ErrorCode::kMalformedEncoding, chain.string() + " is cut off");
        if (kind == kBlockRecord) {
            const auto body = ByteView(bytes).subspan(at, size);
            SALUS_TRY(const Block block, codec::decode<Block>(body));
            if (!block.transactions.empty()) {
                const Part wanted = part(block);
                const auto place = std::ranges::search(body, wanted.bytes);
                if (!wanted.bytes.empty() && !place.empty()) {
                    found = at + static_cast<std::size_t>(place.begin() - body.begin()) + wanted.bytes.size() - 1;
                    flipped = {block.header.height, wanted.index};
                }
            }
        }
        at += size;
    }
    if (!found) return fail(ErrorCode::kNotFound, chain.string() + " holds no transaction");
    bytes[*found] ^= 1;
    SALUS_TRY_STATUS(write_file(copy, bytes));
    return flipped;
}

}  // namespace

Result<Flipped> flip_block_byte(const std::filesystem::path& chain, const std::filesystem::path& copy) {
    return flip(chain, copy, [](const Block& block) { return Part{block.transactions.front(), block.system.size()}; });
}

Result<Flipped> flip_receipt_byte(const std::filesystem::path& chain, const std::filesystem::path& copy) {
    return flip(chain, copy, [](const Block& block) {
        return Part{codec::encode(block.receipts.back()), block.receipts.size() - 1};
    });
}

Result<std::string> flip_vault_byte(const std::filesystem::path& directory, const std::string& slug) {
    SALUS_TRY(const auto database,
              application::Database::open(organisation_folder(directory, slug) / "vault" / "vault.db"));
    return database->transaction([](application::Writing& writing) -> Result<std::string> {
        SALUS_TRY(const auto row,
                  (writing.query_one<std::uint64_t, Bytes, std::string, std::string, std::uint64_t>(
                      "SELECT b.number, b.body, v.type, v.id, v.version FROM bodies b JOIN versions v ON v.number = "
                      "b.number ORDER BY b.number DESC LIMIT 1")));
        if (!row) return fail(ErrorCode::kNotFound, "the vault holds no version");
        auto [number, body, type, id, version] = *row;
        body[body.size() / 2] ^= 1;
        SALUS_TRY_STATUS(writing.run("UPDATE bodies SET body = :body WHERE number = :number", body, number));
        return type + "/" + id + "/_history/" + std::to_string(version);
    });
}

}  // namespace salus::node
