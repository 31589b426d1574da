#!/usr/bin/env python3
"""Each rule of check_layering.py refuses a made-up tree that breaks it, and accepts the nearest one that does not."""

import pathlib
import tempfile
import unittest

import check_layering

MODULES = """
salus_module(base PACKAGES fmt::fmt)
salus_module(crypto DEPS base PACKAGES OpenSSL::Crypto TEST_DEPS execution)
salus_module(model DEPS crypto base)  # base said too: what crypto stands on is not handed on
salus_module(execution
             DEPS model)
salus_module(node DEPS execution)
"""


class Layering(unittest.TestCase):
    def offences(self, path, text, modules=MODULES):
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root) / "src" / path
            file.parent.mkdir(parents=True)
            (pathlib.Path(root) / "src/CMakeLists.txt").write_text(modules)
            file.write_text(text)
            return check_layering.check(root)

    def refused(self, path, text, says, **more):
        found = self.offences(path, text, **more)
        self.assertEqual(len(found), 1, f"{path}: {text!r} gave {found}")
        self.assertIn(says, found[0])
        return found[0]

    def accepted(self, path, text, **more):
        self.assertEqual(self.offences(path, text, **more), [], f"{path}: {text!r}")

    def test_includes_of_what_stands_below_are_accepted(self):
        self.accepted("model/a.cpp", '#include "model/a.hpp"\n#include "crypto/hash.hpp"\n#include <vector>\n')
        self.accepted("model/a.cpp", '#include "base/bytes.hpp"\n')

    def test_upward_and_undeclared_includes_are_refused(self):
        found = self.refused("base/a.cpp", '\n#include "model/block.hpp"\n', "base includes model/block.hpp")
        self.assertTrue(found.startswith("src/base/a.cpp:2:"), found)
        self.refused("base/a.cpp", "#include <model/block.hpp>\n", "base includes")
        self.refused("crypto/a.cpp", ' # include "execution/engine.hpp"\n', "crypto includes")  # a TEST_DEPS is for tests only
        self.refused("model/a.cpp", '#include "block.hpp"\n', "names no module")
        self.refused("execution/a.cpp", '#include "crypto/hash.hpp"\n', "execution includes")  # model may, execution did not say so

    def test_relative_includes_are_refused(self):
        self.refused("model/a.cpp", '#include "../base/bytes.hpp"\n', "relative include")
        self.refused("model/a.cpp", '#include "model/../base/bytes.hpp"\n', "relative include")
        self.refused("model/a.cpp", '#include "./a.hpp"\n', "relative include")

    def test_a_folder_that_no_module_declares_is_refused(self):
        self.refused("extra/a.cpp", "int a();\n", "src/extra is no module")

    def test_declarations_above_the_design_are_refused(self):
        self.refused("base/a.cpp", "", "execution stands on store", modules="salus_module(base)\nsalus_module(store DEPS base)\n"
                     "salus_module(execution DEPS store)\n")
        self.refused("base/a.cpp", "", "no layer plugins", modules="salus_module(base)\nsalus_module(plugins DEPS base)\n")

    def test_test_helpers_are_exempt_and_for_tests_only(self):
        helpers = "salus_module(base)\nsalus_module(testing DEPS base)\n"
        self.accepted("testing/a.hpp", "std::thread worker;", modules=helpers)
        self.accepted("base/test_vectors.hpp", "#include <boost/json.hpp>\n")
        self.refused("base/a.cpp", "", "crypto stands on testing", modules=helpers + "salus_module(crypto DEPS testing)\n")

    def test_clocks_outside_node_are_refused(self):
        for text in ("auto t = std::chrono::steady_clock::now();", "auto t = Clock::now ();", "auto t = ::time(&x);",
                     "auto t = std::time(nullptr);", "auto t = time(0);", "clock_gettime(CLOCK_REALTIME, &x);"):
            self.refused("model/a.cpp", text, "a clock")
            self.accepted("node/a.cpp", text)
            self.accepted("model/a_test.cpp", text)
            self.accepted("model/testing/a.cpp", text)
        self.accepted("model/a.cpp", "auto t = clock.now(); auto u = block_time(0); auto v = runtime(x);")

    def test_randomness_outside_node_is_refused(self):
        for text in ("std::random_device seed;", "getrandom(p, n, 0);", "randombytes_buf(p, n);", "RAND_bytes(p, n);",
                     "int a = rand();", "srand(1);"):
            self.refused("crypto/a.cpp", text, "randomness")
            self.accepted("node/a.cpp", text)
        self.accepted("crypto/a.cpp", "auto b = random.bytes(32); auto c = operand(1);")

    def test_threads_and_sleeps_outside_node_are_refused(self):
        for text in ("std::thread worker(f);", "std::jthread worker(f);", "auto f = std::async(g);", "asio::thread_pool pool;"):
            self.refused("execution/a.cpp", text, "a thread")
            self.accepted("node/a.cpp", text)
        for text in ("std::this_thread::sleep_for(t);", "usleep(5);", "sleep(1);", "sleep_until(t);"):
            self.refused("execution/a.cpp", text, "a sleep")
        self.accepted("execution/a.cpp", "executor.run(f); thread_local int depth;")

    def test_comments_and_literals_are_not_code(self):
        self.accepted("model/a.cpp", '// no std::thread here\n/* nor\n rand() */ auto s = "sleep(1)"; auto n = 1\'000\'000;\n'
                      'auto r = R"(getrandom)"; char c = \'"\';\n')
        self.refused("model/a.cpp", 'char c = \'"\'; int a = rand(); char d = \'"\';\n', "randomness")
        self.refused("model/a.cpp", "auto n = 1'000; int a = rand(); auto m = 2'000;\n", "randomness")

    def test_contracts_do_not_include_one_another(self):
        self.refused("execution/contracts/consent/consent.cpp", '#include "execution/contracts/identity/identity.hpp"\n',
                     "contract consent includes contract identity")
        self.accepted("execution/contracts/consent/consent.cpp", '#include "execution/contracts/consent/consent.hpp"\n'
                      '#include "execution/contract.hpp"\n')
        self.accepted("execution/registry.cpp", '#include "execution/contracts/identity/identity.hpp"\n')

    def test_heavy_packages_stay_out_of_headers(self):
        for name in ("boost/beast.hpp", "boost/beast/http.hpp", "boost/json.hpp", "rocksdb/db.h", "soci/soci.h", "spdlog/spdlog.h"):
            self.refused("model/a.hpp", f"#include <{name}>\n", "a header includes")
            self.accepted("model/a.cpp", f"#include <{name}>\n")
        self.accepted("model/a.hpp", "#include <boost/json/fwd.hpp>\n")
        self.accepted("cli/a.hpp", "#include <boost/json/object.hpp>\n", modules="salus_module(cli)\n")


if __name__ == "__main__":
    unittest.main()
