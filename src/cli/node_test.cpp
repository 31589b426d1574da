#include "node/node.hpp"

#include <gtest/gtest.h>

#include "cli/api.hpp"
#include "cli/test_program.hpp"

/// The program against a node in this process: what it takes, refuses, and cannot run.
namespace salus::cli {
namespace {

TEST(Init, MakesANodeOnceAndOnlyWhereItMay) {
    const testing::TestDirectory files;
    const Ran made = run_program({"init", "--json", "--dir", files.at("net"), "--org", "a:hospital:Saint Anna:DE"});
    ASSERT_EQ(made.exit, kExitGood) << made;
    EXPECT_EQ(made.json().at("ok"), true);
    EXPECT_EQ(run_program({"init", "--dir", files.at("net"), "--demo"}).exit, kExitRefused) << "there is one already";
    for (const char* bad : {"a", "a:hospital", "a:castle:Saint Anna"}) {
        const Ran ran = run_program({"init", "--dir", files.at("other"), "--org", bad});
        EXPECT_EQ(ran.exit, kExitUsage) << bad << ran;
    }
    EXPECT_EQ(run_program({"init", "--dir", files.at("other")}).exit, kExitUsage) << "a network has an organisation";
    EXPECT_EQ(run_program({"init", "--dir", files.at("other"), "--mode", "secret", "--demo"}).exit, kExitUsage);
    EXPECT_FALSE(std::filesystem::exists(files.at("other/node.toml")));
    // Not even root makes a folder below a file.
    const Ran unwritable = run_program({"init", "--dir", files.write("file", "") + "/net", "--demo"});
    EXPECT_EQ(unwritable.exit, kExitCannotRun) << unwritable;
    EXPECT_TRUE(unwritable.says("file is not a folder")) << unwritable;
}

struct NodeTest : ::testing::Test {
    static void SetUpTestSuite() { shared = new TestNode; }
    static void TearDownTestSuite() { delete std::exchange(shared, nullptr); }
    static TestNode* shared;

    static Ran at_node(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--node", shared->node->url(), "--json"});
        return run_program(arguments);
    }
    static Ran as(std::string_view slug, std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--as", shared->organisation(slug)});
        return at_node(std::move(arguments));
    }
    static std::string put(std::string_view slug, std::string_view resource) {
        const Ran ran = as(slug, {"record", "put", shared->files.write("resource.json", resource)});
        EXPECT_EQ(ran.exit, kExitGood) << ran;
        return ran.text("reference");
    }
    static std::string credential(std::string_view slug, const char* name, const char* role) {
        const std::string file = shared->files.at(std::string(name) + ".staff");
        const Ran ran = run_program({"org", "staff", "--as", shared->organisation(slug), "--name", name, "--role", role,
                                     "--id", std::string("urn:staff|") + name, "--out", file});
        EXPECT_EQ(ran.exit, kExitGood) << ran;
        return file;
    }
    /// Passed, by as many members as it needs.
    static std::string vote_through(std::vector<std::string> proposal) {
        Ran ran = as("regulator", std::move(proposal));
        const std::string id = ran.text("proposal");
        for (const char* member : {"hospital-a", "hospital-b"})
            if (ran.text("status") == "open") ran = as(member, {"org", "vote", id});
        EXPECT_EQ(ran.text("status"), "passed") << ran;
        return id;
    }
    static std::string token(std::string_view slug) {
        const Ran ran = as(slug, {"keys", "token"});
        EXPECT_EQ(ran.exit, kExitGood) << ran;
        return ran.text("access_token");
    }
};
TestNode* NodeTest::shared = nullptr;

TEST_F(NodeTest, ASecondNodeOnOneFolderDoesNotRun) {
    const Ran second = run_program({"node", "--dir", shared->folder(), "--listen", "127.0.0.1:0"});
    EXPECT_EQ(second.exit, kExitCannotRun) << second;
    EXPECT_TRUE(second.says("locked")) << second;
    EXPECT_TRUE(second.says(shared->folder())) << second;
    EXPECT_EQ(run_program({"check", "--dir", shared->folder()}).exit, kExitCannotRun)
        << "nor does what wants it stopped";
    EXPECT_EQ(run_program({"ledger", "export", "--dir", shared->folder(), "--out", shared->files.at("x")}).exit,
              kExitCannotRun);
    EXPECT_EQ(at_node({"ledger", "status"}).exit, kExitGood) << "the first goes on";
}

TEST_F(NodeTest, APortInUseIsNamed) {
    const testing::TestDirectory files;
    ASSERT_EQ(run_program({"init", "--dir", files.at("net"), "--org", "a:hospital:Saint Anna"}).exit, kExitGood);
    const std::string address = shared->node->url().substr(std::string_view("http://").size());
    const Ran ran = run_program({"node", "--dir", files.at("net"), "--listen", address});
    EXPECT_EQ(ran.exit, kExitCannotRun) << ran;
    EXPECT_TRUE(ran.says(address.substr(address.rfind(':') + 1))) << ran;
    EXPECT_EQ(run_program({"check", "--dir", files.at("net")}).exit, kExitGood) << "it let its folder go";
    std::filesystem::remove(files.at("net/orgs/a/passphrase"));
    const Ran without = run_program({"check", "--dir", files.at("net")});
    EXPECT_EQ(without.exit, kExitCannotRun) << "nothing was checked: " << without;
    EXPECT_TRUE(without.says("passphrase")) << without;
}

TEST_F(NodeTest, AConfigNamesAllItsMistakes) {
    const testing::TestDirectory files;
    ASSERT_EQ(run_program({"init", "--dir", files.at("net"), "--org", "a:hospital:Saint Anna"}).exit, kExitGood);
    (void)files.write("net/node.toml",
                      "listen = \"0.0.0.0:80\"\nworkers = 0\ncolour = \"blue\"\n[[organisation]]\nslug = \"A B\"\n");
    const Ran ran = run_program({"node", "--dir", files.at("net")});
    EXPECT_EQ(ran.exit, kExitUsage) << ran;
    for (const char* mistake :
         {"6 mistakes", "listen", "workers", "colour is not a setting (line 3)", "slug", "account", "public_url"})
        EXPECT_TRUE(ran.says(mistake)) << mistake << "\n" << ran;
}

TEST_F(NodeTest, AnotherGenesisOrKeyDoesNotRun) {
    const testing::TestDirectory files;
    for (const char* name : {"one", "two"})
        ASSERT_EQ(run_program({"init", "--dir", files.at(name), "--org", "a:hospital:Saint Anna"}).exit, kExitGood);
    namespace fs = std::filesystem;
    fs::copy_file(files.at("two/orgs/a/passphrase"), files.at("one/orgs/a/passphrase"),
                  fs::copy_options::overwrite_existing);
    const Ran locked_out = run_program({"node", "--dir", files.at("one"), "--listen", "127.0.0.1:0"});
    EXPECT_EQ(locked_out.exit, kExitRefused) << locked_out;
    fs::copy_file(files.at("one/genesis"), files.at("two/genesis"), fs::copy_options::overwrite_existing);
    const Ran foreign = run_program({"node", "--dir", files.at("two"), "--listen", "127.0.0.1:0"});
    EXPECT_NE(foreign.exit, kExitGood) << foreign;
}

TEST_F(NodeTest, ShowsTheChainAndSaysWhatIsNotThere) {
    put("hospital-a", R"({"resourceType":"Organization","name":"Saint Anna"})");
    EXPECT_EQ(at_node({"ledger", "block", "latest"}).exit, kExitGood);
    EXPECT_EQ(at_node({"ledger", "block", "1"}).exit, kExitGood);
    EXPECT_EQ(at_node({"ledger", "block", "1000000"}).exit, kExitRefused);
    EXPECT_EQ(at_node({"ledger", "block", "high"}).exit, kExitUsage);
    const std::string unknown(64, '0');
    EXPECT_EQ(at_node({"ledger", "tx", unknown}).exit, kExitRefused);
    EXPECT_EQ(at_node({"ledger", "receipt", unknown}).exit, kExitRefused);
    EXPECT_EQ(at_node({"ledger", "tx", "no id"}).exit, kExitUsage);
    const std::string kept = shared->files.at("mine.checkpoint");
    EXPECT_EQ(at_node({"ledger", "checkpoint", "--out", kept}).exit, kExitGood);
    EXPECT_TRUE(std::filesystem::exists(kept));
    EXPECT_EQ(at_node({"ledger", "checkpoint", "--out", "/proc/none/file"}).exit, kExitCannotRun);
    const Ran listed = at_node({"org", "list"});
    EXPECT_EQ(listed.exit, kExitGood);
    EXPECT_TRUE(listed.says("hospital-b"));
}

TEST_F(NodeTest, AResourceIsReplacedOnlyByWhoHasSeenItsVersion) {
    const std::string reference = put("hospital-a", R"({"resourceType":"Organization","name":"One"})");
    const std::string id = reference.substr(reference.find('/') + 1);
    const std::string second =
        shared->files.write("second.json", R"({"resourceType":"Organization","id":")" + id + R"(","name":"Two"})");
    EXPECT_EQ(as("hospital-a", {"record", "put", second, "--if-match", "1"}).text("version"), "2");
    const std::string third =
        shared->files.write("third.json", R"({"resourceType":"Organization","id":")" + id + R"(","name":"Three"})");
    const Ran late = as("hospital-a", {"record", "put", third, "--if-match", "1"});
    EXPECT_EQ(late.exit, kExitRefused) << late;
    EXPECT_EQ(late.text("error"), "fhir-version");
    EXPECT_TRUE(as("hospital-a", {"record", "get", reference}).says("Two"));
    EXPECT_EQ(as("hospital-a", {"record", "get", reference + "/_history/9"}).exit, kExitRefused);
    EXPECT_EQ(as("hospital-a", {"record", "put", shared->files.write("bad.json", "{\"resourceType\":")}).exit,
              kExitUsage);
    const std::string proof = shared->files.at("one.proof");
    ASSERT_EQ(as("hospital-a", {"record", "proof", reference, "--out", proof}).exit, kExitGood);
    EXPECT_EQ(run_program({"verify", proof}).exit, kExitGood);
    EXPECT_EQ(run_program({"verify", proof, "--network", std::string(64, '1')}).exit, kExitRefused);
}

TEST_F(NodeTest, ATransactionWithOneBadEntryIsNamedAndStoresNothing) {
    const std::string bundle = R"({"resourceType":"Bundle","type":"transaction","entry":[)"
                               R"({"resource":{"resourceType":"Organization","name":"Kept Nowhere"},)"
                               R"("request":{"method":"POST","url":"Organization"}},)"
                               R"({"resource":{"resourceType":"Observation","status":"final"},)"
                               R"("request":{"method":"POST","url":"Observation"}}]})";
    const Ran before = as("hospital-b", {"record", "search", "Organization?_count=100"});
    const Ran ran = as("hospital-b", {"record", "import", shared->files.write("bundle.json", bundle)});
    EXPECT_EQ(ran.exit, kExitRefused) << ran;
    EXPECT_TRUE(ran.says("Bundle.entry[1]")) << ran;
    EXPECT_TRUE(ran.says("bundle.json")) << ran;
    EXPECT_EQ(as("hospital-b", {"record", "search", "Organization?_count=100"}).out, before.out);
}

TEST_F(NodeTest, ATokenOfOneOrganisationIsNothingAtAnothersBase) {
    const std::string reference = put("hospital-a", R"({"resourceType":"Organization","name":"Saint Anna"})");
    Api api = Api::connect(shared->node->url(), nullptr).value();
    const auto get = [&](const std::string& path) {
        const auto answer = api.call("GET", path);
        return answer ? ErrorCode::kOk : answer.error().code;
    };
    api.set_token(token("hospital-a"));
    EXPECT_EQ(get("/orgs/hospital-a/fhir/R4/" + reference), ErrorCode::kOk);
    for (const std::string& path : {"/fhir/R4/" + reference, std::string("/audit"), std::string("/breakglass")})
        EXPECT_EQ(get("/orgs/hospital-b" + path), ErrorCode::kUnauthenticated) << path;
    EXPECT_EQ(get("/orgs/nobody/fhir/R4/" + reference), ErrorCode::kNotFound);
    api.set_token("");
    EXPECT_EQ(get("/orgs/hospital-a/fhir/R4/" + reference), ErrorCode::kUnauthenticated);
    const Ran lent = as("hospital-a", {"record", "get", reference, "--org", "hospital-b"});
    EXPECT_EQ(lent.exit, kExitRefused) << "nor does its key log in there: " << lent;
}

TEST_F(NodeTest, AnIdOfOneOrganisationIsNothingAtAnothersBase) {
    const std::string theirs = put("hospital-a", R"({"resourceType":"Organization","name":"Saint Anna"})");
    const std::string nobodys = "Organization/00000000-0000-4000-8000-000000000000";
    const Ran one = as("hospital-b", {"record", "get", theirs});
    const Ran other = as("hospital-b", {"record", "get", nobodys});
    EXPECT_EQ(one.exit, kExitRefused) << one;
    EXPECT_EQ(one.text("error"), "not-found");
    EXPECT_EQ(one.text("error"), other.text("error"));
    EXPECT_EQ(as("hospital-b", {"record", "history", theirs}).exit, kExitRefused);
}

TEST_F(NodeTest, ToAReaderRefusedAndUnknownAreOne) {
    const std::string patient =
        put("hospital-a", R"({"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"77"}]})");
    const std::string staff = shared->files.at("nora.staff");
    ASSERT_EQ(run_program({"org", "staff", "--as", shared->organisation("hospital-b"), "--name", "Nora Weiss", "--role",
                           "physician", "--id", "urn:staff|7", "--out", staff})
                  .exit,
              kExitGood);
    const auto read = [&](const char* identifier) {
        return as("hospital-b", {"read", "--staff", staff, "--from", "hospital-a", "--patient", identifier, "--out",
                                 shared->files.at("nothing")});
    };
    const Ran refused = read("urn:mrn|77");
    const Ran unknown = read("urn:mrn|78");
    EXPECT_EQ(refused.exit, kExitRefused) << refused;
    EXPECT_EQ(refused.text("error"), "read-refused");
    EXPECT_EQ(refused.out, unknown.out);
    EXPECT_EQ(refused.err, unknown.err);
    EXPECT_FALSE(std::filesystem::exists(shared->files.at("nothing")));
}

TEST_F(NodeTest, WhoIsNotAllowedIsTold) {
    const std::string patient = put("hospital-a", R"({"resourceType":"Patient"})");
    const std::string id = patient.substr(patient.find('/') + 1);
    EXPECT_EQ(as("hospital-a", {"audit", "org", "--patient", id}).exit, kExitGood);
    EXPECT_EQ(as("hospital-a", {"audit", "org", "--patient", "nobody"}).exit, kExitRefused);
    EXPECT_EQ(as("hospital-a", {"consent", "revoke", std::string(32, '0')}).exit, kExitRefused);
    const Ran no_offer = as("hospital-a", {"patient", "bind", id, "--offer", shared->files.write("offer", "no offer")});
    EXPECT_EQ(no_offer.exit, kExitRefused) << "what the node cannot take is no wrong usage: " << no_offer;
    EXPECT_EQ(at_node({"org", "vote", "nonsense", "--as", shared->organisation("payer")}).exit, kExitUsage);
    EXPECT_EQ(at_node({"org", "vote", std::string(64, '0'), "--as", shared->organisation("payer")}).exit, kExitRefused);
    EXPECT_EQ(at_node({"org", "parameter", "colour", "1", "--as", shared->organisation("payer")}).exit, kExitUsage);
}

TEST_F(NodeTest, KeysAreRotatedWithoutAGapInReading) {
    const std::string patient = put("hospital-a", R"({"resourceType":"Patient"})");
    const std::string id = patient.substr(patient.find('/') + 1);
    const std::string registrar = credential("hospital-a", "Ruth", "registrar");
    const Ran consent = as("hospital-a", {"consent", "attest", id, "--staff", registrar, "--to", "hospital-b", "--for",
                                          "1h", "--paper", shared->files.write("form", "signed")});
    ASSERT_EQ(consent.exit, kExitGood) << consent;
    const std::string referral = shared->files.at("referral");
    ASSERT_EQ(as("hospital-a", {"patient", "referral", id, "--staff", registrar, "--grant", consent.text("grant"),
                                "--for", "2h", "--out", referral})
                  .exit,
              kExitGood);
    const std::string physician = credential("hospital-b", "Jonas", "physician");
    const auto read = [&] {
        return as("hospital-b",
                  {"read", "--staff", physician, "--referral", referral, "--out", shared->files.at("read")});
    };
    const auto restart = [&] {
        shared->node.reset();
        shared->start();
    };
    ASSERT_EQ(read().exit, kExitGood) << read();
    const Ran before = run_program({"keys", "show", "--json", "--as", shared->organisation("hospital-b")});
    const auto next_key = [] {
        return run_program({"org", "next-keys", "--json", "--as", shared->organisation("hospital-b")}).text("key");
    };
    const std::string voted = next_key();

    const Ran begun = as("hospital-b", {"org", "rotate-keys"});
    ASSERT_EQ(begun.exit, kExitGood) << begun;
    EXPECT_EQ(as("hospital-b", {"org", "rotate-keys"}).exit, kExitRefused) << "the one under way comes first";
    const Ran early = as("hospital-b", {"org", "rotate-keys", "--finish"});
    EXPECT_EQ(early.text("error"), "conflict") << "the node signs with the old key: " << early;
    EXPECT_NE(next_key(), begun.text("key")) << "what a recovery would be voted on is no rotation's";
    EXPECT_EQ(read().exit, kExitGood) << "by the old keys: " << read();
    restart();
    EXPECT_EQ(read().exit, kExitGood) << "signed by the new key, sealed to the old: " << read();
    const Ran finished = as("hospital-b", {"org", "rotate-keys", "--finish"});
    ASSERT_EQ(finished.exit, kExitGood) << finished;
    EXPECT_EQ(finished.text("retired"), before.text("sign"));
    EXPECT_EQ(as("hospital-b", {"org", "rotate-keys", "--finish"}).exit, kExitRefused) << "nothing to finish";
    const std::string late = credential("hospital-b", "Late", "physician");
    const auto read_late = [&] {
        return as("hospital-b", {"read", "--staff", late, "--referral", referral, "--out", shared->files.at("read")});
    };
    EXPECT_EQ(read_late().exit, kExitGood) << "by the new keys: " << read_late();
    restart();
    EXPECT_EQ(read_late().exit, kExitGood) << "the old ones are gone: " << read_late();
    const Ran after = run_program({"keys", "show", "--json", "--as", shared->organisation("hospital-b")});
    EXPECT_EQ(after.text("account"), before.text("account"));
    EXPECT_EQ(after.text("sign"), begun.text("key"));
    EXPECT_EQ(after.text("seal"), begun.text("seal"));
    EXPECT_NE(after.text("seal"), before.text("seal"));
    EXPECT_EQ(next_key(), voted);
}

TEST_F(NodeTest, ARecoveryWaitsAndItsOrganisationMayStopItOnce) {
    const std::string folder = shared->organisation("payer");
    const auto execute = [&](const std::string& proposal) {
        return as("regulator", {"org", "execute-recovery", proposal, "--new", folder});
    };
    EXPECT_EQ(execute(std::string(64, '0')).exit, kExitRefused) << "no next keys yet";
    const Ran next = run_program({"org", "next-keys", "--json", "--as", folder});
    ASSERT_EQ(next.exit, kExitGood) << next;
    EXPECT_EQ(run_program({"org", "next-keys", "--json", "--as", folder}).text("key"), next.text("key"));
    const std::string account = next.text("account");
    EXPECT_EQ(execute(std::string(64, '0')).text("error"), "identity-no-recovery");
    EXPECT_EQ(execute("nonsense").exit, kExitUsage);

    const std::string first = vote_through({"org", "recover", account, "--new-key", next.text("key")});
    EXPECT_EQ(execute(first).text("error"), "identity-waiting") << execute(first);
    EXPECT_EQ(as("hospital-a", {"org", "stop-recovery", first}).text("error"), "identity-owner");
    const Ran stopped = as("payer", {"org", "stop-recovery", first});
    EXPECT_EQ(stopped.exit, kExitGood) << stopped;
    EXPECT_EQ(execute(first).text("error"), "identity-recovery-over") << execute(first);

    const std::string second = vote_through({"org", "recover", account, "--new-key", next.text("key")});
    EXPECT_EQ(as("payer", {"org", "stop-recovery", second}).text("error"), "identity-stop-used");
    EXPECT_EQ(execute(second).text("error"), "identity-waiting");
}

TEST_F(NodeTest, AnOrganisationRegistersAndSuspendsItsDevices) {
    Bytes der{0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
    der.resize(der.size() + 32, 7);
    const std::string pem = "-----BEGIN PRIVATE KEY-----\n" + to_base64(der) + "\n-----END PRIVATE KEY-----\n";
    const std::string key = shared->files.write("fridge.pem", pem);
    const auto add = [&](const char* kind, const std::string& file) {
        return as("hospital-a", {"org", "register", "Fridge 7", "--kind", kind, "--key", file});
    };
    EXPECT_EQ(add("castle", key).exit, kExitUsage);
    EXPECT_EQ(add("device", shared->files.write("other.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n")).exit, kExitUsage);
    const Ran added = add("device", key);
    ASSERT_EQ(added.exit, kExitGood) << added;
    EXPECT_EQ(add("device", key).text("error"), "identity-exists");
    const std::string account = added.text("account");
    EXPECT_TRUE(account.starts_with("salusdev1")) << account;
    const auto set = [&](std::string_view slug, const char* status) {
        return as(slug, {"org", "set-status", account, status});
    };
    EXPECT_EQ(set("hospital-b", "suspended").text("error"), "identity-owner");
    EXPECT_EQ(set("hospital-a", "suspended").exit, kExitGood);
    EXPECT_EQ(set("hospital-a", "suspended").text("error"), "identity-no-change");
    EXPECT_EQ(set("hospital-a", "active").exit, kExitGood);
    EXPECT_EQ(set("hospital-a", "broken").exit, kExitUsage);
    EXPECT_EQ(as("hospital-a", {"org", "set-status", "salusorg1nonsense", "active"}).exit, kExitUsage);
}

TEST_F(NodeTest, AWalletTellsItsOwnListFromAnothers) {
    const std::string passphrase = shared->files.write("passphrase", "correct horse\n");
    const std::string registrar = credential("hospital-a", "Rita", "registrar");
    const auto wallet = [&](const std::string& name) {
        const std::string file = shared->files.at(name);
        EXPECT_EQ(run_program({"keys", "wallet", "--wallet", file, "--passphrase-file", passphrase}).exit, kExitGood);
        const std::string patient = put("hospital-a", R"({"resourceType":"Patient"})");
        const std::string offer = shared->files.at(name + ".offer");
        EXPECT_EQ(at_node({"patient", "offer", "--wallet", file, "--passphrase-file", passphrase, "--at", "hospital-a",
                           "--out", offer})
                      .exit,
                  kExitGood);
        const Ran bound = as("hospital-a", {"patient", "bind", patient.substr(patient.find('/') + 1), "--staff",
                                            registrar, "--offer", offer});
        EXPECT_EQ(bound.exit, kExitGood) << bound;
        const Ran listed = at_node({"audit", "patient", "--wallet", file, "--passphrase-file", passphrase, "--at",
                                    "hospital-a", "--out", file + ".proof"});
        EXPECT_EQ(listed.exit, kExitGood) << listed;
        return file;
    };
    const std::string mary = wallet("mary");
    const std::string john = wallet("john");
    const auto verify = [&](const std::string& proof, const std::string& by) {
        return run_program({"verify", proof, "--wallet", by, "--passphrase-file", passphrase});
    };
    const Ran own = verify(mary + ".proof", mary);
    EXPECT_EQ(own.exit, kExitGood) << own;
    EXPECT_TRUE(own.says("by the keys that this wallet keeps of hospital-a")) << own;
    const Ran others = verify(john + ".proof", mary);
    EXPECT_EQ(others.exit, kExitRefused) << others;
    EXPECT_TRUE(others.says("no list of this wallet's")) << others;
    const std::string fresh = shared->files.at("fresh");
    ASSERT_EQ(run_program({"keys", "wallet", "--wallet", fresh, "--passphrase-file", passphrase}).exit, kExitGood);
    EXPECT_EQ(verify(mary + ".proof", fresh).exit, kExitRefused) << "it has seen no network yet";
    const Ran elsewhere = run_program({"verify", mary + ".proof", "--wallet", mary, "--passphrase-file", passphrase,
                                       "--network", std::string(64, '0')});
    EXPECT_EQ(elsewhere.exit, kExitRefused) << elsewhere;
    EXPECT_TRUE(elsewhere.says("has seen no block of that network")) << elsewhere;
}

}  // namespace
}  // namespace salus::cli
