#include "network/router.hpp"

#include <optional>

#include "network/test_api.hpp"

namespace salus::network {
namespace {

using transport::HttpResponse;

class RouterTest : public test::ApiTest {
protected:
    /// Answers its own name and what its path gave it.
    void add(const std::string& method, const std::string& route) {
        router.add(method, route, [method, route](const Request& request) -> Result<HttpResponse> {
            std::string out = method + " " + route;
            for (const auto& [name, value] : request.values) out += " " + name + "=" + value;
            return HttpResponse{200, {}, to_bytes(out)};
        });
    }
};

TEST_F(RouterTest, prefers_a_word_to_a_name_and_gives_what_stands_in_its_place) {
    add("GET", "/v1/blocks/{height}");
    add("GET", "/v1/blocks/latest");
    add("GET", "/orgs/{org}/fhir/R4/{type}/{id}");
    add("GET", "/orgs/{org}/fhir/R4/{type}/$match");
    add("GET", "/");
    serve();
    EXPECT_EQ(text(get("/v1/blocks/latest")), "GET /v1/blocks/latest");
    EXPECT_EQ(text(get("/v1/blocks/7?x=y")), "GET /v1/blocks/{height} height=7");
    EXPECT_EQ(text(get("/orgs/a%20b/fhir/R4/Patient/$match")),
              "GET /orgs/{org}/fhir/R4/{type}/$match org=a b type=Patient");
    EXPECT_EQ(text(get("/orgs/a/fhir/R4/Patient/1")), "GET /orgs/{org}/fhir/R4/{type}/{id} org=a type=Patient id=1");
    EXPECT_EQ(text(get("/")), "GET /");
}

TEST_F(RouterTest, finds_nothing_where_nothing_is) {
    add("GET", "/v1/blocks/{height}");
    serve();
    for (const std::string path : {"/", "/v1", "/v1/blocks", "/v1/blocks/", "/v1/blocks/7/", "/v1/blocks/7/x",
                                   "//v1/blocks/7", "/V1/blocks/7"}) {
        const auto response = get(path);
        EXPECT_EQ(response.status, 404U) << path;
        EXPECT_EQ(response.header("content-type"), "application/problem+json");
    }
}

TEST_F(RouterTest, names_the_methods_there_are) {
    add("GET", "/x/{id}");
    add("DELETE", "/x/{id}");
    add("POST", "/x/word");
    serve();
    const auto response = ask("PUT", "/x/1");
    EXPECT_EQ(response.status, 405U);
    EXPECT_EQ(response.header("allow"), "DELETE, GET, HEAD, OPTIONS");
    EXPECT_EQ(ask("OPTIONS", "/x/1").status, 204U);
    EXPECT_EQ(ask("OPTIONS", "/x/1").header("allow"), "DELETE, GET, HEAD, OPTIONS");
    EXPECT_EQ(ask("OPTIONS", "/y").status, 404U);
    EXPECT_EQ(ask("DELETE", "/x/word").header("allow"), "OPTIONS, POST") << "the word is there, whatever the method";
    EXPECT_EQ(ask("HEAD", "/x/1").status, 200U);
    transport::test::Peer peer(server->port());
    ASSERT_TRUE(peer.send("OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    EXPECT_TRUE(peer.read_all().starts_with("HTTP/1.1 204 "));
}

TEST_F(RouterTest, words_errors_in_the_format_of_their_part) {
    router.errors_under("/orgs/{org}/fhir", [](const Error& error) {
        return HttpResponse{error_info(error.code).http_status, {}, to_bytes("outcome")};
    });
    router.add("GET", "/orgs/{org}/fhir/R4/Patient",
               [](const Request&) -> Result<HttpResponse> { return fail(ErrorCode::kForbidden, "no"); });
    serve();
    EXPECT_EQ(text(get("/orgs/a/fhir/R4/Patient")), "outcome");
    EXPECT_EQ(text(get("/orgs/a/fhir/R4/None")), "outcome");
    EXPECT_EQ(text(ask("POST", "/orgs/a/fhir/R4/Patient")), "outcome");
    EXPECT_EQ(get("/orgs/a/other").header("content-type"), "application/problem+json");
}

TEST_F(RouterTest, gives_each_request_an_id_of_its_own) {
    router.add("GET", "/id", [](const Request& request) -> Result<HttpResponse> {
        return HttpResponse{200, {}, to_bytes(request.id)};
    });
    serve();
    const auto first = get("/id");
    EXPECT_EQ(first.header("x-request-id"), text(first));
    EXPECT_NE(text(first), text(get("/id")));
    EXPECT_FALSE(get("/none").header("x-request-id").empty());
}

TEST_F(RouterTest, tells_a_stranger_nothing_of_a_fault) {
    router.add("GET", "/fault",
               [](const Request&) -> Result<HttpResponse> { return fail(ErrorCode::kCorrupt, "/var/lib/secret"); });
    router.add("GET", "/throw", [](const Request&) -> Result<HttpResponse> { throw std::runtime_error("secret"); });
    router.add_later("GET", "/forget", [](const Request&, const std::unique_ptr<Reply>&) {});
    serve();
    for (const std::string path : {"/fault", "/throw", "/forget"}) {
        const auto response = get(path);
        EXPECT_EQ(response.status, 500U);
        EXPECT_EQ(text(response).find("secret"), std::string::npos);
        EXPECT_FALSE(response.header("x-request-id").empty());
    }
}

/// Never runs what it is given.
struct DeadExecutor final : Executor {
    void post(std::function<void()> job) override { jobs.push_back(std::move(job)); }
    void parallel_for(std::size_t, const std::function<void(std::size_t)>&) override {}
    [[nodiscard]] std::size_t threads() const override { return 1; }
    std::vector<std::function<void()>> jobs;
};

struct KeptAnswer final : transport::Responder {
    explicit KeptAnswer(std::vector<HttpResponse>& kept_in) : kept(kept_in) {}
    void send(HttpResponse response) override { kept.push_back(std::move(response)); }
    std::shared_ptr<transport::ResponseStream> stream(HttpResponse, std::string) override { return nullptr; }
    std::vector<HttpResponse>& kept;
};

TEST_F(RouterTest, turns_requests_away_when_too_many_wait) {
    // What waits answers through the router when it is dropped: the executor goes first.
    std::vector<HttpResponse> answers;
    std::optional<Router> full;
    DeadExecutor dead;
    full.emplace(Router::Parts{dead, random, clock, metrics, 2});
    full->add("GET", "/x", [](const Request&) -> Result<HttpResponse> { return HttpResponse{}; });
    const auto ask_it = [&] { full->handler()({"GET", "/x", {}, {}, {}}, std::make_unique<KeptAnswer>(answers)); };
    for (int i = 0; i < 3; ++i) ask_it();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].status, 503U);
    EXPECT_EQ(answers[0].header("retry-after"), "1");
    for (const auto& job : dead.jobs) job();
    ask_it();
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[1].status, 200U);
}

TEST_F(RouterTest, keeps_threads_for_who_does_not_wait_for_the_chain) {
    std::vector<HttpResponse> answers;
    std::optional<Router> kept;
    DeadExecutor dead;
    Router::Parts parts{dead, random, clock, metrics};
    parts.waiters_max = 2;
    kept.emplace(parts);
    const Handle answer = [](const Request&) -> Result<HttpResponse> { return HttpResponse{}; };
    kept->add("POST", "/x", answer, {.waits = true});
    kept->add("GET", "/x", answer);
    const auto ask_it = [&](const std::string& method) {
        kept->handler()({method, "/x", {}, {}, {}}, std::make_unique<KeptAnswer>(answers));
    };
    for (int i = 0; i < 5; ++i) ask_it("POST");
    EXPECT_EQ(dead.jobs.size(), 2U);
    ask_it("GET");
    ASSERT_EQ(dead.jobs.size(), 3U);
    dead.jobs[2]();
    EXPECT_EQ(answers.size(), 1U);
    // Whoever is done takes what has queued up.
    dead.jobs[0]();
    EXPECT_EQ(answers.size(), 5U);
    dead.jobs[1]();
    EXPECT_EQ(answers.size(), 6U);
    ask_it("POST");
    EXPECT_EQ(dead.jobs.size(), 4U);
}

TEST_F(RouterTest, answers_at_once_what_never_blocks) {
    std::vector<HttpResponse> answers;
    std::optional<Router> full;
    DeadExecutor dead;
    full.emplace(Router::Parts{dead, random, clock, metrics, 1});
    const Handle answer = [](const Request&) -> Result<HttpResponse> { return HttpResponse{}; };
    full->add("GET", "/x", answer);
    full->add("GET", "/health", answer, {.at_once = true});
    const auto ask_it = [&](const std::string& path) {
        full->handler()({"GET", path, {}, {}, {}}, std::make_unique<KeptAnswer>(answers));
    };
    ask_it("/x");
    EXPECT_TRUE(answers.empty());
    ask_it("/health");
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].status, 200U);
}

TEST_F(RouterTest, takes_a_large_body_only_where_a_route_does) {
    const Handle size = [](const Request& request) -> Result<HttpResponse> {
        return HttpResponse{200, {}, to_bytes(std::to_string(request.http.body.size()))};
    };
    router.add("POST", "/large", size, {.large_body = true});
    router.add("POST", "/small", size);
    serve();
    const std::string most(kBodyBytesMax, 'a');
    EXPECT_EQ(text(ask("POST", "/small", {}, most)), "65536");
    EXPECT_EQ(text(ask("POST", "/large", {}, most + "a")), "65537");
    for (const std::string path : {"/small", "/none"}) {
        const auto refused = ask("POST", path, {}, most + "a");
        EXPECT_EQ(refused.status, 413U) << path;
        EXPECT_EQ(refused.header("content-type"), "application/problem+json");
        EXPECT_FALSE(refused.header("x-request-id").empty());
    }
}

TEST_F(RouterTest, counts_by_route_and_never_by_what_a_client_invents) {
    add("GET", "/v1/blocks/{height}");
    serve();
    (void)get("/v1/blocks/4711");
    (void)get("/secret-path");
    (void)ask("FROBNICATE", "/v1/blocks/4711");
    const auto text = metrics.text();
    EXPECT_NE(text.find(R"(salus_http_requests_total{method="GET",route="/v1/blocks/{height}",status="200"} 1)"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(route="none",status="404"} 1)"), std::string::npos);
    EXPECT_NE(text.find(R"(method="other",route="/v1/blocks/{height}",status="405"} 1)"), std::string::npos);
    for (const std::string_view secret : {"4711", "secret", "FROB", "127.0.0.1"})
        EXPECT_EQ(text.find(secret), std::string::npos) << secret;
}

}  // namespace
}  // namespace salus::network
