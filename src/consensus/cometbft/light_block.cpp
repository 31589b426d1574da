#include "consensus/cometbft/light_block.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <chrono>

#include "base/encoding.hpp"

namespace salus::consensus {
namespace {

namespace json = boost::json;
using google::protobuf::Timestamp;

tl::unexpected<Error> bad_field(std::string_view name) {
    return fail(ErrorCode::kMalformedEncoding, "CometBFT's answer has no good \"" + std::string(name) + "\"");
}

Result<const json::value*> member_of(const json::value& parent, std::string_view name) {
    const json::object* object = parent.if_object();
    const json::value* found = object == nullptr ? nullptr : object->if_contains(name);
    if (found == nullptr) return bad_field(name);
    return found;
}

Result<std::string> string_of(const json::value& parent, std::string_view name) {
    SALUS_TRY(const json::value* const found, member_of(parent, name));
    if (!found->is_string()) return bad_field(name);
    return std::string(found->get_string());
}

/// 64-bit numbers come as text, smaller ones as numbers.
template <class Number>
Result<Number> number_of(const json::value& parent, std::string_view name) {
    SALUS_TRY(const json::value* const found, member_of(parent, name));
    if (const std::int64_t* small = found->if_int64()) {
        if (!std::in_range<Number>(*small)) return bad_field(name);
        return static_cast<Number>(*small);
    }
    if (!found->is_string()) return bad_field(name);
    const std::string_view text = found->get_string();
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return bad_field(name);
    return number;
}

Result<std::string> hex_of(const json::value& parent, std::string_view name) {
    SALUS_TRY(const std::string text, string_of(parent, name));
    const auto bytes = from_hex(text);
    if (!bytes) return bad_field(name);
    return std::string(as_text(*bytes));
}

Result<std::string> base64_of(const json::value& parent, std::string_view name) {
    SALUS_TRY(const json::value* const found, member_of(parent, name));
    if (found->is_null()) return std::string();
    if (!found->is_string()) return bad_field(name);
    const auto bytes = from_base64(std::string_view(found->get_string()));
    if (!bytes) return bad_field(name);
    return std::string(as_text(*bytes));
}

/// `digits` at `at`, as a number.
std::optional<unsigned> digits_of(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return std::nullopt;
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + digits, number);
    if (error != std::errc{} || end != text.data() + at + digits) return std::nullopt;
    return number;
}

/// "2026-01-01T00:00:00.123456789Z", to the nanosecond, for it is what validators signed; and the year 1, which says
/// that nobody did.
Result<Timestamp> time_of(const json::value& parent, std::string_view name) {
    SALUS_TRY(const std::string text, string_of(parent, name));
    const auto year = digits_of(text, 0, 4), month = digits_of(text, 5, 2), day = digits_of(text, 8, 2);
    const auto hour = digits_of(text, 11, 2), minute = digits_of(text, 14, 2), second = digits_of(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second || text.back() != 'Z') return bad_field(name);
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                           std::chrono::day(*day));
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return bad_field(name);
    std::uint32_t nanos = 0;
    if (text.size() > 20) {
        const std::size_t digits = text.size() - 21;
        const auto fraction = digits <= 9 ? digits_of(text, 20, digits) : std::nullopt;
        if (text[19] != '.' || !fraction) return bad_field(name);
        nanos = *fraction;
        for (std::size_t i = digits; i < 9; ++i) nanos *= 10;
    }
    const auto days = std::chrono::sys_days(date).time_since_epoch();
    Timestamp time;
    time.set_seconds(std::chrono::duration_cast<std::chrono::seconds>(days).count() + *hour * 3600 + *minute * 60 +
                     *second);
    time.set_nanos(static_cast<std::int32_t>(nanos));
    return time;
}

Result<abci::BlockId> block_id_of(const json::value& parent, std::string_view name) {
    SALUS_TRY(const json::value* const found, member_of(parent, name));
    abci::BlockId id;
    SALUS_TRY(*id.mutable_hash(), hex_of(*found, "hash"));
    SALUS_TRY(const json::value* const parts, member_of(*found, "parts"));
    SALUS_TRY(const auto total, number_of<std::uint32_t>(*parts, "total"));
    auto& set = *id.mutable_part_set_header();  // stands even where it is empty, as in CometBFT's own encoding
    set.set_total(total);
    SALUS_TRY(*set.mutable_hash(), hex_of(*parts, "hash"));
    return id;
}

Result<abci::CommitSig> signature_of(const json::value& signature) {
    abci::CommitSig out;
    SALUS_TRY(const auto flag, number_of<std::int32_t>(signature, "block_id_flag"));
    out.set_block_id_flag(flag);
    SALUS_TRY(*out.mutable_validator_address(), hex_of(signature, "validator_address"));
    SALUS_TRY(*out.mutable_timestamp(), time_of(signature, "timestamp"));
    SALUS_TRY(*out.mutable_signature(), base64_of(signature, "signature"));
    return out;
}

Result<abci::Validator> validator_of_json(const json::value& validator) {
    abci::Validator out;
    SALUS_TRY(*out.mutable_address(), hex_of(validator, "address"));
    SALUS_TRY(const json::value* const key, member_of(validator, "pub_key"));
    SALUS_TRY(const std::string type, string_of(*key, "type"));
    if (type != "tendermint/PubKeyEd25519") return bad_field("pub_key");
    SALUS_TRY(*out.mutable_pub_key()->mutable_ed25519(), base64_of(*key, "value"));
    SALUS_TRY(const auto power, number_of<std::int64_t>(validator, "voting_power"));
    out.set_voting_power(power);
    return out;
}

}  // namespace

Result<abci::Header> header_of(const json::value& header) {
    abci::Header out;
    SALUS_TRY(const json::value* const version, member_of(header, "version"));
    SALUS_TRY(const auto block, number_of<std::uint64_t>(*version, "block"));
    out.mutable_version()->set_block(block);
    if (version->get_object().contains("app")) {
        SALUS_TRY(const auto app, number_of<std::uint64_t>(*version, "app"));
        out.mutable_version()->set_app(app);
    }
    SALUS_TRY(*out.mutable_chain_id(), string_of(header, "chain_id"));
    SALUS_TRY(const auto height, number_of<std::int64_t>(header, "height"));
    out.set_height(height);
    SALUS_TRY(*out.mutable_time(), time_of(header, "time"));
    SALUS_TRY(*out.mutable_last_block_id(), block_id_of(header, "last_block_id"));
    SALUS_TRY(*out.mutable_last_commit_hash(), hex_of(header, "last_commit_hash"));
    SALUS_TRY(*out.mutable_data_hash(), hex_of(header, "data_hash"));
    SALUS_TRY(*out.mutable_validators_hash(), hex_of(header, "validators_hash"));
    SALUS_TRY(*out.mutable_next_validators_hash(), hex_of(header, "next_validators_hash"));
    SALUS_TRY(*out.mutable_consensus_hash(), hex_of(header, "consensus_hash"));
    SALUS_TRY(*out.mutable_app_hash(), hex_of(header, "app_hash"));
    SALUS_TRY(*out.mutable_last_results_hash(), hex_of(header, "last_results_hash"));
    SALUS_TRY(*out.mutable_evidence_hash(), hex_of(header, "evidence_hash"));
    SALUS_TRY(*out.mutable_proposer_address(), hex_of(header, "proposer_address"));
    return out;
}

Result<abci::Commit> commit_of(const json::value& commit) {
    abci::Commit out;
    SALUS_TRY(const auto height, number_of<std::int64_t>(commit, "height"));
    out.set_height(height);
    SALUS_TRY(const auto round, number_of<std::int32_t>(commit, "round"));
    out.set_round(round);
    SALUS_TRY(*out.mutable_block_id(), block_id_of(commit, "block_id"));
    SALUS_TRY(const json::value* const signatures, member_of(commit, "signatures"));
    if (!signatures->is_array()) return bad_field("signatures");
    for (const json::value& signature : signatures->get_array()) {
        SALUS_TRY(*out.add_signatures(), signature_of(signature));
    }
    return out;
}

Status append_validators(abci::ValidatorSet& set, const json::value& validators) {
    if (!validators.is_array()) return bad_field("validators");
    for (const json::value& validator : validators.get_array()) {
        SALUS_TRY(*set.add_validators(), validator_of_json(validator));
    }
    return {};
}

}  // namespace salus::consensus
