#include "node/organisation.hpp"

#include <map>

#include "application/access/auth_service.hpp"
#include "application/audit/audit_events.hpp"
#include "application/audit/audit_service.hpp"
#include "application/audit/journal.hpp"
#include "application/breakglass/breakglass_service.hpp"
#include "application/breakglass/patient_restrictions.hpp"
#include "application/consent/consent_resources.hpp"
#include "application/consent/desk_service.hpp"
#include "application/fhir/outcome.hpp"
#include "application/fhir/service.hpp"
#include "application/patient/patient_service.hpp"
#include "application/reading/exchange_service.hpp"
#include "application/vault/anchor.hpp"
#include "application/vault/checkpoint.hpp"
#include "application/web/web.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"
#include "node/checkpoint_file.hpp"
#include "node/layout.hpp"

namespace salus::node {
namespace {

namespace app = salus::application;

constexpr std::size_t kReaders = 4;  // of a vault, at once

/// What is refused before the FHIR service sees it, in FHIR's own form.
transport::HttpResponse fhir_error(const Error& error) {
    transport::HttpResponse response{
        error_info(error.code).http_status, {{"content-type", "application/fhir+json"}}, app::operation_outcome(error)};
    if (response.status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
    if (response.status == 503 || response.status == 429) response.headers.emplace_back("retry-after", "1");
    return response;
}

class Served final : public Organisation {
public:
    explicit Served(const Parts& parts) : parts_(parts), slug_(parts.config.slug) {}

    Status open();
    [[nodiscard]] const std::string& slug() const override { return slug_; }
    [[nodiscard]] const AccountId& account() const override { return house_->organisation; }
    [[nodiscard]] const std::string& name() const override { return keys_->founding.name; }
    [[nodiscard]] const crypto::SigningKey* tls_key() const override { return keys_->tls ? &*keys_->tls : nullptr; }
    [[nodiscard]] crypto::PublicKey signing_key() const override { return keys_->signing.public_key(); }
    Status repair() override;
    void tick() override;
    void stop() override { outbox_->stop(); }

    /// The way to others, and where the node is reached, are known when all are open.
    void connect(app::LocalExchange& here, const Surroundings& surroundings);
    [[nodiscard]] const app::Routes& routes() const noexcept { return routes_; }
    [[nodiscard]] app::Custodian& custodian() noexcept { return *custodian_; }
    void fhir(const transport::HttpRequest& request, std::function<void(transport::HttpResponse)> answer);

private:
    Status open_stores();
    Status open_services();
    Result<std::optional<Checkpoint>> kept_checkpoint();

    const Parts parts_;
    const std::string slug_;
    std::unique_ptr<app::MasterKey> master_;
    std::optional<OrganisationKeys> keys_;
    std::optional<OrganisationKeys> old_keys_;  ///< of a rotation that is not finished
    std::unique_ptr<app::Database> database_;
    std::unique_ptr<app::KeyStore> key_store_;
    std::unique_ptr<app::Vault> vault_;
    std::unique_ptr<app::Outbox> outbox_;
    std::unique_ptr<app::Anchor> anchor_;
    std::unique_ptr<app::Journal> journal_;
    std::optional<app::House> house_;
    std::optional<app::Bindings> bindings_;
    std::optional<app::Gate> gate_;
    std::optional<app::Referrals> referrals_;
    std::unique_ptr<app::Consents> consents_;
    std::optional<app::PolicyBook> policies_;
    std::unique_ptr<app::Openings> openings_;
    std::unique_ptr<app::Rows> rows_;
    std::optional<app::Custodian> custodian_;
    std::optional<app::RemoteExchange> exchange_;
    std::optional<app::Reader> reader_;
    std::optional<app::Desk> desk_;
    std::optional<app::GlassDesk> glass_desk_;
    std::optional<app::AuditDesk> audit_desk_;
    std::optional<app::PatientDoor> patient_door_;
    app::Claims claims_;
    std::optional<app::PatientRestrictions> rules_;
    std::optional<app::AuditEvents> audit_events_;
    std::optional<app::ConsentResources> consent_resources_;
    std::unique_ptr<app::FhirService> fhir_;
    app::Routes routes_;
    std::optional<CheckpointFile> checkpoint_file_;
};

Status Served::open_stores() {
    const std::filesystem::path folder = organisation_folder(parts_.directory, slug_);
    SALUS_TRY(master_, app::open_passphrase_file(parts_.directory / parts_.config.passphrase_file, parts_.random));
    SALUS_TRY(keys_, read_organisation_keys(folder / "keys", master_->key()));
    if (auto old = read_organisation_keys(folder / "keys.old", master_->key()))
        old_keys_ = *std::move(old);
    else if (old.error().code != ErrorCode::kNotFound)
        return fail(old.error());
    const AccountId id = keys_->id();
    if (id != parts_.config.account)
        return fail(ErrorCode::kConfig, (folder / "keys").string() + " are another organisation's than node.toml says");
    SALUS_TRY_STATUS(make_directory(folder / "vault"));
    SALUS_TRY_STATUS(make_directory(folder / "keystore"));
    SALUS_TRY(database_, app::Database::open(folder / "vault" / "vault.db", kReaders, &parts_.process));
    SALUS_TRY(key_store_,
              app::KeyStore::open(folder / "keystore" / "keystore.db", id, *master_, parts_.random, &parts_.process));
    SALUS_TRY(vault_, app::Vault::open({*database_, *key_store_, parts_.random, id}));
    SALUS_TRY(outbox_, app::Outbox::open({*database_, parts_.ledger, parts_.random, id, keys_->signing}));
    SALUS_TRY(anchor_, app::Anchor::open(*vault_, *outbox_, parts_.ledger, parts_.random));
    SALUS_TRY(journal_, app::Journal::open({*database_, *vault_, *outbox_, parts_.ledger, parts_.random}));
    return {};
}

Status Served::open_services() {
    const NetworkId network = parts_.ledger.genesis().network_id();
    house_.emplace(app::House{network, keys_->id(), *vault_, *outbox_, parts_.ledger, *journal_, keys_->signing,
                              keys_->sealing, parts_.random, old_keys_ ? &old_keys_->sealing : nullptr});
    SALUS_TRY(bindings_, app::Bindings::open(*house_));
    gate_.emplace(*house_, *bindings_);
    SALUS_TRY(referrals_, app::Referrals::open(*house_));
    SALUS_TRY(consents_, app::Consents::open(*house_));
    policies_.emplace(parts_.ledger);
    SALUS_TRY(openings_, app::Openings::open(*house_));
    SALUS_TRY(rows_, app::Rows::open(*house_, *bindings_));
    custodian_.emplace(
        app::Custodian::Parts{*house_, *bindings_, *referrals_, *consents_, *policies_, *openings_, *rows_});
    return {};
}

Status Served::open() {
    SALUS_TRY_STATUS(open_stores());
    SALUS_TRY_STATUS(open_services());
    SALUS_TRY(const auto kept, kept_checkpoint());
    const auto view = parts_.ledger.view();
    if (kept) SALUS_TRY_STATUS(app::continues(*kept, view->header(), *view->history()));
    const std::filesystem::path& file = parts_.config.checkpoint_file;
    SALUS_TRY(auto checkpoint_file,
              CheckpointFile::open(file.empty() ? std::filesystem::path() : parts_.directory / file, *view, kept));
    checkpoint_file_.emplace(std::move(checkpoint_file));
    return {};
}

/// Every handler is known now: what a crash left can be settled.
Status Served::repair() {
    SALUS_TRY_STATUS(outbox_->repair());
    return anchor_->repair();
}

Result<std::optional<Checkpoint>> Served::kept_checkpoint() {
    return database_->read([](app::Reading& reading) { return app::kept_checkpoint(reading); });
}

void Served::connect(app::LocalExchange& here, const Surroundings& surroundings) {
    const std::string& url = surroundings.url;
    const std::string base = "/orgs/" + slug_ + "/fhir/R4";
    rules_.emplace(*house_, *consents_, *policies_, *openings_);
    audit_events_.emplace(*house_, *journal_, url + base);
    consent_resources_.emplace(*house_, *consents_, *rules_, url + base);
    fhir_ = std::make_unique<app::FhirService>(app::FhirParts{
        *vault_, *anchor_, claims_, parts_.ledger, *journal_, *rules_, *audit_events_, *consent_resources_, base,
        url + base, parts_.version, to_iso_time(parts_.started_ms), parts_.random});
    exchange_.emplace(app::RemoteExchange::Parts{parts_.ledger, here, keys_->id(), tls_key(), surroundings.custodians,
                                                 surroundings.exchange_timeout});
    reader_.emplace(*house_, *exchange_, surroundings.exchange_timeout);
    desk_.emplace(app::Desk{*house_, *gate_, *bindings_, *referrals_, *consents_});
    glass_desk_.emplace(app::GlassDesk{*house_, *gate_, *policies_, *openings_});
    audit_desk_.emplace(app::AuditDesk{*house_, *gate_, *journal_, *rows_});
    patient_door_.emplace(app::PatientDoor{*house_, *gate_, *bindings_, *referrals_, *consents_, *openings_, *rows_,
                                           *custodian_, *journal_});
    app::add_auth_routes(routes_, *gate_);
    app::add_desk_routes(routes_, *desk_);
    app::add_breakglass_routes(routes_, *glass_desk_);
    app::add_audit_routes(routes_, *audit_desk_);
    app::add_patient_routes(routes_, *patient_door_);
    app::add_exchange_routes(routes_, *gate_, *custodian_, *reader_, surroundings.askers);
}

void Served::tick() {
    outbox_->pump();
    if (const Status status = gate_->tick(); !status) log_error("access", slug_ + ": " + status.error().to_string());
    if (const Status status = rows_->tick(); !status) log_error("reading", slug_ + ": " + status.error().to_string());
    if (const Status status = journal_->tick(); !status) log_error("audit", slug_ + ": " + status.error().to_string());
    if (const auto kept = kept_checkpoint())
        checkpoint_file_->keep(*kept);
    else
        log_error("checkpoint", slug_ + ": " + kept.error().to_string());
}

void Served::fhir(const transport::HttpRequest& request, std::function<void(transport::HttpResponse)> answer) {
    if (request.method == "GET" && request.path.ends_with("/fhir/R4/metadata")) return answer(fhir_->metadata());
    const auto caller = gate_->check(app::bearer(request));
    if (!caller) return answer(fhir_error(caller.error()));
    fhir_->handle(request, *caller, std::move(answer));
}

/// All organisations of one node, kept by what serves them.
struct Shared {
    std::map<std::string, Served*, std::less<>> by_slug;
    app::LocalExchange exchange;
};

tl::unexpected<Error> unknown_organisation() {
    return fail(ErrorCode::kNotFound, "this node serves no organisation of that name");
}

}  // namespace

Result<std::unique_ptr<Organisation>> Organisation::open(const Parts& parts) {
    auto organisation = std::make_unique<Served>(parts);
    SALUS_TRY_STATUS(organisation->open());
    return std::unique_ptr<Organisation>(std::move(organisation));
}

void Organisation::mount_all(const std::vector<std::unique_ptr<Organisation>>& organisations,
                             const Surroundings& surroundings) {
    network::Router& router = surroundings.router;
    auto shared = std::make_shared<Shared>();
    for (const auto& organisation : organisations) {
        auto* served = static_cast<Served*>(organisation.get());
        shared->by_slug[served->slug()] = served;
        shared->exchange.add(served->account(), [served](std::string_view path, Bytes body) {
            transport::HttpRequest request;
            request.method = "POST";
            request.path = path;
            request.body = std::move(body);
            return served->routes()
                .handle(request, path)
                .value_or(app::problem(Error{ErrorCode::kNotFound, "no such path"}));
        });
    }
    for (const auto& [slug, served] : shared->by_slug) served->connect(shared->exchange, surroundings);
    if (shared->by_slug.empty()) return;

    // Every organisation has the same routes: those of one say what there is.
    for (const app::Routes::Route& route : shared->by_slug.begin()->second->routes().all()) {
        std::string pattern = "/orgs/{org}";
        for (const std::string& segment : route.segments) pattern += "/" + segment;
        const network::RouteTraits traits{.waits = route.method != "GET" && route.segments.front() != "auth"};
        const network::Handle serve = [shared](const network::Request& request) -> Result<transport::HttpResponse> {
            const auto served = shared->by_slug.find(request.value("org"));
            if (served == shared->by_slug.end()) return unknown_organisation();
            const std::string_view path =
                std::string_view(request.http.path).substr(std::string_view("/orgs/").size() + served->first.size());
            auto response = served->second->routes().handle(request.http, path);
            if (!response) return fail(ErrorCode::kNotFound, "no such path");
            return *std::move(response);
        };
        router.add(route.method, pattern, serve, traits);
        if (app::is_between_nodes(route)) surroundings.exchange.add(route.method, pattern, serve, traits);
    }
    const network::HandleLater fhir = [shared](const network::Request& request, std::unique_ptr<network::Reply> reply) {
        const auto served = shared->by_slug.find(request.value("org"));
        if (served == shared->by_slug.end()) return reply->fail(unknown_organisation().value());
        served->second->fhir(request.http, [to = std::shared_ptr(std::move(reply))](transport::HttpResponse response) {
            to->send(std::move(response));
        });
    };
    const std::string base = "/orgs/{org}/fhir/R4";  // clients differ in whether a base ends with a slash
    for (const char* get :
         {"", "/", "/metadata", "/{type}", "/{type}/{id}", "/{type}/{id}/_history", "/{type}/{id}/_history/{version}",
          "/{type}/{id}/$proof", "/{type}/{id}/_history/{version}/$proof"})
        router.add_later("GET", base + get, fhir);
    router.add_later("POST", base + "/{type}/_search", fhir);
    const network::RouteTraits write{.large_body = true, .waits = true};
    for (const char* post : {"", "/", "/{type}"}) router.add_later("POST", base + post, fhir, write);
    router.add_later("PUT", base + "/{type}/{id}", fhir, write);
    router.errors_under(base, fhir_error);
}

}  // namespace salus::node
