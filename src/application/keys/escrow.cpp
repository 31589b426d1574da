extern "C" {
#include <libgfshare.h>
}

#include <algorithm>
#include <charconv>
#include <mutex>

#include "application/keys/key_provider.hpp"
#include "base/check.hpp"
#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kShareMagic = "salus-escrow-v1";
constexpr unsigned kKeyBytes = static_cast<unsigned>(crypto::Key256::kSize);

using Context = std::unique_ptr<gfshare_ctx, decltype(&gfshare_ctx_free)>;

/// Tells that a recovered key is the right one, and tells nothing else: the key is uniform.
ByteArray<8> check_of(const crypto::Key256& master) {
    const Hash hash = crypto::tagged_hash("salus.escrow.v1", {master.expose()});
    ByteArray<8> check{};
    std::copy_n(hash.begin(), check.size(), check.begin());
    return check;
}

std::optional<std::uint8_t> small_number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > 255) return std::nullopt;
    return static_cast<std::uint8_t>(value);
}

std::mutex gfshare_mutex;
Random* lent_random = nullptr;

/// libgfshare draws through one global function pointer, and scrubs through it what it frees. Whoever has a context
/// holds this for as long, and lends a generator; who only joins has nothing to draw, and scrubs with zeros.
class Lending {
public:
    explicit Lending(Random* random) : lock_(gfshare_mutex), before_(gfshare_fill_rand) {
        lent_random = random;
        if (random)
            gfshare_fill_rand = [](unsigned char* out, unsigned int size) { lent_random->fill({out, size}); };
        else
            gfshare_fill_rand = [](unsigned char* out, unsigned int size) { crypto::wipe({out, size}); };
    }
    ~Lending() {
        gfshare_fill_rand = before_;
        lent_random = nullptr;
    }
    Lending(const Lending&) = delete;
    Lending& operator=(const Lending&) = delete;

private:
    const std::lock_guard<std::mutex> lock_;
    const gfshare_rand_func_t before_;
};

}  // namespace

Result<std::vector<EscrowShare>> split_master(const crypto::Key256& master, unsigned needed, unsigned count,
                                              Random& random) {
    if (needed < 2 || needed > count || count > 255)
        return fail(ErrorCode::kUsage, "an escrow needs 2 <= shares needed <= shares made <= 255");
    std::vector<unsigned char> numbers(count);
    for (unsigned i = 0; i < count; ++i) numbers[i] = static_cast<unsigned char>(i + 1);
    crypto::Key256 secret = master.clone();
    std::vector<EscrowShare> shares;

    const Lending lending(&random);
    const Context context(gfshare_ctx_init_enc(numbers.data(), count, static_cast<unsigned char>(needed), kKeyBytes),
                          &gfshare_ctx_free);
    SALUS_CHECK(context != nullptr);
    gfshare_ctx_enc_setsecret(context.get(), secret.expose_mutable().data());
    for (unsigned i = 0; i < count; ++i) {
        EscrowShare& share = shares.emplace_back();
        share.needed = static_cast<std::uint8_t>(needed);
        share.number = numbers[i];
        share.check = check_of(master);
        gfshare_ctx_enc_getshare(context.get(), static_cast<unsigned char>(i), share.value.expose_mutable().data());
    }
    return shares;
}

Result<crypto::Key256> join_shares(const std::vector<EscrowShare>& shares) {
    if (shares.empty() || shares.size() < shares.front().needed)
        return fail(ErrorCode::kUsage,
                    "too few shares" + (shares.empty() ? std::string()
                                                       : ": " + std::to_string(shares.front().needed) + " are needed"));
    std::vector<unsigned char> numbers;
    for (const EscrowShare& share : shares) {
        if (share.check != shares.front().check || share.needed != shares.front().needed)
            return fail(ErrorCode::kUsage, "the shares are not of one key");
        if (std::find(numbers.begin(), numbers.end(), share.number) != numbers.end())
            return fail(ErrorCode::kUsage, "share " + std::to_string(share.number) + " is given twice");
        numbers.push_back(share.number);
    }
    const Lending lending(nullptr);
    const Context context(gfshare_ctx_init_dec(numbers.data(), static_cast<unsigned>(numbers.size()), kKeyBytes),
                          &gfshare_ctx_free);
    SALUS_CHECK(context != nullptr);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        crypto::Key256 value = shares[i].value.clone();
        gfshare_ctx_dec_giveshare(context.get(), static_cast<unsigned char>(i), value.expose_mutable().data());
    }
    crypto::Key256 master;
    gfshare_ctx_dec_extract(context.get(), master.expose_mutable().data());
    if (check_of(master) != shares.front().check)
        return fail(ErrorCode::kCorrupt, "the shares do not give the key: one of them is altered");
    return master;
}

std::string EscrowShare::to_text() const {
    return std::string(kShareMagic) + " " + std::to_string(needed) + " " + std::to_string(number) + " " +
           to_hex(check) + " " + to_hex(value.expose());
}

Result<EscrowShare> EscrowShare::from_text(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (words.size() != 5 || words[0] != kShareMagic) return fail(ErrorCode::kUsage, "this is no escrow share");
    const auto needed = small_number(words[1]);
    const auto number = small_number(words[2]);
    const auto check = array_from_hex<8>(words[3]);
    auto value = array_from_hex<32>(words[4]);
    if (!needed || !number || !check || !value) return fail(ErrorCode::kUsage, "the escrow share is damaged");
    EscrowShare share{*needed, *number, *check, crypto::Key256(*value)};
    crypto::wipe(*value);
    return share;
}

}  // namespace salus::application
