#include "application/fhir/page_token.hpp"

#include "base/encoding.hpp"
#include "model/codec.hpp"

namespace salus::application {
namespace {

struct StoredPage {
    std::string type;
    std::string fields;
    std::uint64_t after = 0;
    bool has_total = false;
    std::uint64_t total = 0;

    static constexpr std::string_view kName = "Page";
    static constexpr auto kFields = codec::table(
        codec::field<1>("type", &StoredPage::type, 64), codec::field<2>("fields", &StoredPage::fields, 32'768),
        codec::field<3>("after", &StoredPage::after), codec::field<4>("has_total", &StoredPage::has_total),
        codec::field<5>("total", &StoredPage::total));
};

/// Whose page it is. Not the login: a token lives five minutes, a long search does not end there.
Bytes associated(const Caller& caller) {
    Bytes out = to_bytes("salus.page.v1");
    out.push_back(static_cast<std::uint8_t>(caller.kind));
    append(out, caller.organisation);
    if (caller.subject) append(out, *caller.subject);
    if (caller.staff) append(out, as_bytes(caller.staff->id));
    return out;
}

}  // namespace

Result<std::string> seal_page(KeyStore& keys, const Caller& caller, const PageToken& token) {
    const StoredPage page{token.type, encode_form(token.fields), token.after, token.total.has_value(),
                          token.total.value_or(0)};
    SALUS_TRY(const auto sealed,
              keys.seal(KekKind::kOrganisation, keys.organisation().bytes, associated(caller), codec::encode(page)));
    return to_base64url(sealed);
}

Result<PageToken> open_page(KeyStore& keys, const Caller& caller, std::string_view sealed) {
    const auto refuse = [] {
        return fail(ErrorCode::kFhirSearch, "page: not of a link that was made for this caller");
    };
    const auto bytes = from_base64url(sealed);
    if (!bytes) return refuse();
    const auto opened = keys.unseal(KekKind::kOrganisation, keys.organisation().bytes, associated(caller), *bytes);
    if (!opened) return refuse();
    const auto page = codec::decode<StoredPage>(*opened);
    if (!page) return refuse();
    SALUS_TRY(auto fields, decode_form(page->fields));
    PageToken token{page->type, std::move(fields), page->after, {}};
    if (page->has_total) token.total = page->total;
    return token;
}

}  // namespace salus::application
