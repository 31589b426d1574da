#include "model/transaction_json.hpp"

#include "model/contracts/audit.hpp"
#include "model/contracts/records.hpp"

namespace salus::json {
namespace {

/// Calls `use` with the payload type of `contract`; gives whether there is one.
template <class Use>
bool with_payload(Contract contract, Use use) {
    switch (contract) {
        case Contract::kGovernance:
            use(governance::Payload{});
            return true;
        case Contract::kIdentity:
            use(identity::Payload{});
            return true;
        case Contract::kRecords:
            use(records::Payload{});
            return true;
        case Contract::kConsent:
            use(consent::Payload{});
            return true;
        case Contract::kDisclosure:
            use(disclosure::Payload{});
            return true;
        case Contract::kAudit:
            use(audit::Payload{});
            return true;
        case Contract::kSystem:
        case Contract::kSupply:
        case Contract::kTrials:
        case Contract::kClaims:
        case Contract::kTokens:
        case Contract::kAnalytics:
            return false;
    }
    return false;
}

void write_body(Writer& out, const TransactionBody& body) {
    out.begin_object();
    codec::each_field(TransactionBody::kFields, [&](const auto& field) {
        out.key(field.name);
        if (field.name == "payload")
            write_payload(out, body.contract, body.payload);
        else
            detail::write_value(out, body.*(field.member));
        return true;
    });
    out.end_object();
}

Result<Bytes> payload_from(const Value& value, Contract contract) {
    if (value.kind == Value::Kind::kText) return detail::bytes_of(value, "payload");
    Result<Bytes> bytes = detail::mismatch("the payload of this contract is given in hexadecimal");
    with_payload(contract, [&]<class Payload>(const Payload&) {
        auto payload = message_from<Payload>(value);
        if (payload)
            bytes = codec::encode(*payload);
        else
            bytes = tl::make_unexpected(payload.error());
    });
    return bytes;
}

Result<TransactionBody> body_from(const Value& value) {
    Value plain = value;
    Value decoded;
    for (auto& [name, member] : plain.members) {
        if (name != "payload") continue;
        decoded = std::move(member);
        member = Value{};
        member.kind = Value::Kind::kText;
    }
    SALUS_TRY(auto body, message_from<TransactionBody>(plain));
    if (decoded.kind != Value::Kind::kNull) {
        SALUS_TRY(body.payload, payload_from(decoded, body.contract));
    }
    return body;
}

}  // namespace

void write_payload(Writer& out, Contract contract, ByteView payload) {
    bool written = false;
    with_payload(contract, [&]<class Payload>(const Payload&) {
        const auto decoded = codec::decode<Payload>(payload);
        if (!decoded) return;
        detail::write_message(out, *decoded);
        written = true;
    });
    if (!written) out.text(to_hex(payload));
}

void write_transaction(Writer& out, ByteView bytes) {
    out.begin_object();
    const auto signed_transaction = codec::decode<SignedTransaction>(bytes);
    const auto body = signed_transaction ? codec::decode<TransactionBody>(signed_transaction->body)
                                         : Result<TransactionBody>(tl::make_unexpected(signed_transaction.error()));
    if (body) {
        out.key("id");
        out.text(to_hex(transaction_id(signed_transaction->body)));
        out.key("body");
        write_body(out, *body);
        out.key("signatures");
        detail::write_value(out, signed_transaction->signatures);
    } else {
        out.key("bytes");
        out.text(to_hex(bytes));
    }
    out.end_object();
}

std::string transaction_to_json(ByteView bytes) {
    Writer out;
    write_transaction(out, bytes);
    return out.take();
}

Result<Bytes> transaction_from(const Value& value) {
    constexpr std::array<std::string_view, 3> kMembers{"id", "body", "signatures"};
    SALUS_TRY_STATUS(detail::check_members(value, "the transaction", kMembers));
    const Value* body = value.member("body");
    const Value* signatures = value.member("signatures");
    if (body == nullptr || signatures == nullptr) return detail::mismatch("a transaction has a body and signatures");
    SALUS_TRY(const auto decoded, body_from(*body));
    SignedTransaction transaction{codec::encode(decoded), {}};
    SALUS_TRY_STATUS(detail::read_value(*signatures, transaction.signatures, "signatures", 1));
    if (const Value* id = value.member("id")) {
        if (id->kind != Value::Kind::kText || id->text != to_hex(transaction_id(transaction.body)))
            return detail::mismatch("the id is of another body");
    }
    return codec::encode(transaction);
}

Result<Bytes> transaction_from_json(std::string_view text) {
    SALUS_TRY(const Value value, parse(text));
    return transaction_from(value);
}

std::string block_to_json(const Block& block) {
    Writer out;
    out.begin_object();
    out.key("hash");
    out.text(to_hex(block.header.hash()));
    out.key("header");
    detail::write_message(out, block.header);
    out.key("system");
    detail::write_value(out, block.system);
    out.key("transactions");
    out.begin_array();
    for (const Bytes& bytes : block.transactions) write_transaction(out, bytes);
    out.end_array();
    out.key("receipts");
    detail::write_value(out, block.receipts);
    out.key("events");
    detail::write_value(out, block.events);
    out.end_object();
    return out.take();
}

}  // namespace salus::json
