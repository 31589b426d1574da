#include "cli/network/torture/clients.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "cli/api.hpp"
#include "model/contracts/consent.hpp"
#include "model/genesis.hpp"
#include "node/layout.hpp"
#include "transport/http.hpp"

namespace salus::cli::network {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr std::size_t kClientsEach = 2;
/// As a user who does not wait for ever: what is not answered until then is in doubt.
constexpr auto kPatience = 15s;
constexpr auto kRest = 10ms;
/// Where nobody answers, another transaction at once would only be one more in doubt.
constexpr auto kAfterDoubt = 500ms;
constexpr TimeMs kLifetimeMs = 100'000;
/// One in so many is sent to two nodes at once, as many revoke.
constexpr std::uint64_t kTwiceOneIn = 8;
constexpr std::uint64_t kRevokeOneIn = 4;
constexpr std::size_t kTries = 3;

enum class Answered { kPlace, kRefused, kNothing };
struct Answer {
    Answered answered = Answered::kNothing;
    History::Place place;
    std::string why;
};

class Client {
public:
    Client(const NetworkFolder& folder, History& history, const node::OrganisationKeys& keys, const NetworkId& network,
           std::size_t home, std::uint64_t seed, Random& random, const WallClock& clock)
        : folder_(folder),
          history_(history),
          keys_(keys),
          network_(network),
          home_(home),
          chance_(seed),
          random_(random),
          clock_(clock),
          seen_(folder.nodes().size()) {}

    void run(const std::atomic<bool>& over) {
        while (!over) {
            step();
            node::pause(kRest);
        }
    }

private:
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }

    void step() {
        std::optional<GrantId> revoked;
        if (!grants_.empty() && draw(kRevokeOneIn) == 0) {
            const std::size_t which = draw(grants_.size());
            revoked = grants_[which];
            grants_.erase(grants_.begin() + static_cast<std::ptrdiff_t>(which));
        }
        const GrantId grant = revoked ? *revoked : random_.id<GrantId>();
        const Transaction transaction = revoked ? revoke(grant) : attest(grant);
        const auto place = draw(kTwiceOneIn) == 0 ? send_twice(transaction) : send(transaction);
        if (place && !revoked) grants_.push_back(grant);
        if (!place) node::pause(kAfterDoubt);
    }

    Transaction signed_by_us(consent::Payload payload) {
        TransactionBody body;
        body.network_id = network_;
        body.sender = {AccountKind::kOrganisation, keys_.id()};
        body.valid_until_ms = clock_.now_ms() + kLifetimeMs;
        body.nonce = random_.bytes<8>();
        body.contract = Contract::kConsent;
        body.payload = codec::encode(payload);
        return sign(std::move(body), {&keys_.signing});
    }
    Transaction attest(const GrantId& grant) {
        const TimeMs end_ms = (clock_.now_ms() / kHourMs + 24) * kHourMs;
        return signed_by_us({consent::Create{grant, std::nullopt, random_.bytes<32>(), end_ms}});
    }
    Transaction revoke(const GrantId& grant) { return signed_by_us({consent::Revoke{grant}}); }

    /// The first answer, from the home or, where none comes, from others.
    std::optional<History::Place> send(const Transaction& transaction) {
        bool doubted = false;
        std::size_t node = home_;
        for (std::size_t i = 0; i < kTries; ++i) {
            const Answer answer = submit(node, transaction);
            if (answer.answered == Answered::kPlace) return placed(node, transaction, answer.place);
            if (answer.answered == Answered::kRefused && !doubted) {
                history_.refuse(transaction.id);
                history_.fault(fmt::format("{} refused what it had no reason to: {}", name(node), answer.why));
                return std::nullopt;
            }
            doubted = true;
            node = draw(seen_.size());
        }
        history_.doubt(transaction.id);
        return std::nullopt;
    }

    std::optional<History::Place> send_twice(const Transaction& transaction) {
        const std::size_t other = draw(seen_.size());
        const std::array<std::size_t, 2> nodes{home_, other};
        std::array<Answer, 2> answers;
        pair_.parallel_for(2, [&](std::size_t i) { answers[i] = submit(nodes[i], transaction); });
        std::optional<History::Place> place;
        for (std::size_t i = 0; i < answers.size(); ++i)
            if (answers[i].answered == Answered::kPlace) place = placed(nodes[i], transaction, answers[i].place);
        return place ? place : send(transaction);
    }

    History::Place placed(std::size_t node, const Transaction& transaction, History::Place place) {
        history_.acknowledge(transaction.id, place);
        look(node, transaction.id, place);
        look(draw(seen_.size()), std::nullopt, {});
        return place;
    }

    /// A node that answers shows at least what it has shown; and `id`, which it has acknowledged.
    void look(std::size_t node, const std::optional<TxId>& id, History::Place place) {
        const auto status = get(node, "/v1/status");
        const auto height = status ? number_of(*status, "height") : fail(ErrorCode::kIo, "");
        if (!height) return;
        if (*height < std::max(seen_[node], place.height))
            history_.fault(
                fmt::format("{} showed height {} after {}", name(node), *height, std::max(seen_[node], place.height)));
        seen_[node] = std::max(seen_[node], *height);
        if (!id) return;
        bool absent = false;
        const auto shown = lookup(node, *id, &absent);
        if (absent || (shown && *shown != place))
            history_.fault(name(node) + " does not show " + to_hex(*id) + " where it stands");
    }

    Answer submit(std::size_t node, const Transaction& transaction) {
        const auto client = connect(node);
        if (!client) return {};
        const auto response = (*client)->request("POST", "/v1/transactions", {{"content-type", "application/json"}},
                                                 to_bytes(json::serialize(json::value(to_base64(transaction.bytes)))));
        if (!response) return {};
        if (response->status == 200)
            if (const auto place = place_in(response->body)) return {Answered::kPlace, *place, {}};
        // It stands already, or is under way: perhaps from our own sending before.
        if (const auto place = lookup(node, transaction.id)) return {Answered::kPlace, *place, {}};
        if (response->status < 500 && response->status != 429 && response->status != 409)
            return {Answered::kRefused, {}, std::string(as_text(response->body))};
        return {};
    }

    /// Nothing where no answer comes, or one that there is none: then `absent`, where it is given.
    std::optional<History::Place> lookup(std::size_t node, const TxId& id, bool* absent = nullptr) {
        const auto client = connect(node);
        if (!client) return std::nullopt;
        const auto response = (*client)->request("GET", "/v1/transactions/" + to_hex(id));
        if (absent != nullptr) *absent = response && response->status == 404;
        return response && response->status == 200 ? place_in(response->body) : std::nullopt;
    }

    static std::optional<History::Place> place_in(ByteView body) {
        boost::system::error_code error;
        const json::value value = json::parse(as_text(body), error);
        if (error) return std::nullopt;
        const auto height = number_of(value, "height");
        const auto index = number_of(value, "index");
        const auto code = number_of(value, "code");
        if (!height || !index || code.value_or(1) != 0) return std::nullopt;
        return History::Place{*height, static_cast<std::uint32_t>(*index)};
    }

    Result<json::value> get(std::size_t node, const std::string& target) {
        SALUS_TRY(const auto client, connect(node));
        SALUS_TRY(const auto response, client->request("GET", target));
        boost::system::error_code error;
        json::value value = json::parse(as_text(response.body), error);
        if (error || response.status != 200) return fail(ErrorCode::kUnavailable, "no answer");
        return value;
    }

    [[nodiscard]] const std::string& name(std::size_t node) const { return folder_.nodes()[node].name; }
    Result<std::unique_ptr<transport::HttpClient>> connect(std::size_t node) const {
        return transport::HttpClient::make("http://" + folder_.nodes()[node].config.listen, kPatience);
    }

    const NetworkFolder& folder_;
    History& history_;
    const node::OrganisationKeys& keys_;
    const NetworkId network_;
    const std::size_t home_;
    std::mt19937_64 chance_;
    Random& random_;
    const WallClock& clock_;
    std::vector<Height> seen_;  ///< by node
    std::vector<GrantId> grants_;
    node::ThreadPool pair_{1};
};

}  // namespace

Result<std::unique_ptr<Clients>> Clients::start(const NetworkFolder& folder, History& history, std::uint64_t seed,
                                                Environment& environment) {
    std::unique_ptr<Clients> clients(new Clients());
    const auto& nodes = folder.nodes();
    for (const NodePlace& node : nodes) {
        const auto& served = node.config.organisations.front();
        const auto keys = node::organisation_folder(node.directory, served.slug);
        SALUS_TRY(auto opened, node::open_organisation_folder(keys, environment.random));
        clients->keys_.push_back(std::move(opened));
    }
    SALUS_TRY(const Bytes genesis, read_file(node::genesis_file(nodes.front().directory)));
    SALUS_TRY(const Genesis parsed, parse_genesis(genesis));
    const NetworkId network = parsed.network_id();
    std::mt19937_64 chance(seed);
    clients->pool_ = std::make_unique<node::ThreadPool>(kClientsEach * nodes.size());
    for (std::size_t i = 0; i < kClientsEach * nodes.size(); ++i) {
        const std::size_t home = i % nodes.size();
        clients->pool_->post([&folder, &history, &environment, network, home, own = chance(), all = clients.get()] {
            Client(folder, history, all->keys_[home], network, home, own, environment.random, environment.clock)
                .run(all->over_);
        });
    }
    return clients;
}

void Clients::end() {
    over_ = true;
    pool_.reset();
}

}  // namespace salus::cli::network
