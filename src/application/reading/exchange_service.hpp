#pragma once

#include "application/access/gate.hpp"
#include "application/reading/custodian.hpp"
#include "application/reading/reader.hpp"
#include "application/web/web.hpp"

namespace salus::application {

/// Between organisations, in our own messages (application/x-protobuf), signed inside, without a token:
///   POST /exchange/read      ReadRequest -> ReadReply; refused and not found alike: 403 read-refused
///   POST /exchange/confirm   DeliveryReceipt -> 204
/// For our own staff (a token of kind staff; of kind machine for purposes that need no user):
///   POST /exchange/fetch     {"custodian", "handle" | "identifier", "grant"?, "purpose"?, "basis"?, "law"?, "types"?,
///   "instances"?,
///                             "since"?, "reason"?, "minutes"? | "seconds"?, "request_id"?}
///     -> {"request_id", "custodian", "resources": n, "bundle": Bundle, "obligations": [], "manifest": base64 Manifest,
///         "tag": hex | null, "intent": base64 IntentReceipt | null, "statements": [{"holds", "text"}], "height",
///         "time", "evidence": base64 evidence file, "confirmed"}
///   POST /exchange/fetch-all {"custodians": [{"custodian", "handle"?, "grant"?}], "identifier"?, ... as above}
///     -> {"answered": n, "answers": [{"custodian", "ok": true, "answer": as above}
///                                    | {"custodian", "ok": false, "error", "detail"}]}, in the order of the custodians
/// Ids are hex, times RFC 3339. Several custodians are asked on `askers`.
void add_exchange_routes(Routes& routes, Gate& gate, Custodian& custodian, Reader& reader, Executor& askers);

/// Whether it is one of the first two: for other nodes.
bool is_between_nodes(const Routes::Route& route);

}  // namespace salus::application
