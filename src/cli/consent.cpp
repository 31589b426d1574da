#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/printable.hpp"
#include "base/time_text.hpp"
#include "cli/answers.hpp"
#include "cli/chain_state.hpp"
#include "cli/duration.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/session.hpp"
#include "cli/wallet_grants.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/consent.hpp"
#include "model/login.hpp"
#include "model/transaction.hpp"
#include "model/wallet_keys.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

/// What both ways of consenting say.
struct TermsArguments {
    std::string to;
    std::vector<std::string> purposes{"TREAT"};
    std::vector<std::string> types;
    std::string until;
    std::uint64_t seconds = 0;
    bool deny = false;
};

void declare_terms(CLI::App& app, TermsArguments& arguments) {
    app.add_option("--to", arguments.to, "Slug of the organisation that may read")->required();
    app.add_option("--purpose", arguments.purposes, "TREAT, ETREAT, HPAYMT, HOPERAT, HRESCH, CLINTRCH, PUBHLTH, ...");
    app.add_option("--type", arguments.types, "FHIR resource types; all where none is named");
    app.add_option("--until", arguments.until, "End, as 2026-01-31T12:00:00Z");
    add_duration(app, "--for", arguments.seconds, "Or: how long it is good, as 90s, 15m, 12h or 30d");
    app.add_flag("--deny", arguments.deny, "Deny instead of permit");
}

Result<TimeMs> end_of(const TermsArguments& arguments, TimeMs now_ms) {
    if (arguments.until.empty() == (arguments.seconds == 0)) return fail(ErrorCode::kUsage, "say --until or --for");
    if (arguments.seconds != 0) return now_ms + arguments.seconds * 1000;
    const auto until = from_iso_time(arguments.until);
    if (!until || *until <= now_ms)
        return fail(ErrorCode::kUsage, "--until is a time to come, as 2026-01-31T12:00:00Z");
    return *until;
}

struct GrantArguments {
    SessionArguments session;
    TermsArguments terms;
    std::string referral;
};

void declare_grant(CLI::App& app, GrantArguments& arguments) {
    declare_wallet(app, arguments.session);
    declare_terms(app, arguments.terms);
    app.add_option("--referral", arguments.referral, "File for the referral that is handed to the reader");
}

/// The terms, and what the wallet has to know of its custodian to sign them.
struct Drafted {
    GrantTerms terms;
    Signer custodian_key;
};

Result<Drafted> draft(const GrantArguments& arguments, WalletSession& session, TimeMs now_ms, Random& random) {
    SALUS_TRY(const std::string subject, text_of(session.about, "subject"));
    SALUS_TRY(const std::string key, text_of(session.about, "signing_key"));
    const auto subject_id = id_from_hex<SubjectId>(subject);
    auto key_bytes = from_hex(key);
    if (!subject_id || !key_bytes) return fail(ErrorCode::kCorrupt, "the custodian's answer is not as it should be");

    Drafted drafted{{}, {crypto::SignatureSuite::kEd25519, *std::move(key_bytes)}};
    GrantTerms& terms = drafted.terms;
    terms.salt = random.bytes<16>();
    terms.grant = random.id<GrantId>();
    terms.custodian = session.custodian;
    terms.subject = *subject_id;
    terms.decide = arguments.terms.deny ? Decide::kDeny : Decide::kPermit;
    SALUS_TRY(const AccountId reader, account_of(session.api, arguments.terms.to));
    terms.scope.organisations = {reader};
    terms.scope.types = arguments.terms.types;
    for (const std::string& code : arguments.terms.purposes) {
        const auto purpose = purpose_from_code(code);
        if (!purpose) return fail(ErrorCode::kUsage, "\"" + code + "\" is no purpose of use");
        terms.scope.purposes.push_back(static_cast<std::uint64_t>(*purpose));
    }
    terms.from_ms = now_ms;
    SALUS_TRY(terms.until_ms, end_of(arguments.terms, now_ms));
    return drafted;
}

Result<Report> grant(const GrantArguments& arguments, Environment& environment) {
    if (arguments.terms.deny && !arguments.referral.empty())
        return fail(ErrorCode::kUsage, "--referral is for whom may read: nothing is handed over with --deny");
    SALUS_TRY(WalletSession session, log_in_wallet(arguments.session, environment));
    SALUS_TRY(const NodeStatus status, node_status(session.api));
    SALUS_TRY(const Drafted drafted, draft(arguments, session, status.now_ms, environment.random));
    SALUS_TRY(const std::uint32_t control, free_control_key(session, environment));
    const crypto::SigningKey key = wallet_control_key(session.entropy(), session.network, session.custodian, control);
    const crypto::SigningKey login = wallet_login_key(session.entropy(), session.network, session.custodian);

    TransactionBody body;
    body.network_id = status.network;
    body.sender = {AccountKind::kOrganisation, session.custodian};
    body.signers = {drafted.custodian_key, Signer::of(key.public_key())};
    std::ranges::sort(body.signers);
    body.valid_until_ms = status.now_ms + kWindowMs / 2;
    body.nonce = environment.random.bytes<8>();
    body.contract = Contract::kConsent;
    body.payload = codec::encode(consent::Payload{consent::Create{
        drafted.terms.grant, Signer::of(key.public_key()), drafted.terms.commitment(), drafted.terms.not_after_ms()}});
    const Bytes bytes = codec::encode(body);

    // Kept before it is sent: a grant that stands must not lack its control key.
    session.here().grants.push_back({drafted.terms, control});
    session.here().next_control = control + 1;
    SALUS_TRY_STATUS(session.save(environment));
    const auto sent = session.api.post(
        session.at("/patient/grants"),
        json::object{
            {"terms", to_base64(codec::encode(drafted.terms))},
            {"body", to_base64(bytes)},
            {"signature", to_base64(key.sign(signed_bytes(bytes)))},
            {"login_signature", to_base64(login.sign(order_signed_bytes(session.network, session.custodian, bytes)))}});
    if (!sent && is_refusal(sent.error())) {
        session.here().grants.pop_back();
        session.here().next_control = control;
        SALUS_TRY_STATUS(session.save(environment));
    }
    SALUS_TRY(const json::value made, sent);
    const std::string id = to_hex(drafted.terms.grant);
    Report report{{{"ok", true},
                   {"grant", id},
                   {"height", number_of(made, "height").value_or(0)},
                   {"until", to_iso_time(drafted.terms.until_ms)}},
                  fmt::format("grant {} until {}\n", id, to_iso_time(drafted.terms.until_ms))};
    if (!arguments.referral.empty()) {
        SALUS_TRY(const json::value referral,
                  session.api.post(session.at("/patient/referrals"), json::object{{"grant", id}}));
        SALUS_TRY_STATUS(write_file(arguments.referral, as_bytes(json::serialize(referral)), FileMode::kPrivate));
        report.data["referral"] = arguments.referral;
        report.text += "Hand " + arguments.referral + " to the reader.\n";
    }
    return report;
}

struct AttestArguments {
    SessionArguments session;
    TermsArguments terms;
    std::string patient;
    std::string paper;
};

void declare_attest(CLI::App& app, AttestArguments& arguments) {
    app.add_option("patient", arguments.patient, "Id of the Patient resource")->required();
    declare_organisation(app, arguments.session);
    declare_terms(app, arguments.terms);
    app.add_option("--paper", arguments.paper, "The signed form, scanned: its digest stands in the terms")->required();
}

Result<Report> attest(const AttestArguments& arguments, Environment& environment) {
    SALUS_TRY(const Bytes paper, read_input(arguments.paper, 256 << 20));
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const NodeStatus status, node_status(session.api));
    SALUS_TRY(const TimeMs until, end_of(arguments.terms, status.now_ms));
    SALUS_TRY(const AccountId reader, account_of(session.api, arguments.terms.to));
    json::object body{{"patient", arguments.patient},
                      {"decide", arguments.terms.deny ? "deny" : "permit"},
                      {"organisations", json::array{to_hex(reader)}},
                      {"purposes", json::array(arguments.terms.purposes.begin(), arguments.terms.purposes.end())},
                      {"types", json::array(arguments.terms.types.begin(), arguments.terms.types.end())},
                      {"until", to_iso_time(until)},
                      {"paper", to_hex(crypto::sha256(paper))}};
    SALUS_TRY(const json::value made, session.api.post(session.at("/desk/consents"), body));
    SALUS_TRY(const std::string id, text_of(made, "grant"));
    return Report{{{"ok", true},
                   {"grant", id},
                   {"height", number_of(made, "height").value_or(0)},
                   {"attested_by", text_of(made, "attested_by").value_or("")}},
                  fmt::format("consent {} until {}, attested by the custodian\n", id, to_iso_time(until))};
}

struct RevokeArguments {
    SessionArguments session;
    std::string grant;
};

void declare_revoke(CLI::App& app, RevokeArguments& arguments) {
    declare_node(app, arguments.session);
    app.add_option("grant", arguments.grant, "The grant's id in hex")->required();
    app.add_option("--wallet", arguments.session.wallet_file, "The wallet that made it");
    app.add_option("--passphrase-file", arguments.session.passphrase_file,
                   "File whose first line is its passphrase (mode 0600)");
    app.add_option("--at", arguments.session.custodian, "Slug of the custodian");
    app.add_option("--as", arguments.session.folder, "Or the custodian's folder: DIR/orgs/SLUG");
    app.add_option("--org", arguments.session.organisation, "With it, its slug, where the folder has another name");
    app.add_option("--staff", arguments.session.staff_file, "With it, the credential of a registrar");
}

/// By the grant's own control key: nobody else has to agree.
Result<Report> revoke_by_wallet(const RevokeArguments& arguments, const GrantId& grant, Environment& environment) {
    SALUS_TRY(WalletSession session, open_wallet(arguments.session, environment));
    const auto find = [&] {
        const auto& grants = session.here().grants;
        const auto found = std::ranges::find(grants, grant, [](const WalletGrant& one) { return one.terms.grant; });
        return found == grants.end() ? nullptr : &*found;
    };
    const WalletGrant* kept = find();
    if (kept == nullptr) {
        SALUS_TRY_STATUS(log_in_wallet(session, environment));
        SALUS_TRY_STATUS(fetch_grants(session, environment));
        kept = find();
    }
    if (kept == nullptr) return fail(ErrorCode::kNotFound, "this wallet made no such grant at " + session.slug);
    SALUS_TRY(const NodeStatus status, node_status(session.api));
    TransactionBody body;
    body.network_id = status.network;
    body.sender = {AccountKind::kGrant, AccountId{grant.bytes}};
    body.valid_until_ms = status.now_ms + kWindowMs / 2;
    body.nonce = environment.random.bytes<8>();
    body.contract = Contract::kConsent;
    body.payload = codec::encode(consent::Payload{consent::Revoke{grant}});
    const crypto::SigningKey key =
        wallet_control_key(session.entropy(), session.network, session.custodian, kept->control);
    const auto sent = session.api.submit(sign(std::move(body), {&key}));
    // A grant that is revoked is no active sender any more: what the chain says of it says why.
    if (!sent && sent.error().code == ErrorCode::kInadmissibleSender) {
        const ChainState chain(session.api);
        const auto state = read_decision<consent::GrantState>(chain, Contract::kConsent, consent::grant_key(grant));
        if (state && *state && (*state)->value.status == consent::GrantStatus::kRevoked)
            return fail(ErrorCode::kConsentRevoked, "the grant is revoked already", sent.error());
    }
    SALUS_TRY(const json::value answer, sent);
    const std::uint64_t height = number_of(answer, "height").value_or(0);
    return Report{{{"ok", true}, {"grant", arguments.grant}, {"height", height}},
                  fmt::format("revoked in block {}\n", height)};
}

Result<Report> revoke(const RevokeArguments& arguments, Environment& environment) {
    const auto grant = id_from_hex<GrantId>(arguments.grant);
    if (!grant) return fail(ErrorCode::kUsage, "a grant's id is 32 hex digits");
    if (!arguments.session.wallet_file.empty()) return revoke_by_wallet(arguments, *grant, environment);
    if (arguments.session.folder.empty()) return fail(ErrorCode::kUsage, "say who revokes: --wallet and --at, or --as");
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::value answer,
              session.api.post(session.at("/desk/consents/" + arguments.grant + "/revoke"), json::object{}));
    return Report{{{"ok", true}, {"grant", arguments.grant}},
                  "revoked: it counts in the house at once, and is being filed\n"};
}

struct GrantListArguments {
    SessionArguments session;
};

void declare_grant_list(CLI::App& app, GrantListArguments& arguments) { declare_wallet(app, arguments.session); }

/// One grant or denial, as the patient reads it.
struct GrantLine {
    std::string id, decide, organisations, purposes, types, until, status, attested_by;
    json::object data;

    GrantLine(const json::value& shown, const GrantTerms& terms, TimeMs now_ms, OrganisationNames& names)
        : id(to_hex(terms.grant)),
          decide(terms.decide == Decide::kDeny ? "deny" : "permit"),
          until(to_iso_time(terms.until_ms)),
          attested_by(text_of(shown, "attested_by").value_or("")) {
        const json::value* active = shown.is_object() ? shown.get_object().if_contains("active") : nullptr;
        const bool stands = active != nullptr && active->is_bool() && active->get_bool();
        status = stands ? "stands" : now_ms >= terms.until_ms ? "over" : "revoked";
        json::array to, codes, addresses;
        for (const AccountId& one : terms.scope.organisations) {
            to.emplace_back(names.of(one));
            addresses.emplace_back(to_address(AccountKind::kOrganisation, one));
        }
        for (const std::uint64_t one : terms.scope.purposes)
            codes.emplace_back(purpose_code(static_cast<Purpose>(one)));
        const json::array kinds(terms.scope.types.begin(), terms.scope.types.end());
        organisations = listed(to, "every organisation");
        purposes = listed(codes, "every purpose");
        types = listed(kinds, "everything");
        if (!terms.exceptions.empty()) types += " but " + std::to_string(terms.exceptions.size()) + " exceptions";
        data = {{"grant", id},
                {"decide", decide},
                {"organisations", to},
                {"addresses", addresses},
                {"purposes", codes},
                {"types", kinds},
                {"exceptions", terms.exceptions.size()},
                {"from", to_iso_time(terms.from_ms)},
                {"until", until},
                {"status", status},
                {"active", stands},
                {"attested_by", attested_by}};
    }
    static std::string listed(const json::array& names, std::string_view all) {
        std::string out;
        for (const json::value& name : names) out += (out.empty() ? "" : ", ") + std::string(name.get_string());
        return out.empty() ? std::string(all) : printable(out);
    }
    [[nodiscard]] std::string text() const {
        return fmt::format("{}  {:<6} {} for {}: {}\n    until {}  {}, attested by {}\n", id, decide, organisations,
                           purposes, types, until, status, printable(attested_by));
    }
};

Result<Report> list_grants(const GrantListArguments& arguments, Environment& environment) {
    SALUS_TRY(WalletSession session, log_in_wallet(arguments.session, environment));
    SALUS_TRY(const json::value answer, session.api.get(session.at("/patient/grants")));
    SALUS_TRY(const NodeStatus status, node_status(session.api));
    OrganisationNames names(session.api);
    Report report;
    json::array grants;
    for (const json::value& one : list_of(answer, "grants")) {
        SALUS_TRY(const Bytes bytes, bytes_of(one, "terms"));
        SALUS_TRY(const GrantTerms terms, codec::decode<GrantTerms>(bytes));
        const GrantLine line(one, terms, status.now_ms, names);
        grants.emplace_back(line.data);
        report.text += line.text();
    }
    if (grants.empty()) report.text = "No grant and no denial.\n";
    report.data = {{"ok", true}, {"grants", std::move(grants)}, {"openings_unseen", session.openings_unseen}};
    return report;
}

}  // namespace

void add_consent(Commands& commands) {
    CLI::App& consent = commands.group("consent", "Grants and denials: make, attest, revoke, list");
    commands.add<GrantArguments>(consent, "grant", "Permit (or deny) an organisation to read, by a wallet",
                                 "  salus consent grant --wallet mary.wallet --at hospital-a --to hospital-b --until "
                                 "2026-12-31T00:00:00Z --referral mary.referral\n"
                                 "  salus consent grant --wallet mary.wallet --at hospital-a --to hospital-b --for "
                                 "30d --type Observation\n",
                                 declare_grant, grant);
    commands.add<AttestArguments>(consent, "attest", "Enter a consent that was signed on paper",
                                  "  salus consent attest PATIENT --as net/orgs/hospital-a --staff registrar.staff "
                                  "--to hospital-b --until 2026-12-31T00:00:00Z --paper form.pdf\n",
                                  declare_attest, attest);
    commands.add<RevokeArguments>(consent, "revoke", "Revoke a grant",
                                  "  salus consent revoke GRANT --wallet mary.wallet --at hospital-a\n", declare_revoke,
                                  revoke);
    commands.add<GrantListArguments>(consent, "list", "List a patient's own grants",
                                     "  salus consent list --wallet mary.wallet --at hospital-a\n", declare_grant_list,
                                     list_grants);
}

}  // namespace salus::cli
