#include "application/reading/rows.hpp"

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/disclosure.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kDisclosureTopic = "disclosure";

constexpr std::string_view kDisclosureSteps[] = {
    "CREATE TABLE disclosures (number BIGINT PRIMARY KEY, request BLOB NOT NULL UNIQUE, subject BLOB NOT NULL, phase "
    "BIGINT NOT NULL, epoch BIGINT,"
    " tag_index BIGINT, tag BLOB, delivery BIGINT NOT NULL, reply_until BIGINT NOT NULL, manifest BLOB NOT NULL, reply "
    "BLOB, facts BLOB, intent BLOB,"
    " receipt BLOB, UNIQUE (subject, epoch, tag_index));"
    "CREATE INDEX disclosures_phase ON disclosures (phase, number)"};

/// What a decision before sending again must know.
struct KeptFacts {
    std::vector<ResourceFacts> facts;
    static constexpr std::string_view kName = "KeptFacts";
    static constexpr auto kFields = codec::table(codec::field<1>("facts", &KeptFacts::facts));
};

/// A request's name: ids are the requester's own.
Hash request_name(const AccountId& requester, const ByteArray<16>& request_id) {
    return crypto::tagged_hash("salus.request.v1", {requester, request_id});
}

disclosure::File file_of(const DisclosureRow& row) {
    disclosure::File file;
    file.tag = row.place->tag;
    if (!row.manifest.grants.empty()) file.grant = row.manifest.grants.front();
    file.policy_version = row.manifest.policy_version;
    file.manifest = row.manifest.commitment();
    file.intent_height = row.manifest.intent_height;
    return file;
}

Filing filing_of(const DisclosureRow& row) {
    Filing filing;
    filing.topic = kDisclosureTopic;
    filing.reference = to_bytes(ByteView(request_name(row.manifest.requester, row.manifest.request_id)));
    filing.contract = Contract::kDisclosure;
    filing.payload = codec::encode(disclosure::Payload{file_of(row)});
    return filing;
}

/// The row is decided: it stands, or its index is free; a late one begins anew.
Status settle(Writing& writing, const Bytes& reference, const Settled& settled) {
    if (settled.how == Settled::How::kFiled) {
        SALUS_TRY_STATUS(
            writing.run("UPDATE disclosures SET phase = :filed WHERE request = :request", RowPhase::kFiled, reference));
        return {};
    }
    log_warning("reading", "a disclosure row was not filed: " + settled.error.message);
    SALUS_TRY_STATUS(
        writing.run("UPDATE disclosures SET epoch = NULL, tag_index = NULL, tag = NULL, phase = CASE WHEN intent IS "
                    "NULL THEN :free ELSE :late END,"
                    " reply = CASE WHEN intent IS NULL THEN NULL ELSE reply END WHERE request = :request",
                    RowPhase::kFree, RowPhase::kLate, reference));
    return {};
}

}  // namespace

std::string_view delivery_name(Delivery delivery) noexcept {
    switch (delivery) {
        case Delivery::kNotSent:
            return "not sent";
        case Delivery::kUnconfirmed:
            return "unconfirmed";
        case Delivery::kDelivered:
            return "delivered";
    }
    return "unknown";
}

Result<std::unique_ptr<Rows>> Rows::open(const House& house, Bindings& bindings) {
    SALUS_TRY_STATUS(house.database().migrate("disclosures", kDisclosureSteps));
    house.outbox.on_settled(std::string(kDisclosureTopic), settle);
    return std::unique_ptr<Rows>(new Rows(house, bindings));
}

Result<Claims::Held> Rows::claim(const SubjectId& subject) {
    return claims_.take({{to_hex(subject), ClaimMode::kExclusive}});
}

Result<TagPlace> Rows::next(const SubjectId& subject) {
    SALUS_TRY(const ViewKey key, bindings_->view_key(subject));
    using Counts = std::tuple<std::uint64_t, std::uint64_t>;
    SALUS_TRY(const Counts counts, house_->database().read([&](Reading& reading) -> Result<Counts> {
        SALUS_TRY(const auto undecided,
                  reading.query_value<std::uint64_t>(
                      "SELECT COUNT(*) FROM disclosures WHERE subject = :subject AND phase = :undecided", subject,
                      RowPhase::kUndecided));
        SALUS_TRY(const auto newest,
                  reading.query_value<std::uint64_t>(
                      "SELECT COALESCE(MAX(tag_index), 0) FROM disclosures WHERE subject = :subject AND epoch = :epoch",
                      subject, key.epoch));
        return Counts{undecided.value_or(0), newest.value_or(0)};
    }));
    if (std::get<0>(counts) != 0) return fail(ErrorCode::kBusy, "a disclosure of this patient is not decided yet");
    TagPlace place{key.epoch, std::get<1>(counts), {}};
    const auto view = house_->ledger.view();
    // After a vault was restored from a backup the chain may know rows that it has forgotten.
    for (bool taken = true; taken;) {
        place.tag = disclosure::disclosure_tag(key.key, ++place.index);
        SALUS_TRY(const auto row,
                  view->get(Contract::kDisclosure, disclosure::row_key(house_->organisation, place.tag)));
        taken = row.has_value();
    }
    return place;
}

Status Rows::insert(Writing& writing, const DisclosureRow& row) const {
    const Hash request = request_name(row.manifest.requester, row.manifest.request_id);
    SALUS_TRY(const Bytes manifest, house_->seal("manifest", request, codec::encode(row.manifest)));
    SALUS_TRY(const Bytes facts, house_->seal("facts", request, codec::encode(KeptFacts{row.facts})));
    SALUS_TRY(const auto newest,
              writing.query_value<std::uint64_t>("SELECT COALESCE(MAX(number), 0) FROM disclosures"));
    const auto of_place = [&](auto member) { return row.place ? std::optional((*row.place).*member) : std::nullopt; };
    const std::optional<Bytes> intent = row.intent ? std::optional(codec::encode(*row.intent)) : std::nullopt;
    SALUS_TRY_STATUS(writing.run(
        "INSERT INTO disclosures (number, request, subject, phase, epoch, tag_index, tag, delivery, reply_until, "
        "manifest, reply, facts, intent)"
        " VALUES (:number, :request, :subject, :phase, :epoch, :index, :tag, :delivery, :until, :manifest, :reply, "
        ":facts, :intent)",
        newest.value_or(0) + 1, request, row.subject, row.phase, of_place(&TagPlace::epoch), of_place(&TagPlace::index),
        of_place(&TagPlace::tag), row.delivery, row.reply_until_ms, manifest, row.reply, facts, intent));
    return {};
}

Result<network::Submitted> Rows::file(const DisclosureRow& row) {
    Filing filing = filing_of(row);
    filing.valid_until_ms = row.reply_until_ms;
    filing.also = [this, &row](Writing& writing) { return insert(writing, row); };
    return house_->outbox.file_and_wait(std::move(filing));
}

Status Rows::keep_late(const DisclosureRow& row) {
    return house_->database().transaction([&](Writing& writing) { return insert(writing, row); });
}

Result<DisclosureRow> Rows::complete(Reading& reading, std::uint64_t number) const {
    SALUS_TRY(
        const auto stored,
        (reading.query_one<Hash, SubjectId, RowPhase, std::optional<std::uint64_t>, std::optional<std::uint64_t>,
                           std::optional<Hash>, Delivery, TimeMs, Bytes, std::optional<Bytes>, std::optional<Bytes>,
                           std::optional<Bytes>>("SELECT request, subject, phase, epoch, tag_index, tag, delivery, "
                                                 "reply_until, manifest, reply, facts, intent"
                                                 " FROM disclosures WHERE number = :number",
                                                 number)));
    if (!stored) return fail(ErrorCode::kNotFound, "no disclosure has that number");
    const auto& [request, subject, phase, epoch, index, tag, delivery, until, manifest, reply, facts, intent] = *stored;
    DisclosureRow row;
    row.number = number;
    row.subject = subject;
    row.phase = phase;
    if (epoch && index && tag) row.place = TagPlace{*epoch, *index, *tag};
    row.delivery = delivery;
    row.reply_until_ms = until;
    row.reply = reply.value_or(Bytes{});
    SALUS_TRY(const Bytes opened, house_->unseal("manifest", request, manifest));
    SALUS_TRY(row.manifest, codec::decode<Manifest>(opened));
    if (facts) {
        SALUS_TRY(const Bytes facts_bytes, house_->unseal("facts", request, *facts));
        SALUS_TRY(auto kept, codec::decode<KeptFacts>(facts_bytes));
        row.facts = std::move(kept.facts);
    }
    if (intent) {
        SALUS_TRY(row.intent, codec::decode<IntentReceipt>(*intent));
    }
    return row;
}

Result<std::optional<DisclosureRow>> Rows::find(const AccountId& requester, const ByteArray<16>& request_id) const {
    const Hash request = request_name(requester, request_id);
    return house_->database().read([&](Reading& reading) -> Result<std::optional<DisclosureRow>> {
        SALUS_TRY(const auto number, reading.query_value<std::uint64_t>(
                                         "SELECT number FROM disclosures WHERE request = :request", request));
        if (!number) return std::optional<DisclosureRow>{};
        SALUS_TRY(auto row, complete(reading, *number));
        return std::optional<DisclosureRow>(std::move(row));
    });
}

Result<std::vector<DisclosureRow>> Rows::of_subject(const SubjectId& subject) const {
    return house_->database().read([&](Reading& reading) -> Result<std::vector<DisclosureRow>> {
        SALUS_TRY(const auto numbers, (reading.query<std::uint64_t>(
                                          "SELECT number FROM disclosures WHERE subject = :subject AND phase <> :free"
                                          " ORDER BY epoch, tag_index, number",
                                          subject, RowPhase::kFree)));
        std::vector<DisclosureRow> out;
        for (const auto& number : numbers) {
            SALUS_TRY(auto row, complete(reading, std::get<0>(number)));
            out.push_back(std::move(row));
        }
        return out;
    });
}

Result<std::vector<DisclosureRow>> Rows::of_subject(const SubjectId& subject, const network::LedgerView& view) const {
    SALUS_TRY(auto rows, of_subject(subject));
    for (DisclosureRow& row : rows) {
        if (!row.place) continue;
        const Bytes key = disclosure::row_key(house_->organisation, row.place->tag);
        SALUS_TRY(const auto stands, view.get(Contract::kDisclosure, key));
        row.phase = stands ? RowPhase::kFiled : RowPhase::kUndecided;
    }
    return rows;
}

Status Rows::mark(std::uint64_t number, Delivery delivery) {
    return house_->database().transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(
            writing.run("UPDATE disclosures SET delivery = :delivery WHERE number = :number", delivery, number));
        return {};
    });
}

Status Rows::delivered(std::uint64_t number, const DeliveryReceipt& receipt) {
    const Bytes bytes = codec::encode(receipt);
    return house_->database().transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(
            writing.run("UPDATE disclosures SET delivery = :delivery, receipt = :receipt, reply = NULL, facts = NULL "
                        "WHERE number = :number",
                        Delivery::kDelivered, bytes, number));
        return {};
    });
}

Status Rows::file_late(std::uint64_t number) {
    SALUS_TRY(DisclosureRow row, house_->database().read([&](Reading& reading) { return complete(reading, number); }));
    SALUS_TRY(const Claims::Held held,
              claims_.take({{to_hex(row.subject), ClaimMode::kExclusive}}, std::chrono::milliseconds(0)));
    SALUS_TRY(row.place, next(row.subject));
    return house_->database().transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(
            writing.run("UPDATE disclosures SET phase = :phase, epoch = :epoch, tag_index = :index, tag = :tag WHERE "
                        "number = :number",
                        RowPhase::kUndecided, row.place->epoch, row.place->index, row.place->tag, number));
        Filing filing = filing_of(row);
        filing.kind = FilingKind::kMustFile;
        SALUS_TRY_STATUS(house_->outbox.must_file(writing, std::move(filing)));
        return {};
    });
}

Status Rows::tick() {
    const TimeMs now_ms = house_->now_ms();
    SALUS_TRY(const auto late, house_->database().read([&](Reading& reading) {
        return reading.query<std::uint64_t>("SELECT number FROM disclosures WHERE phase = :late ORDER BY number",
                                            RowPhase::kLate);
    }));
    for (const auto& number : late) {
        const Status filed = file_late(std::get<0>(number));
        // Busy: another row of the same patient is under way; the next tick comes soon. One that fails holds up neither
        // the others nor the forgetting of answers.
        if (!filed && filed.error().code != ErrorCode::kBusy)
            log_error("reading", "a row that comes after its answer is not filed: " + filed.error().to_string());
    }
    SALUS_TRY(const auto over, house_->database().read([&](Reading& reading) {
        return reading.query_value<std::uint64_t>(
            "SELECT COUNT(*) FROM disclosures WHERE reply IS NOT NULL AND reply_until <= :now", now_ms);
    }));
    if (over.value_or(0) == 0) return {};
    return house_->database().transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run(
            "UPDATE disclosures SET reply = NULL, facts = NULL WHERE reply IS NOT NULL AND reply_until <= :now",
            now_ms));
        return {};
    });
}

}  // namespace salus::application
