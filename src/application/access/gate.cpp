#include "application/access/gate.hpp"

#include "application/access/accounts.hpp"
#include "base/encoding.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kMacBytes = 32;

/// What a token seals.
struct TokenContent {
    std::uint32_t kind = 0;
    std::optional<StaffCredential> staff;
    std::optional<SubjectId> subject;
    Purpose purpose{};
    ByteArray<16> session{};
    TimeMs until_ms = 0;

    static constexpr std::string_view kName = "TokenContent";
    static constexpr auto kFields = codec::table(
        codec::field<1>("kind", &TokenContent::kind), codec::field<2>("staff", &TokenContent::staff),
        codec::field<3>("subject", &TokenContent::subject), codec::field<4>("purpose", &TokenContent::purpose),
        codec::field<5>("session", &TokenContent::session), codec::field<6>("until_ms", &TokenContent::until_ms));
};

tl::unexpected<Error> no_login() { return fail(ErrorCode::kUnauthenticated, "the login is not good"); }
tl::unexpected<Error> no_token() {
    return fail(ErrorCode::kUnauthenticated, "the token is not good here, or has ended");
}

Bytes token_associated(const AccountId& organisation) {
    Bytes out = to_bytes("salus.token.v1");
    append(out, organisation);
    return out;
}

Hash challenge_mac(const crypto::Key256& key, const AccountId& organisation, ByteView head) {
    return crypto::hmac_sha256(key.expose(), {as_bytes("salus.challenge.v1"), organisation, head});
}

TimeMs ends_ms(ByteView challenge) { return from_big_endian<TimeMs>(challenge.subspan(kNonceBytes, sizeof(TimeMs))); }

}  // namespace

Gate::Gate(const House& house, const Bindings& bindings)
    : house_(house),
      bindings_(bindings),
      challenge_key_(house.random.bytes<32>()),
      token_key_(house.random.bytes<32>()) {}

Bytes Gate::challenge() {
    Bytes out = to_bytes(ByteView(house_.random.bytes<kNonceBytes>()));
    append(out, big_endian(house_.now_ms() + kChallengeMs));
    append(out, challenge_mac(challenge_key_, house_.organisation, out));
    return out;
}

bool Gate::is_fresh(ByteView challenge) const {
    if (challenge.size() != kNonceBytes + sizeof(TimeMs) + kMacBytes) return false;
    const ByteView head = challenge.first(kNonceBytes + sizeof(TimeMs));
    const Hash mac = challenge_mac(challenge_key_, house_.organisation, head);
    return crypto::equal_constant_time(mac, challenge.subspan(head.size())) && house_.now_ms() < ends_ms(challenge);
}

Status Gate::use_up(ByteView challenge) {
    auto used = used_.lock();
    used->erase(used->begin(), used->lower_bound({house_.now_ms() + 1, {}}));
    if (used->size() >= kAnsweredMax) return fail(ErrorCode::kBusy, "too many logins in a minute");
    if (!used->emplace(ends_ms(challenge), to_bytes(challenge)).second) return no_login();
    return {};
}

Status Gate::note_failure() {
    ++failures_.lock()->count;
    return tick();
}

Status Gate::tick() {
    AuditEntry entry;
    {
        auto failures = failures_.lock();
        const TimeMs now_ms = house_.now_ms();
        if (failures->count == 0 || now_ms < failures->next_ms) return {};
        failures->next_ms = now_ms + kFailedLoginsMs;
        entry.outcome = "logins that were not good: " + std::to_string(std::exchange(failures->count, 0));
    }
    entry.action = AuditAction::kLogin;
    entry.allowed = false;
    entry.organisation = house_.organisation;
    return house_.audit.record(entry);
}

Result<Caller> Gate::identify(const LoginAnswer& answer) const {
    Caller caller;
    caller.kind = answer.kind;
    caller.organisation = house_.organisation;
    caller.purpose = answer.purpose;
    const Bytes message = login_signed_bytes(house_.network_id, house_.organisation, answer.challenge);
    if (!crypto::verify(answer.key.key(), message, answer.signature)) return no_login();
    // What nobody checks is not taken along.
    if (answer.staff.has_value() != (answer.kind == Caller::Kind::kStaff)) return no_login();
    if (answer.kind == Caller::Kind::kWallet) {
        SALUS_TRY(const auto binding, bindings_.of_login(answer.key));
        if (!binding) return no_login();
        caller.subject = binding->subject;
        caller.purpose = Purpose::kPatientRequest;
        return caller;
    }
    const auto view = house_.ledger.view();
    SALUS_TRY_STATUS(check_organisation_key(*view, house_.organisation, answer.key));
    if (answer.kind == Caller::Kind::kStaff) {
        SALUS_TRY_STATUS(check_staff(*view, *answer.staff, house_.network_id, house_.organisation, house_.now_ms()));
        caller.staff = answer.staff;
    }
    return caller;
}

Result<std::string> Gate::login(const LoginAnswer& answer) {
    if (!is_fresh(answer.challenge)) return no_login();
    SALUS_TRY_STATUS(use_up(answer.challenge));
    const auto caller = identify(answer);
    if (!caller) {
        SALUS_TRY_STATUS(note_failure());
        return no_login();
    }
    AuditEntry entry;
    entry.action = AuditAction::kLogin;
    entry.organisation = house_.organisation;
    entry.user = caller->staff;
    entry.purpose = caller->purpose;
    if (caller->subject) entry.subjects = {*caller->subject};
    SALUS_TRY_STATUS(house_.audit.record(entry));

    const TokenContent content{static_cast<std::uint32_t>(caller->kind),
                               caller->staff,
                               caller->subject,
                               caller->purpose,
                               house_.random.bytes<16>(),
                               house_.now_ms() + kTokenMs};
    return to_base64url(
        crypto::seal(token_key_, token_associated(house_.organisation), codec::encode(content), house_.random));
}

Result<Caller> Gate::check(std::string_view token) const {
    const auto sealed = from_base64url(token);
    if (!sealed) return no_token();
    const auto opened = crypto::open(token_key_, token_associated(house_.organisation), *sealed);
    if (!opened) return no_token();
    SALUS_TRY(const TokenContent content, codec::decode<TokenContent>(*opened));
    const TimeMs now_ms = house_.now_ms();
    if (now_ms >= content.until_ms || (content.staff && now_ms >= content.staff->until_ms)) return no_token();
    if (content.subject) {
        // A wallet that was taken over or reported lost is nothing at once.
        SALUS_TRY(const auto binding, bindings_.of_subject(*content.subject));
        if (!binding || binding->bound_ms > content.until_ms - kTokenMs) return no_token();
    }
    return Caller{static_cast<Caller::Kind>(content.kind),
                  house_.organisation,
                  content.staff,
                  content.subject,
                  content.purpose,
                  to_hex(content.session)};
}

Status require_role(const Caller& caller, std::string_view role) {
    if (caller.kind == Caller::Kind::kMachine || (caller.staff && caller.staff->role == role)) return {};
    return fail(ErrorCode::kForbidden, "this is for staff in the role of " + std::string(role));
}

Status require_staff(const Caller& caller) {
    if (caller.staff) return {};
    return fail(ErrorCode::kForbidden, "this is for staff, who log in with their credential");
}

Result<SubjectId> require_wallet(const Caller& caller) {
    if (caller.subject) return *caller.subject;
    return fail(ErrorCode::kForbidden, "this is for the patient's wallet");
}

}  // namespace salus::application
